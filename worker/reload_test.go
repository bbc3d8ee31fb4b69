package worker

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/notify/route"
	"alerter/store"
)

func TestAReloadChangesTheRoutesAndKeepsTheAlerts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		stop := d.run(t)
		pass(9 * time.Minute)
		next := d.plan
		next.Tree.Root = &route.Node{
			Receiver: "team", GroupBy: d.plan.Tree.Root.GroupBy, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour,
			Routes: []*route.Node{
				{Receiver: "pager", GroupBy: d.plan.Tree.Root.GroupBy, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour, Continue: true},
				{Receiver: "team", GroupBy: d.plan.Tree.Root.GroupBy, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour},
			},
		}
		for range 2 { // the second reload is of the same file
			if _, err := d.worker.Apply(t.Context(), next); err != nil {
				t.Fatal(err)
			}
			pass(2 * time.Minute)
		}
		if got := d.box["pager"].told(); len(got) != 1 || got[0][6:] != "fired warning" {
			t.Errorf("the pager, new to the routes, heard %q, want the warning once", got)
		}
		if diff := cmp.Diff([]string{"00:08 fired warning"}, d.box["team"].told()); diff != "" {
			t.Errorf("the team heard (-want +got):\n%s", diff)
		}
		pass(45 * time.Minute)
		for name, b := range d.box {
			if got := b.told(); len(got) != 2 || got[1][6:] != "resolved info" {
				t.Errorf("%s heard %q, want the end after the warning", name, got)
			}
		}
		stop()
	})
}

func TestAReloadThatCannotBeAppliedLeavesTheOldPlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		stop := d.run(t)
		pass(time.Minute)
		old := d.worker.Plan()
		heal := breakTable(t, d.path, "INSERT", "rules")
		next := d.plan
		next.Rules = append(next.Rules[:1:1], next.Rules[0])
		next.Rules[1].Alert = "Another"
		if _, err := d.worker.Apply(t.Context(), next); err == nil {
			t.Error("a plan that cannot be stored was applied without an error")
		}
		heal()
		if d.worker.Plan() != old {
			t.Error("the old plan is not in force any more")
		}
		d.sources[0].forget()
		pass(5 * time.Minute)
		if n := len(d.sources[0].calls("read analytics")); n < 5 {
			t.Errorf("%d reads in five minutes after the refused reload, want one each", n)
		}
		stop()
	})
}

func TestAReloadWithoutAWorkerEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := d.worker.Apply(ctx, d.plan); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want that the deadline passed", err)
		}
	})
}

func TestAReloadMayAddAndRemoveOrganizations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme", "umbrella")
		both := d.plan
		d.plan.Organizations = both.Organizations[:1]
		stop := d.run(t)
		pass(2 * time.Minute)
		if _, err := d.worker.Apply(t.Context(), both); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Minute)
		if n := len(d.sources[1].calls("read analytics")); n < 2 {
			t.Errorf("the new organization was read %d times in two minutes, want at least 2", n)
		}
		only := both
		only.Organizations = both.Organizations[1:]
		if _, err := d.worker.Apply(t.Context(), only); err != nil {
			t.Fatal(err)
		}
		d.sources[0].forget()
		pass(2 * time.Minute)
		if n := len(d.sources[0].calls("read analytics")); n != 0 {
			t.Errorf("the removed organization was read %d times, want never", n)
		}
		stop()
	})
}

func TestRulesThatAnotherCommandChangedAreFollowedWithinSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		stop := d.run(t)
		pass(9*time.Minute + 10*time.Second)
		d.update(func(tx *store.Tx) error {
			_, err := tx.SetRuleEnabled("LimitPressure", false, time.Now())
			return err
		})
		before := len(d.ticks())
		pass(10 * time.Second)
		if got := len(d.ticks()); got != before+1 {
			t.Errorf("evaluated %d times within ten seconds, want once", got-before)
		}
		pass(time.Minute)
		if got := d.troubles(); got != nil {
			t.Errorf("got troubles %q", got)
		}
		pass(5 * time.Minute)
		if got := d.box["team"].told(); len(got) != 2 || got[1] != "00:09 withdrawn warning" {
			t.Errorf("heard %q, want that the alert of the disabled rule is withdrawn", got)
		}
		stop()
	})
}
