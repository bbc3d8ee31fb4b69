package worker

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/store"
)

func TestTheTroubleOfAJobEndsAlsoAfterARestart(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	broken := errors.New("no answer")
	d.sources[0].breaks(broken, "organization")
	at := c.now()
	quiet := job{name: "prune", quiet: true}
	for range failuresToTell {
		_ = d.do(limitsJob, 0)
		d.worker.record(context.Background(), quiet, at, 0, broken)
	}
	if diff := cmp.Diff([]string{"AlerterJobFailing prune", "AlerterJobFailing acmelimits"}, d.troubles()); diff != "" {
		t.Fatalf("troubles (-want +got):\n%s", diff)
	}
	d.again()
	d.sources[0].breaks(nil, "organization")
	d.must(limitsJob, 0)
	d.must("prune", 0)
	if got := d.troubles(); got != nil {
		t.Errorf("got troubles %q after good runs, want none", got)
	}
}

func TestTheLastRunOfEachJobIsKept(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.must(usageJob, 0)
	c.pass(time.Minute)
	d.sources[0].breaks(errors.New("no answer"), "read analytics")
	_ = d.do(usageJob, 0)
	var got []store.Run
	d.view(func(tx *store.Tx) (err error) {
		got, err = tx.Runs()
		return err
	})
	want := []store.Run{
		{Job: "limits", OrganizationID: "org-acme", StartedAt: start, LastSuccess: start},
		{Job: "usage", OrganizationID: "org-acme", StartedAt: start.Add(time.Minute), LastSuccess: start, Problem: "no answer", Failures: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func TestAJumpOfTheClockIsToldForAnHour(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.update(func(tx *store.Tx) error { return noteTroubles(tx, -3*time.Minute, c.now()) })
	var lasted time.Duration
	for ; d.troubles() != nil; lasted += 15 * time.Minute {
		if diff := cmp.Diff([]string{"AlerterClockJump "}, d.troubles()); diff != "" {
			t.Fatalf("troubles (-want +got):\n%s", diff)
		}
		d.must("watch", 0)
		d.deliver(c)
		c.pass(15 * time.Minute)
	}
	if lasted < time.Hour || lasted > 75*time.Minute {
		t.Errorf("it was told for %s, want an hour", lasted)
	}
	if got := d.box["team"].told()[0]; got != "12:00 fired warning AlerterClockJump" {
		t.Errorf("heard %q", got)
	}
}

func TestTimesOfOneClockShowNoJump(t *testing.T) {
	t.Parallel()
	began := time.Now()
	w := &Worker{watched: began}
	if jump, _ := w.sinceLastLook(began.Add(time.Hour)); jump != 0 {
		t.Errorf("got a jump of %s, want none", jump)
	}
	if jump, _ := new(Worker).sinceLastLook(began); jump != 0 {
		t.Errorf("got a jump of %s at the first look, want none", jump)
	}
}

func TestAJumpThatCouldNotBeStoredIsToldByTheNextLook(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.must("watch", 0)
	seen := d.worker.watched
	heal := breakTable(t, d.path, "INSERT", "troubles")
	d.letter("stuck", "team", "g")
	c.pass(time.Hour)
	if err := d.do("watch", 0); err == nil {
		t.Fatal("a look that could not be stored is no error")
	}
	heal()
	if got := d.worker.watched; !got.Equal(seen) {
		t.Errorf("the last look is said to have been at %s, want %s", got, seen)
	}
}
