package worker

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/notify"
	"alerter/store"
)

// heard is what the team heard in the short story when something goes wrong from
// before the alert fires until after it is over, and what became of the messages.
func heard(t *testing.T, wrong, heal func(*desk)) (*desk, []notify.Message, []string) {
	t.Helper()
	_, fires, resolves := cleanStory(t)
	d, c := newShortStory(t)
	d.must(limitsJob, 0)
	for i := range storyLength {
		if i == fires {
			wrong(d)
		}
		if i == resolves+1 {
			heal(d)
		}
		d.cycle(c)
	}
	return d, d.box["team"].got, d.story().Outbox
}

func TestAnAlertThatEndsWhileItsReceiverIsDownIsToldOnceAsItsEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail error
		late bool
	}{
		"it may have heard":  {errors.New("connection reset"), false},
		"it surely has not":  {notify.RetryAfter(time.Second, errors.New("answered 429")), true},
		"it said nothing":    {context.DeadlineExceeded, false},
		"it says come later": {notify.RetryAfter(20*time.Minute, errors.New("answered 429")), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, got, states := heard(t,
				func(d *desk) { d.box["team"].fail = func(int) error { return c.fail } },
				func(d *desk) { d.box["team"].fail = nil; d.apply() }) // a reload ends a rest
			if diff := cmp.Diff([]string{"fired superseded", "resolved sent"}, states); diff != "" {
				t.Errorf("outbox (-want +got):\n%s", diff)
			}
			if len(got) != 1 || len(got[0].Items) != 1 || got[0].Items[0].Late != c.late {
				t.Fatalf("heard %+v, want one message, late %v", got, c.late)
			}
			m := d.outbox()
			if m[0].SupersededBy != m[1].ID || got[0].Key != m[1].Key {
				t.Errorf("got superseded by %d, heard %s, want message %d, %s", m[0].SupersededBy, got[0].Key, m[1].ID, m[1].Key)
			}
		})
	}
}

// A crash leaves an attempt without an end: the receiver may have heard, and must
// be told that it is over.
func TestWhatACrashInterruptedMayHaveBeenHeard(t *testing.T) {
	t.Parallel()
	_, fires, resolves := cleanStory(t)
	d, c := newShortStory(t)
	d.must(limitsJob, 0)
	for i := range storyLength {
		if i > fires && i <= resolves { // nothing is sent while the alert fires but this
			c.pass(time.Minute)
			_ = d.do(usageJob, 0)
			if i == fires+1 {
				c.pass(15 * time.Second)
				d.worker.attempt(context.Background(), d.worker.lane("team"), d.begin("team"))
				c.pass(-15 * time.Second)
				d.again()
			}
			continue
		}
		if i != fires {
			d.cycle(c)
			continue
		}
		c.pass(time.Minute)
		_ = d.do(usageJob, 0)
	}
	if got, want := d.story().Heard, []string{"fired warning", "resolved warning"}; !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
	if got := d.box["team"].got; got[len(got)-1].Items[0].Late {
		t.Error("the end says that nothing was told before, and it may have been")
	}
}

func TestAReceiverThatWantsToBeLeftAloneIsLeftAloneWithEverything(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.box["team"].fail = func(n int) error {
		if n == 1 {
			return notify.RetryAfter(5*time.Minute, errors.New("answered 429"))
		}
		return nil
	}
	d.letter("a", "team", "g")
	d.letter("b", "team", "h")
	d.seconds(c, 60)
	d.again() // a restart is no reason to ask again
	d.letter("c", "team", "i")
	d.letter("d", "pager", "g")
	d.seconds(c, 300)
	if diff := cmp.Diff([]time.Duration{0, 5 * time.Minute, 5 * time.Minute, 5 * time.Minute}, d.box["team"].tried()); diff != "" {
		t.Errorf("tries (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b", "c", "a"}, d.box["team"].keys(), cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
	if got := d.box["pager"].tried(); !slices.Equal(got, []time.Duration{time.Minute}) {
		t.Errorf("the pager was tried at %v, want at once", got)
	}
}

func TestAReloadEndsTheRestOfAReceiver(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.box["team"].fail = func(n int) error {
		if n == 1 {
			return notify.RetryAfter(24*time.Hour, errors.New("answered 429"))
		}
		return nil
	}
	d.letter("a", "team", "g")
	d.letter("b", "team", "h")
	d.seconds(c, 10)
	if next := d.outbox()[1].NextAt; !next.Equal(start.Add(24 * time.Hour)) {
		t.Errorf("got the next attempt at %s, want in a day, when the receiver wants it", next)
	}
	d.apply()
	d.seconds(c, 10)
	if got := d.box["team"].keys(); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("heard %q after the reload, want both", got)
	}
}

// A burst: what is decided faster than it can be sent is told as one.
func TestWhatPilesUpBehindASlowReceiverIsToldAsOne(t *testing.T) {
	t.Parallel()
	_, fires, resolves := cleanStory(t)
	d, c := newShortStory(t)
	d.must(limitsJob, 0)
	for i := range storyLength {
		if i < fires || i > resolves {
			d.cycle(c)
			continue
		}
		c.pass(time.Minute) // the receiver's lane is busy with something else
		_ = d.do(usageJob, 0)
	}
	want := story{Heard: []string{"resolved warning"}, Outbox: []string{"fired superseded", "resolved sent"}}
	got := d.story()
	if diff := cmp.Diff(want, story{Heard: got.Heard, Outbox: got.Outbox}); diff != "" {
		t.Errorf("story (-want +got):\n%s", diff)
	}
	var alerts []string
	d.view(func(tx *store.Tx) error {
		list, err := tx.Outbox(store.OutboxFilter{State: store.MessageSent})
		for _, m := range list {
			alerts = append(alerts, string(m.Reason))
			if len(m.Fingerprints) != 1 {
				t.Errorf("got alerts %v of the message, want one", m.Fingerprints)
			}
		}
		return err
	})
	if !slices.Equal(alerts, []string{"resolved"}) {
		t.Errorf("got sent %q, want the end", alerts)
	}
}
