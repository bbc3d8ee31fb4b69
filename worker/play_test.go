package worker

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/store"
)

// Promise 2: what the store remembers, taken step by step again, gives the
// transitions and the messages of the live run, over a restart too.
func TestAPlayOfWhatIsStoredEqualsTheLiveRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(minute time.Time) int64 {
		switch i := int(minute.Sub(start) / time.Minute); {
		case i >= 0 && i < 25, i >= 70 && i < 90:
			return 970
		case i >= 40 && i < 50:
			return 0
		}
		return 200
	})
	w.limits()
	w.minutes(40)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.open() // as after a restart
	w.minutes(100)

	var live, again []evaluate.Transition
	var told []string
	err := w.store.View(context.Background(), func(tx *store.Tx) error {
		stored, err := tx.Transitions(start, w.now().Add(time.Minute))
		if err != nil {
			return err
		}
		for _, s := range stored {
			live = append(live, s.Transition)
		}
		ticks, err := tx.Ticks(testOrg, start, w.now().Add(time.Minute))
		if err != nil {
			return err
		}
		p := replay.Play{Rules: w.plan.Rules, Tree: w.plan.Tree}
		for _, at := range ticks {
			facts, _, err := tx.FactsKnown(w.account().organization(), at, evaluate.LiveLookback(p.Rules), 5*time.Minute)
			if err != nil {
				return err
			}
			res := p.Step(at, at.Add(time.Minute), facts)
			again = append(again, res.Transitions...)
			for _, m := range res.Sent {
				for _, it := range m.Items {
					a, _ := m.Alert(it)
					told = append(told, m.At.Format("15:04")+" "+string(it.Reason)+" "+string(a.Severity))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sameNumber := cmp.Comparer(func(a, b evaluate.Number) bool { return a == b || !a.Known() && !b.Known() })
	if diff := cmp.Diff(live, again, sameNumber); diff != "" || len(live) < 6 {
		t.Errorf("%d transitions (-live +replay):\n%s", len(live), diff)
	}
	if diff := cmp.Diff(w.told("team"), told); diff != "" {
		t.Errorf("what the team heard (-live +replay):\n%s", diff)
	}
}
