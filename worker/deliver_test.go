package worker

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/store"
)

// letter is a message for a receiver, of a thread of its own unless group says so.
func (d *desk) letter(key, receiver, group string) {
	d.t.Helper()
	at := d.now()
	d.update(func(tx *store.Tx) error {
		return tx.Enqueue([]store.Row{{
			Key: key, Receiver: receiver, GroupKey: group, Episode: at, Reason: evaluate.Fired, SendAt: at, NotAfter: at.Add(time.Hour),
			Body: fmt.Appendf(nil, `{"key":%q}`, key),
		}})
	})
}

// keys are the messages a receiver took, in the order it did.
func (b *box) keys() (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.got {
		out = append(out, m.Key)
	}
	return out
}

// tried is when the receiver was sent to, since start.
func (b *box) tried() (out []time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, at := range b.tries {
		out = append(out, at.Sub(start))
	}
	return out
}

// states are the outbox's messages: key and state.
func (d *desk) states() (out []string) {
	for _, m := range d.outbox() {
		out = append(out, m.Key+" "+string(m.State))
	}
	return out
}

// seconds lets n seconds pass, with a look into the outbox in each.
func (d *desk) seconds(c *clock, n int) {
	for range n {
		d.worker.Deliver(context.Background())
		c.pass(time.Second)
	}
}

func TestBackoffDoublesUpToTenMinutesAndJitterTakesUpToAFifth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		attempts := rapid.IntRange(0, 1000).Draw(t, "attempts")
		jitter := rapid.Float64Range(0, 1).Draw(t, "jitter")
		most := Backoff(attempts, 0)
		if got := Backoff(attempts, jitter); got > most || got < most*4/5-time.Nanosecond {
			t.Fatalf("got %s after %d attempts with jitter %f, want between 4/5 of %s and that", got, attempts, jitter, most)
		}
		if most < firstRetry || most > longestRetry {
			t.Fatalf("got %s after %d attempts, want 5 s to 10 min", most, attempts)
		}
		if attempts >= 1 && Backoff(attempts+1, 0) != min(2*most, longestRetry) {
			t.Fatalf("got %s after %d attempts and %s after one more, want twice that, or ten minutes", most, attempts, Backoff(attempts+1, 0))
		}
	})
	if got := Backoff(1, 0); got != 5*time.Second {
		t.Errorf("got %s after the first attempt, want 5 s", got)
	}
}

func TestAFailedMessageIsTriedAgainLaterAndLater(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.box["team"].fail = func(n int) error {
		if n < 4 {
			return errors.New("no answer")
		}
		return nil
	}
	d.letter("a", "team", "g")
	d.seconds(c, 60)
	tries := d.box["team"].tried()
	if len(tries) != 4 {
		t.Fatalf("got tries %v, want 4", tries)
	}
	for i, full := range []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second} {
		if wait := tries[i+1] - tries[i]; wait < full*4/5 || wait > full+time.Second {
			t.Errorf("got %s before try %d, want %s less up to a fifth", wait, i+2, full)
		}
	}
	if diff := cmp.Diff([]string{"a sent"}, d.states()); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
}

func TestRetryAfterIsObeyedOverALaterDeadlineToo(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.box["team"].fail = func(n int) error {
		if n == 1 {
			return notify.RetryAfter(90*time.Second, errors.New("answered 429"))
		}
		return nil
	}
	d.letter("a", "team", "g")
	d.seconds(c, 120)
	if diff := cmp.Diff([]time.Duration{0, 90 * time.Second}, d.box["team"].tried()); diff != "" {
		t.Errorf("tries (-want +got):\n%s", diff)
	}
	// Asked to wait longer than the message is of use, it dies at its time.
	d.box["team"].fail = func(int) error { return notify.RetryAfter(24*time.Hour, errors.New("answered 429")) }
	d.letter("b", "team", "h")
	d.seconds(c, 3)
	c.pass(time.Hour)
	d.seconds(c, 3)
	if diff := cmp.Diff([]string{"a sent", "b dead"}, d.states()); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
}

func TestAMessagePastItsTimeDiesAndAnotherReceiverHearsOfIt(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.box["team"].fail = func(int) error { return errors.New("no answer") }
	d.letter("a", "team", "g")
	for range 80 {
		d.worker.Deliver(context.Background())
		d.must("watch", 0)
		c.pass(time.Minute)
	}
	if diff := cmp.Diff([]string{"a dead"}, d.states()[:1]); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
	got := d.box["pager"].told()
	want := []string{"12:02 fired critical AlerterDeliveryFailing", "13:01 fired critical AlerterMessageDead"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the pager heard (-want +got):\n%s", diff)
	}
	lines := d.log.lines("message given up")
	if len(lines) != 1 || lines[0]["receiver"] != "team" || lines[0]["level"] != "error" {
		t.Errorf("got log lines %v, want one error about team", lines)
	}
	for _, line := range d.log.lines("the service itself") {
		if line["receiver"] != "team" || line["level"] != "warn" {
			t.Errorf("got log line %v about the service itself, want a warning that names team", line)
		}
	}
	// A death is an event: an hour after the last one it is over.
	for range 70 {
		d.worker.Deliver(context.Background())
		d.must("watch", 0)
		c.pass(time.Minute)
	}
	if diff := cmp.Diff([]string{"AlerterDeliveryFailing team"}, d.troubles()); diff != "" {
		t.Errorf("troubles (-want +got):\n%s", diff)
	}
}

func TestWhatNoRetryCanCureDiesAtOnce(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(*desk){
		"permanent": func(d *desk) {
			d.box["team"].fail = func(int) error { return notify.Permanent(errors.New("answered 404")) }
		},
		"panic": func(d *desk) { d.box["team"].fail = func(int) error { panic("channel broken") } },
		"body": func(d *desk) {
			d.update(func(tx *store.Tx) error {
				return tx.Enqueue([]store.Row{{
					Key: "a", Receiver: "team", GroupKey: "g", SendAt: start, NotAfter: start.Add(time.Hour), Body: []byte(`[]`),
				}})
			})
		},
		"removed receiver": func(d *desk) { delete(d.plan.Receivers, "team"); d.apply() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			d := newDesk(t, c.now).ready()
			d.letter("a", "team", "g")
			breakIt(d)
			d.letter("after", "team", "g")
			d.letter("other", "pager", "g")
			d.worker.Deliver(context.Background())
			if got := d.states(); got[0] != "a dead" || got[2] != "other sent" {
				t.Errorf("got %q, want the first dead and the other receiver's sent", got)
			}
			if n := d.outbox()[0].Attempts; n > 1 {
				t.Errorf("got %d attempts, want 1 at most", n)
			}
			if got, want := d.troubles(), []string{"AlerterMessageDead team"}; !cmp.Equal(got, want) {
				t.Errorf("got troubles %q, want %q", got, want)
			}
			d.must("watch", 0)
			c.pass(time.Minute)
			d.worker.Deliver(context.Background())
			if got := d.box["pager"].told(); !cmp.Equal(got, []string{"12:00 fired critical AlerterMessageDead"}) {
				t.Errorf("the pager heard %q, want that a message is dead", got)
			}
		})
	}
}

// Promise 5.
func TestOfOneGroupAReceiverHearsInOrderAndOfOthersMeanwhile(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.box["team"].fail = func(n int) error {
		if n == 1 {
			return errors.New("no answer")
		}
		return nil
	}
	for _, m := range [][2]string{{"1", "g"}, {"2", "g"}, {"3", "h"}, {"4", "g"}} {
		d.letter(m[0], "team", m[1])
	}
	d.seconds(c, 10)
	if diff := cmp.Diff([]string{"3", "1", "2", "4"}, d.box["team"].keys()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

func TestTheReceiptOfAThreadComesWithItsNextMessage(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.letter("1", "team", "g")
	d.letter("2", "team", "g")
	d.letter("3", "team", "h")
	d.worker.Deliver(context.Background())
	var got []string
	for _, m := range d.box["team"].got {
		got = append(got, "none")
		if m.Receipt != nil {
			got[len(got)-1] = m.Receipt.ID
		}
	}
	if diff := cmp.Diff([]string{"none", "1", "none"}, got); diff != "" {
		t.Errorf("receipts (-want +got):\n%s", diff)
	}
}

func TestASendThatCouldNotBeRecordedIsNotRepeatedInTheSameProcess(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.letter("a", "team", "g")
	d.letter("b", "team", "h")
	heal := breakTable(t, d.store.Path(), "UPDATE OF sent_ms", "outbox")
	d.seconds(c, 20)
	if got := d.box["team"].keys(); !cmp.Equal(got, []string{"a"}) {
		t.Fatalf("heard %q while nothing could be recorded, want a once", got)
	}
	if n := len(d.log.lines("outbox not written, nothing is sent to receiver, will retry")); n != 1 {
		t.Errorf("got %d log lines in 20 s, want one: it was said", n)
	}
	heal()
	d.seconds(c, 10)
	if diff := cmp.Diff([]map[string]any{{"receiver": "team", "failures": 4.0}}, d.log.told("outbox is written again", "receiver", "failures")); diff != "" {
		t.Errorf("log lines (-want +got):\n%s", diff)
	}
	if got := d.box["team"].keys(); !cmp.Equal(got, []string{"a", "b"}) {
		t.Errorf("heard %q, want a and b once", got)
	}
	if diff := cmp.Diff([]string{"a sent", "b sent"}, d.states()); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
}

func TestNothingIsSentThatCannotBeNotedAsBegun(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.letter("a", "team", "g")
	heal := breakTable(t, d.store.Path(), "INSERT", "deliveries")
	d.seconds(c, 10)
	if got := d.box["team"].keys(); got != nil {
		t.Fatalf("heard %q, want nothing", got)
	}
	heal()
	d.seconds(c, 10)
	if got := d.box["team"].keys(); !cmp.Equal(got, []string{"a"}) {
		t.Errorf("heard %q, want a", got)
	}
}

func TestAMessageThatIsOverdueThoughNothingFailedIsTold(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.letter("1", "team", "g")
	c.pass(stuckAfter)
	d.must("watch", 0)
	if got, want := d.troubles(), []string{"AlerterOutboxStuck "}; !cmp.Equal(got, want) {
		t.Errorf("got troubles %q, want %q", got, want)
	}
	d.seconds(c, 12)
	d.must("watch", 0)
	if got := d.troubles(); got != nil {
		t.Errorf("got troubles %q after the delivery, want none", got)
	}
}
