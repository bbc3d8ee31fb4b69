package worker

import (
	"slices"
	"strings"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
)

// withholds notes at a moment that so many episodes at info were not sent.
func (d *desk) withholds(at time.Time, print evaluate.Fingerprint, n int) {
	d.t.Helper()
	list := make([]route.Suppression, n)
	for i := range list {
		list[i] = route.Suppression{Receiver: "team", Fingerprint: print, FiredAt: at.Add(time.Duration(i) * time.Millisecond), Reason: route.SuppressedInfo}
	}
	d.update(func(tx *store.Tx) error {
		_, err := tx.PutWithheld(at, list)
		return err
	})
}

func TestPruningTakesWhatIsOlderThanTheRetentionInAsManyStepsAsItTakes(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	horizon := c.now().Add(-d.plan.Retention)
	d.withholds(horizon.Add(-time.Millisecond), "old", 2*pruneStep+1)
	d.withholds(horizon, "kept", 1)
	d.must("prune", 0)
	if got, want := d.withheld(), []string{"team kept notify_info "}; !slices.Equal(got, want) {
		t.Errorf("got %d left, want %q alone", len(got), want)
	}
}

func TestPruningThatDoesNotSucceedSaysOfWhat(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.withholds(c.now().Add(-d.plan.Retention-time.Minute), "old", 1)
	heal := breakTable(t, d.path, "DELETE", "withheld")
	err := d.do("prune", 0)
	if want := "prune what is older than 2026-"; err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "what was not sent") {
		t.Errorf("got %v, want %q… and that it was what was not sent", err, want)
	}
	heal()
	d.must("prune", 0)
	if got := d.withheld(); len(got) > 0 {
		t.Errorf("got %q, want nothing left", got)
	}
}
