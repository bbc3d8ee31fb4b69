package evaluate_test

import (
	"fmt"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// benchFacts are n series of one hour, used at the same share all the time.
func benchFacts(n int, share float64) (time.Time, *usage.Facts) {
	now := day.Add(11 * time.Hour)
	f := &usage.Facts{Settle: 5 * time.Minute, SteppedAt: now.Add(-time.Minute)}
	for i := range n {
		group := fmt.Sprintf("rlg_%05d", i)
		s := usage.Series{
			ID:     usage.ID{OrganizationID: "org-1", GroupID: group, Limiter: usage.OutputTokens},
			Labels: usage.Labels{Organization: "acme", ModelGroup: group, Limiter: string(usage.OutputTokens)},
			From:   now.Add(-time.Hour), Settled: 55, Points: make([]usage.Point, 58),
		}
		for m := range s.Points {
			s.Points[m] = usage.Point{Used: 1000 * share, Limit: 1000}
		}
		f.Series = append(f.Series, s)
	}
	return now, f
}

// benchRules are the three rules that look at series most often.
var benchRules = []evaluate.Rule{
	{Alert: "LimitPressure", Condition: evaluate.Pressure{Window: 15 * minute, Depth: minute}, KeepFiringFor: 15 * time.Minute},
	{Alert: "HighUtilization", Condition: evaluate.Threshold{Warning: 0.98, Over: 5 * minute}, For: 2 * time.Minute, KeepFiringFor: 10 * time.Minute},
	{
		Alert: "Busy", Condition: evaluate.Threshold{Warning: 0.9, Over: 15 * minute}, For: 2 * time.Minute,
		Match: evaluate.Match{Limiter: []string{"*tokens_per_minute*"}, Workspace: []string{"*"}},
	},
}

const minute = evaluate.Duration(time.Minute)

// Ten thousand series on which all is well.
func BenchmarkStepFine(b *testing.B) {
	now, facts := benchFacts(10_000, 0.3)
	b.ReportAllocs()
	for b.Loop() {
		if res := evaluate.Step(now, benchRules, facts, nil); len(res.Alerts) != 0 {
			b.Fatal(len(res.Alerts))
		}
	}
}

// Ten thousand alerts that fire and go on firing, of one rule each.
func BenchmarkStepStillFiring(b *testing.B) {
	now, facts := benchFacts(10_000, 0.95)
	prior := evaluate.Step(now.Add(-time.Minute), benchRules[:1], facts, nil).Alerts
	b.ReportAllocs()
	for b.Loop() {
		res := evaluate.Step(now, benchRules[:1], facts, prior)
		if len(res.Alerts) != 10_000 || len(res.Changed) != 0 {
			b.Fatal(len(res.Alerts), len(res.Changed))
		}
	}
}

// Ten thousand alerts that begin to fire in one step.
func BenchmarkStepAllFire(b *testing.B) {
	now, facts := benchFacts(10_000, 0.95)
	b.ReportAllocs()
	for b.Loop() {
		if res := evaluate.Step(now, benchRules[:1], facts, nil); len(res.Notices) != 10_000 {
			b.Fatal(len(res.Notices))
		}
	}
}
