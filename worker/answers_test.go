package worker

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"alerter/fetch/simulate"
	"alerter/store"
)

// Whatever the API answers in place of what was asked: the service goes on,
// nothing that was stored is lost, and the alert fires at its time or when the
// answers are good again.
func TestNoAnswerOfTheAPIEndsTheServiceOrLosesData(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  simulate.Fault
		fails  bool   // a job ends with an error
		speaks string // and says this
	}{
		"500":                         {simulate.Fault{Kind: simulate.Status, Status: 500, Count: 3}, true, "500"},
		"529":                         {simulate.Fault{Kind: simulate.Status, Status: 529, Count: 3}, true, "overloaded"},
		"429":                         {simulate.Fault{Kind: simulate.Status, Status: 429, Count: 1}, true, "this endpoint rests"},
		"429 with Retry-After":        {simulate.Fault{Kind: simulate.Status, Status: 429, Count: 1, RetryAfter: 2 * time.Minute}, true, "this endpoint rests"},
		"429 with a time of reset":    {simulate.Fault{Kind: simulate.Status, Status: 429, Count: 1, ResetAfter: 90 * time.Second}, true, "this endpoint rests"},
		"HTML in place of JSON":       {simulate.Fault{Kind: simulate.HTML, Count: 3}, true, "HTML"},
		"a body that is cut off":      {simulate.Fault{Kind: simulate.CutOff, Count: 3}, true, ""},
		"404 of a workspace's limits": {simulate.Fault{Kind: simulate.Status, Status: 404, Endpoint: simulate.WorkspaceRateLimits}, false, ""},
		"an unknown limiter":          {simulate.Fault{Kind: simulate.UnknownLimiter}, false, ""},
		"an unknown type of group":    {simulate.Fault{Kind: simulate.UnknownGroup}, false, ""},
		"an unknown field":            {simulate.Fault{Kind: simulate.ExtraField}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, plateau)
			w.limits()
			w.minutes(6)
			before := w.stored()
			if _, err := w.sim.Inject(c.fault); err != nil {
				t.Fatal(err)
			}
			w.pass(time.Minute)
			err := errors.Join(
				w.worker.Tick(context.Background(), w.account(), w.now()),
				w.worker.Limits(context.Background(), w.account(), w.now()),
			)
			if (err != nil) != c.fails || err != nil && !strings.Contains(err.Error(), c.speaks) {
				t.Errorf("got error %v, want %t, with %q", err, c.fails, c.speaks)
			}
			if got := w.stored(); got < before {
				t.Errorf("%d minutes are stored, before it were %d", got, before)
			}
			w.sim.Clear()
			for range 6 {
				w.pass(time.Minute)
				_ = w.worker.Tick(context.Background(), w.account(), w.now()) // it may rest
				w.pass(15 * time.Second)
				w.worker.Deliver(context.Background())
				w.pass(-15 * time.Second)
			}
			if got := w.told("team"); len(got) != 1 || !slices.Contains([]string{"12:08 fired warning", "12:09 fired warning"}, got[0]) {
				t.Errorf("heard %q, want the warning at 12:08, or when the rest is over", got)
			}
		})
	}
}

// stored counts the stored minutes.
func (w *world) stored() (n int) {
	w.t.Helper()
	w.view(func(tx *store.Tx) error {
		for _, err := range tx.Minutes(testOrg, start.Add(-2*time.Hour), start.Add(2*time.Hour)) {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n
}
