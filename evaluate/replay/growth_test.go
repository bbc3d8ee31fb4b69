package replay_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/usage"
)

// growth is the rule as rules.yaml has it.
var growth = evaluate.Rule{Alert: "GrowthAhead", Condition: evaluate.Growth{}, KeepFiringFor: 48 * time.Hour, RepeatInterval: 24 * time.Hour}

// grown is a history of so many days in which a limit of 1000 is used evenly, 20 more
// each day; Seen or not.
func grown(days int, seen bool) replay.History {
	h := walk(1, 1, 0, 1)
	h.To, h.Seen = day.AddDate(0, 0, days), seen
	of := &usage.Combination{Model: "model-0", WorkspaceID: "wrkspc_0", ServiceTier: "standard", Speed: "standard", Product: "messages_api"}
	for i := range days * 24 * 60 {
		start := day.Add(time.Duration(i) * time.Minute)
		readAt := start.Add(time.Minute)
		if seen {
			readAt = start.Truncate(time.Hour).Add(70 * time.Minute) // an hour at once, and the next one beyond it
		}
		h.Minutes = append(h.Minutes, usage.Minute{
			Start: start, ReadAt: readAt, Source: usage.SourceAnalytics,
			Buckets: []usage.Bucket{{Of: of, Counts: usage.Counts{Output: int64(100 + 20*(i/1440))}}},
		})
	}
	if seen { // what was read before the report had come beyond it is read once more
		for i, m := range slices.Clone(h.Minutes) {
			if i%60 >= 50 {
				m.ReadAt = m.ReadAt.Add(time.Hour)
				h.Minutes = append(h.Minutes, m)
			}
		}
	}
	return h
}

// fires are the moments at which the rule fires, and of how many days then.
func fires(h replay.History, every time.Duration) (at []time.Time, days []int) {
	span := h.Span()
	span.Every = every
	for step, res := range replay.Run(h, []evaluate.Rule{growth}, tree, span) {
		for _, m := range res.Transitions {
			at = append(at, step)
			for _, a := range res.Alerts {
				if a.Fingerprint == m.Fingerprint {
					days = append(days, a.Reading.Growth.Days)
				}
			}
		}
	}
	return at, days
}

// Three weeks of history are over on the 21st day, and known an hour later.
func TestGrowthIsForetoldFromTheHistoryUpToThen(t *testing.T) {
	t.Parallel()
	for name, seen := range map[string]bool{"shown at a lag": false, "seen when it was read": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, days := fires(grown(23, seen), 10*time.Minute)
			want := []time.Time{day.AddDate(0, 0, 21).Add(usage.PeakDelay)}
			if diff := cmp.Diff(want, at); diff != "" {
				t.Errorf("fires at (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]int{21}, days); diff != "" {
				t.Errorf("read from days (-want +got):\n%s", diff)
			}
		})
	}
}

// A backtest that begins late knows the weeks before from its first step on.
func TestGrowthBeforeTheSpanCounts(t *testing.T) {
	t.Parallel()
	h := grown(23, false)
	span := replay.Span{From: day.AddDate(0, 0, 22), To: h.To, Every: time.Hour}
	for at, res := range replay.Run(h, []evaluate.Rule{growth}, tree, span) {
		if len(res.Alerts) != 1 || res.Alerts[0].State != evaluate.Firing {
			t.Errorf("at %s: got %+v, want it to fire", at, res.Alerts)
		}
		break
	}
}

func TestNobodyReadsPeaksForRulesThatDoNotLookAtThem(t *testing.T) {
	t.Parallel()
	h := grown(2, false)
	for _, rules := range [][]evaluate.Rule{nil, shipped[:1]} {
		for _, res := range replay.Run(h, rules, tree, replay.Span{From: h.To.Add(-time.Minute), To: h.To}) {
			if res.Facts[0].Trends != nil {
				t.Errorf("got trends with rules %+v", rules)
			}
		}
	}
}
