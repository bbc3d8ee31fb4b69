package evaluate_test

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"alerter/evaluate"
	"alerter/usage"
)

// Readings hold numbers that are not known, which are equal here.
var sameNumbers = gocmp.Comparer(func(a, b evaluate.Number) bool { return a == b || !a.Known() && !b.Known() })

// bare is a result without readings and values, which may be NaN: it can be
// compared, and fast.
func bare(res evaluate.Result) evaluate.Result {
	res.Alerts, res.Changed = slices.Clone(res.Alerts), slices.Clone(res.Changed)
	res.Transitions, res.Notices = slices.Clone(res.Transitions), slices.Clone(res.Notices)
	for _, alerts := range [][]evaluate.Alert{res.Alerts, res.Changed} {
		for i := range alerts {
			alerts[i].Reading, alerts[i].LimitReached.Shown = evaluate.Reading{}, 0
		}
	}
	for i := range res.Transitions {
		res.Transitions[i].Value = 0
	}
	for i := range res.Notices {
		a := &res.Notices[i].Alert
		a.Reading, a.LimitReached.Shown = evaluate.Reading{}, 0
	}
	return res
}

// spans are the times that rules wait for in properties.
var spans = rapid.SampledFrom([]time.Duration{0, time.Minute, 3 * time.Minute, 10 * time.Minute})

// genRules draws a few rules on series, of different names, and one on the source.
func genRules(t *rapid.T) []evaluate.Rule {
	rules := []evaluate.Rule{{Alert: "Stale", Condition: evaluate.Stale{}}}
	for i := range rapid.IntRange(1, 3).Draw(t, "rules") {
		window := evaluate.Duration(time.Duration(rapid.IntRange(1, 15).Draw(t, "window")) * time.Minute)
		var c evaluate.Condition = evaluate.Pressure{Info: 0.4, Warning: 0.6, Critical: 0.8, Window: window, Depth: minute}
		if rapid.Bool().Draw(t, "threshold") {
			c = evaluate.Threshold{Warning: 0.6, Critical: 0.9, Over: window}
		}
		rules = append(rules, evaluate.Rule{
			Alert: string(rune('A' + i)), Condition: c,
			For: spans.Draw(t, "for"), KeepFiringFor: spans.Draw(t, "keep_firing_for"),
		})
	}
	return rules
}

// genRow draws values that stay the same for a while each.
func genRow(t *rapid.T, values []float64, name string, n int) []float64 {
	var row []float64
	for len(row) < n {
		value := rapid.SampledFrom(values).Draw(t, name)
		row = append(row, slices.Repeat([]float64{value}, rapid.IntRange(1, 20).Draw(t, name+" minutes"))...)
	}
	return row[:n]
}

// genWorld draws some series over an hour and a half, with unknown minutes, changed
// and removed limits, rules that are disabled, and times when nobody looks.
func genWorld(t *rapid.T) *world {
	w := &world{
		lag:    time.Duration(rapid.IntRange(0, 7).Draw(t, "lag")) * time.Minute,
		settle: 5 * time.Minute, every: time.Minute, since: day,
		from: day.Add(10 * time.Minute), to: day.Add(90 * time.Minute),
	}
	nan := math.NaN()
	for i := range rapid.IntRange(1, 3).Draw(t, "series") {
		group := "rlg_" + string(rune('a'+i))
		w.tracks = append(w.tracks, &track{
			id:     usage.ID{OrganizationID: "org-1", GroupID: group, Limiter: usage.OutputTokens},
			labels: usage.Labels{Organization: "acme", ModelGroup: group, Limiter: string(usage.OutputTokens)},
			from:   day,
			used:   genRow(t, []float64{0, 300, 550, 700, 1000, nan}, "used", 90),
			early:  genRow(t, []float64{0, 300, 700, 1000, nan}, "early", 90),
			limit:  genRow(t, []float64{1000, 1000, 1000, 700, 0, nan, -1}, "limit", 90),
		})
	}
	for _, name := range []string{"A", "B"} {
		w.disabled = append(w.disabled, genSpell(t, name))
	}
	w.down = append(w.down, genSpell(t, "down"))
	return w
}

func genSpell(t *rapid.T, what string) spell {
	from := day.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, what+" from")) * time.Minute)
	return spell{from: from, to: from.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, what+" for")) * time.Minute), what: what}
}

// Promise: within an episode an alert is told once, and each episode that was
// told has one end.
func TestAnAlertFiresAgainOnlyAfterItsEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules, w := genRules(t), genWorld(t)
		firing := map[evaluate.Fingerprint]bool{}
		for _, res := range w.play(rules) {
			for _, n := range res.Notices {
				starts := n.Reason == evaluate.Fired
				if firing[n.Alert.Fingerprint] == starts {
					t.Fatalf("%s %s of %s: got it while firing is %v", n.At.Format("15:04"), n.Reason, n.Alert.Rule, starts)
				}
				firing[n.Alert.Fingerprint] = n.Reason != evaluate.ReasonResolved && n.Reason != evaluate.ReasonWithdrawn
			}
		}
	})
}

func TestTheOrderOfRulesAndSeriesDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules, w := genRules(t), genWorld(t)
		want := w.play(rules)
		w.tracks = rapid.Permutation(w.tracks).Draw(t, "series")
		got := w.play(rapid.Permutation(rules).Draw(t, "rules"))
		for i := range want {
			if !reflect.DeepEqual(bare(want[i]), bare(got[i])) {
				t.Fatalf("in another order (-want +got):\n%s", gocmp.Diff(want[i], got[i], sameNumbers))
			}
		}
	})
}

// Promise 3: running the same tick again changes nothing and sends nothing.
func TestTheSameStepTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules, w := genRules(t), genWorld(t)
		looks := w.looks()
		for i, res := range w.play(rules) {
			now := looks[i]
			again := evaluate.Step(now, w.inForce(rules, now), w.facts(now, now), res.Alerts)
			if len(again.Changed)+len(again.Transitions)+len(again.Notices) != 0 {
				t.Fatalf("%s: got changes %+v the second time, want none", now.Format("15:04"), again)
			}
			if !reflect.DeepEqual(bare(res).Alerts, bare(again).Alerts) {
				t.Fatalf("%s: alerts after the second time (-first +second):\n%s",
					now.Format("15:04"), gocmp.Diff(res.Alerts, again.Alerts, sameNumbers))
			}
		}
	})
}

// Promise 6: nothing from the future.
func TestAPoisonedFutureChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules, w := genRules(t), genWorld(t)
		w.lag = 0 // so that what is appended is not over yet
		now := rapid.SampledFrom(w.looks()).Draw(t, "at")
		clean := w.facts(now, time.Time{})
		poisoned := w.facts(now, time.Time{})
		for i := range poisoned.Series {
			s := &poisoned.Series[i]
			for range rapid.IntRange(1, 20).Draw(t, "poison") {
				s.Points = append(s.Points, usage.Point{Used: 1e6, Limit: 1})
			}
			s.Settled = len(s.Points)
		}
		for i := range clean.Series {
			// Both see the same minutes as settled: all that are over.
			clean.Series[i].Settled = len(clean.Series[i].Points)
		}
		want, got := evaluate.Step(now, rules, clean, nil), evaluate.Step(now, rules, poisoned, nil)
		if diff := gocmp.Diff(want, got, sameNumbers); diff != "" {
			t.Fatalf("with a future (-want +got):\n%s", diff)
		}
	})
}

// Promise 7: silence is not zero; an unknown verdict moves no alert, and its timers
// stand still.
func TestWhatIsUnknownMovesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules, w := genRules(t)[1:], genWorld(t)
		w.disabled, w.down = nil, nil
		results, looks := w.play(rules), w.looks()
		prior, stepped := results[len(results)-1].Alerts, looks[len(looks)-1]
		prior = slices.DeleteFunc(prior, func(a evaluate.Alert) bool { return a.State != evaluate.Firing && a.State != evaluate.Pending })
		start := stepped
		alerts := prior
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now := stepped.Add(time.Minute)
			facts := w.facts(looks[len(looks)-1], stepped)
			for i := range facts.Series {
				facts.Series[i].From = facts.Series[i].From.Add(-time.Hour) // too old to say anything
			}
			res := evaluate.Step(now, rules, facts, alerts)
			if len(res.Transitions)+len(res.Notices) != 0 {
				t.Fatalf("got %+v, want nothing to happen", res.Transitions)
			}
			alerts, stepped = res.Alerts, now
		}
		if len(alerts) != len(prior) {
			t.Fatalf("got %d alerts, want the %d there were", len(alerts), len(prior))
		}
		for i := range alerts {
			if diff := gocmp.Diff(elapsed(prior[i], start), elapsed(alerts[i], stepped)); diff != "" {
				t.Fatalf("time that has run (-want +got):\n%s", diff)
			}
		}
	})
}

// elapsed is how long each timer of an alert has run.
func elapsed(a evaluate.Alert, now time.Time) (timers [3][2]time.Duration) {
	for i, l := range a.Levels {
		if !l.Since.IsZero() && !l.Active {
			timers[i][0] = now.Sub(l.Since)
		}
		if !l.QuietSince.IsZero() {
			timers[i][1] = now.Sub(l.QuietSince)
		}
	}
	return timers
}

// Promise 2: a live run only writes what changed, and reads that again; a replay
// keeps everything. Both do the same.
func TestWhatIsStoredIsEnoughToGoOn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules, w := genRules(t), genWorld(t)
		stored := map[evaluate.Fingerprint]evaluate.Alert{}
		var stepped time.Time
		for i, want := range w.play(rules) {
			now := w.looks()[i]
			var prior []evaluate.Alert
			for _, a := range stored {
				if a.State == evaluate.Pending || a.State == evaluate.Firing {
					prior = append(prior, a)
				}
			}
			slices.SortFunc(prior, func(a, b evaluate.Alert) int { return cmp.Compare(a.Fingerprint, b.Fingerprint) })
			got := evaluate.Step(now, w.inForce(rules, now), w.facts(now, stepped), prior)
			if diff := gocmp.Diff(want.Transitions, got.Transitions, sameNumbers); diff != "" {
				t.Fatalf("%s from what is stored (-want +got):\n%s", now.Format("15:04"), diff)
			}
			for _, a := range got.Changed {
				stored[a.Fingerprint] = a
			}
			stepped = now
		}
	})
}
