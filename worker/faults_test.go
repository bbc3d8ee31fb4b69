package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/store"
)

// fault breaks one step and returns what heals it.
type fault struct {
	name   string
	breaks func(d *desk) (heal func())
	// repeats: the receiver is told twice, since it took a message and said it did not.
	repeats bool
}

// faults are all the steps that can break: each question to the API, each kind
// of write, and the sending itself.
func faults() []fault {
	all := []fault{
		{name: "nothing", breaks: func(*desk) func() { return func() {} }},
		{name: "the receiver does not answer", breaks: func(d *desk) func() {
			d.box["team"].fail = func(int) error { return errors.New("no answer") }
			return func() { d.box["team"].fail = nil }
		}},
		{name: "the receiver takes it and says it did not", repeats: true, breaks: func(d *desk) func() {
			taken := len(d.box["team"].got)
			d.box["team"].after = func(int) error {
				if len(d.box["team"].got) == taken+1 {
					return errors.New("connection reset")
				}
				return nil
			}
			return func() { d.box["team"].after = nil }
		}},
	}
	for _, call := range []string{"organization", "workspaces", "keys", "limits", "limits of " + prodID, "probe analytics", "probe usage_report", "read analytics"} {
		all = append(all, fault{name: "not answered: " + call, breaks: func(d *desk) func() {
			d.sources[0].breaks(errors.New("connection refused"), call)
			return func() { d.sources[0].breaks(nil, call) }
		}})
	}
	for _, write := range [][2]string{
		{"INSERT", "minutes"}, {"INSERT", "reads"}, {"INSERT", "sources"}, {"INSERT", "ticks"},
		{"INSERT", "alerts"}, {"INSERT", "transitions"}, {"INSERT", "message_groups"}, {"INSERT", "message_group_members"},
		{"INSERT", "outbox"}, {"INSERT", "outbox_alerts"}, {"UPDATE OF started_ms", "outbox"}, {"INSERT", "deliveries"},
		{"UPDATE OF sent_ms", "outbox"}, {"UPDATE", "deliveries"}, {"INSERT", "cards"},
		{"INSERT", "limits"}, {"INSERT", "organizations"}, {"INSERT", "jobs"},
	} {
		all = append(all, fault{name: "not written: " + write[0] + " " + write[1], breaks: func(d *desk) func() {
			return breakTable(d.t, d.path, write[0], write[1])
		}})
	}
	return all
}

// newShortStory is a desk whose limit is at 97 % for six minutes: a warning
// fires, and resolves.
func newShortStory(t *testing.T) (*desk, *clock) {
	t.Helper()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.sources[0].used = func(minute time.Time) int64 {
		if !minute.Before(start) && minute.Before(start.Add(6*time.Minute)) {
			return 970
		}
		return 200
	}
	d.plan.Organizations[0].Settle = time.Minute
	d.plan.Rules = []evaluate.Rule{{Alert: "HighUtilization", Condition: &evaluate.Threshold{Warning: 0.9, Over: evaluate.Duration(3 * time.Minute)}, KeepFiringFor: time.Minute}}
	return d.ready(), c
}

// cycle is a minute in which everything is tried and nothing has to succeed.
func (d *desk) cycle(c *clock) {
	c.pass(time.Minute)
	if c.now().Minute()%3 == 0 {
		_ = d.do(limitsJob, 0)
	}
	_ = d.do(usageJob, 0)
	for range 2 {
		c.pass(12 * time.Second)
		d.worker.Deliver(context.Background())
	}
	c.pass(-24 * time.Second)
}

// storyLength is how many cycles the short story takes, with a delay in it.
const storyLength = 14

// story is a run without its times: what the receiver heard, and how alerts moved.
type story struct{ Heard, Moved, Alerts, Outbox []string }

func (d *desk) story() (s story) {
	d.t.Helper()
	for _, m := range d.box["team"].got {
		for _, it := range m.Items {
			s.Heard = append(s.Heard, fmt.Sprint(it.Reason, " ", it.Alert.Severity))
		}
	}
	for _, m := range d.outbox() {
		s.Outbox = append(s.Outbox, fmt.Sprint(m.Reason, " ", m.State))
	}
	d.view(func(tx *store.Tx) error {
		moves, err := tx.Transitions(start.Add(-time.Hour), start.Add(24*time.Hour))
		for _, m := range moves {
			s.Moved = append(s.Moved, fmt.Sprintf("%s %s -> %s %s", m.FromState, m.From, m.ToState, m.To))
		}
		if err != nil {
			return err
		}
		alerts, err := tx.AllAlerts(100)
		for _, a := range alerts {
			s.Alerts = append(s.Alerts, fmt.Sprintf("%s %s worst %s", a.Rule, a.State, a.Worst))
		}
		return err
	})
	return s
}

// cleanStory is the short story as it is told when nothing goes wrong, and in
// which cycle the alert fires and resolves.
func cleanStory(t *testing.T) (s story, fires, resolves int) {
	t.Helper()
	d, c := newShortStory(t)
	for i := range storyLength {
		before := len(d.outbox())
		d.cycle(c)
		if len(d.outbox()) > before {
			fires, resolves = resolves, i
		}
	}
	t.Logf("fires in cycle %d, resolves in cycle %d", fires, resolves)
	s = d.story()
	want := story{
		Heard:  []string{"fired warning", "resolved warning"},
		Moved:  []string{"inactive  -> firing warning", "firing warning -> resolved "},
		Alerts: []string{"HighUtilization resolved worst warning"},
		Outbox: []string{"fired sent", "resolved sent"},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Fatalf("a clean run (-want +got):\n%s", diff)
	}
	return s, fires, resolves
}

// retell plays the short story with something going wrong before cycle at, and
// compares. Heard twice is what a receiver may hear twice.
func retell(t *testing.T, want story, at int, wrong func(*desk, *clock), mayRepeat bool) {
	t.Helper()
	d, c := newShortStory(t)
	d.must(limitsJob, 0)
	for i := range storyLength {
		if i == at {
			wrong(d, c)
		}
		d.cycle(c)
	}
	got := d.story()
	if mayRepeat && len(got.Heard) == len(want.Heard)+1 {
		got.Heard = slices.Compact(got.Heard)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("story (-clean +got):\n%s", diff)
	}
}

// Promises 3 and 4. Every step is broken for two minutes, when an alert fires
// and when it resolves, and the process may die of it. In the end the receiver
// has heard what it hears in a clean run, in order; and a message twice at most
// where the process died after the send, or the answer was lost.
func TestAfterAnyFaultNothingIsLostAndNothingTwiceButOnceForACrash(t *testing.T) {
	t.Parallel()
	want, fires, resolves := cleanStory(t)
	for _, f := range faults() {
		for when, at := range map[string]int{"firing": fires, "resolving": resolves} {
			for _, dies := range []bool{false, true} {
				if when == "resolving" && !dies {
					continue // as when firing; the time is better spent on the crash
				}
				t.Run(fmt.Sprintf("%s/%s/dies=%t", f.name, when, dies), func(t *testing.T) {
					t.Parallel()
					retell(t, want, at, func(d *desk, c *clock) {
						heal := f.breaks(d)
						_ = d.do(limitsJob, 0)
						d.cycle(c)
						d.cycle(c)
						if dies {
							d.again()
						}
						heal()
					}, dies || f.repeats)
				})
			}
		}
	}
}

// Promise 4. The process is killed between any two writes.
func TestTheProcessMayDieAtAnyMoment(t *testing.T) {
	t.Parallel()
	want, fires, resolves := cleanStory(t)
	tick := func(d *desk, c *clock) {
		c.pass(time.Minute)
		_ = d.do(usageJob, 0)
		c.pass(15 * time.Second)
	}
	for name, die := range map[string]func(*desk, *clock){
		"after the limits":            func(d *desk, _ *clock) { d.must(limitsJob, 0) },
		"after the tick":              tick,
		"after the message was begun": func(d *desk, c *clock) { tick(d, c); d.begin("team") },
		"after the message was taken": func(d *desk, c *clock) {
			tick(d, c)
			if m := d.begin("team"); m != nil {
				d.worker.attempt(context.Background(), d.worker.lane("team"), m)
			}
		},
		"after the message was recorded": func(d *desk, c *clock) { tick(d, c); d.worker.Deliver(context.Background()) },
		"in every minute": func(d *desk, c *clock) {
			for range 5 {
				d.cycle(c)
				d.again()
			}
		},
	} {
		for when, at := range map[string]int{"firing": fires, "resolving": resolves} {
			t.Run(name+"/"+when, func(t *testing.T) {
				t.Parallel()
				retell(t, want, at, func(d *desk, c *clock) { die(d, c); d.again() }, name == "after the message was taken")
			})
		}
	}
}

// begin notes the next message of a receiver as begun, as the first half of its
// delivery does.
func (d *desk) begin(receiver string) (next *store.Delivery) {
	d.t.Helper()
	d.update(func(tx *store.Tx) (err error) {
		next, _, err = d.worker.take(tx, receiver)
		return err
	})
	return next
}

// Promise 3: a step that cannot be stored leaves nothing behind.
func TestATickIsStoredWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	_, fires, _ := cleanStory(t)
	d, c := newShortStory(t)
	d.must(limitsJob, 0)
	for range fires {
		d.cycle(c)
	}
	before := d.dump()
	heal := breakTable(t, d.path, "INSERT", "ticks") // its last write
	c.pass(time.Minute)
	if err := d.worker.Tick(context.Background(), d.account(0), c.now()); err == nil {
		t.Fatal("the tick did not say that it could not be stored")
	}
	heal()
	if diff := cmp.Diff(before, d.dump()); diff != "" {
		t.Errorf("the database (-before +after):\n%s", diff)
	}
	d.must(usageJob, 0)
	if got := d.story().Alerts; !cmp.Equal(got, []string{"HighUtilization firing worst warning"}) {
		t.Errorf("got %q, want that the alert fires in the same minute after all", got)
	}
}

// Promise 3: the same tick again changes nothing and sends nothing.
func TestTheSameTickAgainChangesNothing(t *testing.T) {
	t.Parallel()
	d, c := newShortStory(t)
	for range storyLength {
		d.cycle(c)
		before := d.dump()
		if err := d.worker.Tick(context.Background(), d.account(0), c.now()); err != nil {
			t.Fatal(err)
		}
		d.worker.Deliver(context.Background())
		if diff := cmp.Diff(before, d.dump()); diff != "" {
			t.Fatalf("the tick at %s again changed the database (-before +after):\n%s", c.now().Format("15:04"), diff)
		}
	}
}
