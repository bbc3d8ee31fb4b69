package worker

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/store"
	"alerter/usage"
)

// ticks are when the first organization was evaluated, in the order of time.
func (d *desk) ticks() (out []string) {
	d.t.Helper()
	d.view(func(tx *store.Tx) error {
		all, err := tx.Ticks(d.sources[0].id, time.Time{}, start.Add(24*time.Hour))
		for _, at := range all {
			out = append(out, at.Format("15:04:05.999"))
		}
		return err
	})
	return out
}

func TestAStepCountsAsOfItsTransaction(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.sources[0].before(func(_ context.Context, call string) {
		if call == "read analytics" {
			c.pass(7*time.Second + 1234567*time.Nanosecond) // the answer takes its time
		}
	})
	d.must(usageJob, 0)
	d.sources[0].before(nil)
	d.must(usageJob, 0) // the same again: finer than a millisecond is the same time
	if diff := cmp.Diff([]string{"12:00:07.001"}, d.ticks()); diff != "" {
		t.Errorf("evaluated at (-want +got):\n%s", diff)
	}
}

func TestAClockThatWasSetBackALittleIsWaitedFor(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 10)
	c.pass(-45 * time.Second)
	before := len(d.ticks())
	d.must(usageJob, 0)
	if got := len(d.ticks()); got != before {
		t.Errorf("got %d steps, want %d: the time has been before", got, before)
	}
	c.pass(time.Minute)
	d.must(usageJob, 0)
	if got := d.ticks(); got[len(got)-1] != "12:10:15" {
		t.Errorf("the last step is at %s, want 12:10:15", got[len(got)-1])
	}
}

func TestAClockThatJumpedBackIsBelieved(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 1)
	c.pass(3 * time.Hour) // wrong by three hours …
	d.must(limitsJob, 0)
	d.must(usageJob, 0)
	d.sources[0].breaks(refusal{code: 429, rest: 10 * time.Minute}, "read analytics")
	c.pass(time.Minute)
	_ = d.do(usageJob, 0)
	d.sources[0].breaks(nil, "read analytics")
	c.pass(-3*time.Hour - time.Minute) // … and set right
	d.minutes(c, 0, 8)
	d.deliver(c)
	if got := d.box["team"].told(); !cmp.Equal(got, []string{"12:08 fired warning"}) {
		t.Errorf("heard %q, want the warning of 12:08 at its time", got)
	}
	if got := d.ticks(); got[1] != "12:02:00" || got[len(got)-1] != "15:02:00" {
		t.Errorf("evaluated at %q", got)
	}
}

func TestALimitThatIsReadAtTheTimeOfAStepIsTold(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Rules[0].Alert, d.plan.Rules[0].Condition = "LimitChanged", limitChange()
	d.ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 1)
	d.sources[0].limits[""] = 2 * testLimit
	d.must(limitsJob, 0) // the clock stands where the step was made
	d.minutes(c, 0, 1)
	d.deliver(c)
	if got := d.box["team"].told(); !cmp.Equal(got, []string{"12:02 fired warning"}) {
		t.Errorf("heard %q, want the change", got)
	}
}

func TestStampedMinutesLieBetweenTheLastStepAndTheirStoring(t *testing.T) {
	t.Parallel()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	minutes := []usage.Minute{{ReadAt: at(5)}, {ReadAt: at(10)}, {ReadAt: at(10).Add(400 * time.Microsecond)}, {ReadAt: at(15)}, {ReadAt: at(25)}}
	stamp(minutes, at(10), at(20))
	var got []time.Duration
	for _, m := range minutes {
		got = append(got, m.ReadAt.Sub(start)/time.Millisecond)
	}
	if diff := cmp.Diff([]time.Duration{11, 11, 11, 15, 20}, got); diff != "" {
		t.Errorf("read at (-want +got):\n%s", diff)
	}
}
