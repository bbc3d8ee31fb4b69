package worker

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/notify/route"
	"alerter/store"
)

func TestASlowReceiverDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, time.Now)
		d.box["team"].wait = func(ctx context.Context) { <-ctx.Done() } // until the attempt's time is over
		stop := d.run(t)
		d.letter("1", "team", "g")
		for i := range 3 {
			d.letter(fmt.Sprint(i), "pager", fmt.Sprint(i))
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := d.box["pager"].keys(); len(got) != 3 {
			t.Errorf("the pager heard %q while the team's send was under way, want all three", got)
		}
		stop()
	})
}

func TestThePaceOfAReceiverIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, time.Now)
		d.plan.Paces = map[string]float64{"team": 0.5}
		stop := d.run(t)
		for i := range 4 {
			d.letter(fmt.Sprint(i), "team", fmt.Sprint(i))
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		tries := d.box["team"].tried()
		for i := 1; i < len(tries); i++ {
			if wait := tries[i] - tries[i-1]; wait < 2*time.Second {
				t.Errorf("got %s between two messages, want two seconds", wait)
			}
		}
		if len(tries) != 4 {
			t.Errorf("got %d messages in ten seconds, want 4", len(tries))
		}
		for _, m := range d.outbox() {
			if m.State != store.MessageSent {
				t.Errorf("message %s is %s, want sent", m.Key, m.State)
			}
		}
		stop()
	})
}

func TestWhatIsSentWhileThePaceIsWaitedForIsRecordedBeforeThat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, time.Now)
		d.plan.Paces = map[string]float64{"team": 0.01}
		stop := d.run(t)
		d.letter("1", "team", "g")
		d.letter("2", "team", "h")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if diff := cmp.Diff([]string{"1 sent", "2 waiting"}, d.states()); diff != "" {
			t.Errorf("outbox (-want +got):\n%s", diff)
		}
		stop()
	})
}

func TestAStopFinishesTheSendUnderWayAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, time.Now)
		d.box["team"].wait = func(context.Context) { time.Sleep(6 * time.Second) }
		stop := d.run(t)
		d.letter("1", "team", "g")
		d.letter("2", "team", "h")
		time.Sleep(time.Second)
		began := time.Now()
		stop()
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("the stop took %s, want 10 s at most", took)
		}
		if diff := cmp.Diff([]string{"1 sent", "2 waiting"}, d.states()); diff != "" {
			t.Errorf("outbox (-want +got):\n%s", diff)
		}
	})
}

func TestAReceiverThatHangsDoesNotHoldTheStopUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, time.Now)
		d.box["team"].wait = func(context.Context) { time.Sleep(time.Minute) } // it does not listen to its context
		stop := d.run(t)
		d.letter("1", "team", "g")
		time.Sleep(time.Second)
		began := time.Now()
		stop()
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("the stop took %s, want 10 s at most", took)
		}
		if diff := cmp.Diff([]string{"1 waiting"}, d.states()); diff != "" {
			t.Errorf("outbox (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute) // what was left behind ends
	})
}

func TestAReceiverOutsideTheTreeStillHasALane(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now)
	d.plan.Tree.Order = []string{"team"}
	d.plan.Tree.Receivers = map[string]route.ReceiverOptions{"team": {}}
	d.ready()
	d.letter("1", "pager", "g")
	d.worker.Deliver(context.Background())
	if got := d.box["pager"].keys(); !cmp.Equal(got, []string{"1"}) {
		t.Errorf("heard %q, want 1", got)
	}
}
