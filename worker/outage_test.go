package worker

import (
	"context"
	"math"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/fetch/simulate"
	"alerter/store"
	"alerter/usage"
)

// partly is a report that is complete four minutes after a minute's end, and shows
// it in part for the three before.
var partly = simulate.Reporting{Lag: 4 * time.Minute, Growing: 3 * time.Minute, Seed: 1}

// inject switches a fault of the API on.
func (w *world) inject(f simulate.Fault) {
	w.t.Helper()
	if _, err := w.sim.Inject(f); err != nil {
		w.t.Fatal(err)
	}
}

// seen is the organization's limit as a step sees it now.
func (w *world) seen() usage.Series {
	w.t.Helper()
	var s usage.Series
	w.view(func(tx *store.Tx) error {
		facts, _, err := tx.Facts(w.account().organization(), w.now(), evaluate.LiveLookback(w.plan.Rules), 5*time.Minute)
		if err == nil {
			s = facts.Series[0]
		}
		return err
	})
	return s
}

// final checks that every minute that counts as final was seen in full, and
// returns the end of the newest one.
func (w *world) final(used func(time.Time) int64) time.Time {
	w.t.Helper()
	s := w.seen()
	for i, p := range s.Points[:s.Settled] {
		minute := s.From.Add(time.Duration(i) * time.Minute)
		if want := float64(used(minute)); !math.IsNaN(p.Used) && p.Used != want {
			w.t.Errorf("at %s the minute %s counts as final with %g, want all %g",
				w.now().Format("15:04"), minute.Format("15:04"), p.Used, want)
		}
	}
	return s.From.Add(time.Duration(s.Settled) * time.Minute)
}

// full is use that is always just below the limit.
func full(time.Time) int64 { return 980 }

// Promise 7: whatever is wrong with a report, what it showed only in part never
// counts as all there was, and no alert ends on it.
func TestNoAlertEndsOnMinutesThatAReportShowsInPart(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulate.Fault{
		"it stops":                     {Kind: simulate.StopReporting},
		"it is ten minutes late":       {Kind: simulate.LateAnalytics, Lateness: 10 * time.Minute},
		"it is three minutes late":     {Kind: simulate.LateAnalytics, Lateness: 3 * time.Minute},
		"it is forty minutes late":     {Kind: simulate.LateAnalytics, Lateness: 40 * time.Minute},
		"it stopped a few minutes ago": {Kind: simulate.StopReporting, Since: start.Add(37 * time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newLateWorld(t, full, partly)
			w.plan.Rules[0].KeepFiringFor, w.plan.Rules[0].RepeatInterval = 0, 24*time.Hour
			w.plan.Organizations[0].Backfill = 4 * time.Hour
			if _, err := w.worker.adopt(context.Background(), w.plan); err != nil {
				t.Fatal(err)
			}
			w.limits()
			w.minutes(3)
			for range 40 {
				w.minutes(1)
				if got, want := w.final(full), w.now().Add(-5*time.Minute); !got.Equal(want) {
					t.Errorf("while all is well the minutes up to %s are final, want %s", got.Format("15:04"), want.Format("15:04"))
				}
			}
			w.inject(fault)
			for range 90 {
				w.minutes(1)
				w.final(full)
			}
			w.sim.Clear()
			for range 30 {
				w.minutes(1)
				if err := w.worker.Backfill(context.Background(), w.account(), w.now()); err != nil {
					t.Fatal(err)
				}
				w.final(full)
			}
			if got, want := w.final(full), w.now().Add(-5*time.Minute); !got.Equal(want) {
				t.Errorf("in the end the minutes up to %s are final, want %s", got.Format("15:04"), want.Format("15:04"))
			}
			s := w.seen()
			for i, p := range s.Points[:s.Settled] {
				if math.IsNaN(p.Used) {
					t.Errorf("minute %s stays unknown", s.From.Add(time.Duration(i)*time.Minute).Format("15:04"))
				}
			}
			if got := w.told("team"); len(got) != 1 {
				t.Errorf("the team heard %v, want that it fires, and nothing else", got)
			}
		})
	}
}
