package evaluate_test

import (
	"math"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// risingTo is a trend at 700 on a working day of the newest week, that grows by 10 a day.
func risingTo(last time.Time) usage.Trend {
	return usage.Trend{
		Shape: usage.Straight, From: last.AddDate(0, 0, -41), To: last, Days: 42, Middle: last.AddDate(0, 0, -20),
		Slope: 10, Working: 500, Weekend: 300, SlopeError: 0.2, WorkingError: 2, WeekendError: 3, Recent: 690, RecentWeekend: 470,
	}
}

// look is the verdict on one series at noon of a day.
func look(at time.Time, trends map[usage.ID]usage.Trend, id usage.ID, limits ...float64) evaluate.Verdict {
	s := usage.Series{ID: id, From: at.Add(-time.Hour)}
	for _, limit := range limits {
		s.Points = append(s.Points, usage.Point{Used: math.NaN(), Limit: limit})
	}
	for v := range (evaluate.Growth{}).Verdicts(at, evaluate.Match{}, &usage.Facts{Series: []usage.Series{s}, Trends: trends}) {
		return v
	}
	panic("unreachable: every series has a verdict")
}

func TestGrowthIsJudgedByTheNewestLimit(t *testing.T) {
	t.Parallel()
	id := usage.ID{GroupID: "rlg_opus", Limiter: usage.OutputTokens}
	trends := map[usage.ID]usage.Trend{id: risingTo(day.AddDate(0, 0, -1))}
	for name, c := range map[string]struct {
		limits []float64
		left   evaluate.Number
		want   evaluate.Severity
	}{
		"near":          {[]float64{2000, 800}, 4, evaluate.Warning},           // 744 is reached
		"farther":       {[]float64{800, 1000, math.NaN()}, 22, evaluate.Info}, // 930
		"far":           {[]float64{1500}, 70, evaluate.None},
		"there already": {[]float64{700}, 0, evaluate.Warning},
	} {
		v := look(day.Add(12*time.Hour), trends, id, c.limits...)
		if v.AtLeast != c.want || v.Unknown || v.Reading.Value != c.left || v.Reading.Growth == nil {
			t.Errorf("%s: got %q with %v days left, want %q with %v", name, v.AtLeast, v.Reading.Value, c.want, c.left)
		}
	}
}

// A limit per day is full at its value, not at what a bucket bears.
func TestGrowthOfALimitPerDayReachesAllOfIt(t *testing.T) {
	t.Parallel()
	id := usage.ID{GroupID: "rlg_opus", Limiter: usage.TokensPerDay}
	v := look(day.Add(12*time.Hour), map[usage.ID]usage.Trend{id: risingTo(day.AddDate(0, 0, -1))}, id, 930)
	if v.Reading.Value != 22 {
		t.Errorf("got %v days left, want 22", v.Reading.Value)
	}
}

func TestGrowthIsUnknownWhereItCannotBeSeen(t *testing.T) {
	t.Parallel()
	id := usage.ID{GroupID: "rlg_opus", Limiter: usage.OutputTokens}
	yesterday := day.AddDate(0, 0, -1)
	as := func(shape usage.Shape) usage.Trend {
		trend := risingTo(yesterday)
		trend.Shape = shape
		return trend
	}
	for name, c := range map[string]struct {
		trends  map[usage.ID]usage.Trend
		limit   float64
		unknown bool
	}{
		"no trend":           {nil, 800, false},
		"a short history":    {map[usage.ID]usage.Trend{id: as(usage.Short)}, 800, false},
		"no line":            {map[usage.ID]usage.Trend{id: as(usage.Crooked)}, 800, false},
		"holes":              {map[usage.ID]usage.Trend{id: as(usage.Sparse)}, 800, true},
		"an unknown limit":   {map[usage.ID]usage.Trend{id: risingTo(yesterday)}, math.NaN(), true},
		"two days missing":   {map[usage.ID]usage.Trend{id: risingTo(yesterday.AddDate(0, 0, -2))}, 5000, false},
		"three days missing": {map[usage.ID]usage.Trend{id: risingTo(yesterday.AddDate(0, 0, -3))}, 5000, true},
	} {
		v := look(day.Add(12*time.Hour), c.trends, id, c.limit)
		if v.Unknown != c.unknown || v.AtLeast != evaluate.None || c.unknown != (v.AtMost == evaluate.Critical) || v.Reading.Value.Known() && name != "two days missing" {
			t.Errorf("%s: got %+v, want unknown %v and no severity", name, v, c.unknown)
		}
	}
}

func TestRulesSayWhetherTheyLookAtTrends(t *testing.T) {
	t.Parallel()
	growth := evaluate.Rule{Alert: "G", Condition: &evaluate.Growth{}}
	if evaluate.LooksAtTrends(benchRules) || !evaluate.LooksAtTrends(append([]evaluate.Rule{growth}, benchRules...)) {
		t.Error("got it the other way round")
	}
}

// Ten thousand series whose growth is looked at in each step.
func BenchmarkStepGrowth(b *testing.B) {
	now, facts := benchFacts(10_000, 0.3)
	facts.Trends = make(map[usage.ID]usage.Trend)
	for i := range facts.Series {
		facts.Trends[facts.Series[i].ID] = risingTo(now.Truncate(24*time.Hour).AddDate(0, 0, -1))
		facts.Series[i].Points[57].Limit = 5000
	}
	rules := []evaluate.Rule{{Alert: "GrowthAhead", Condition: evaluate.Growth{}}}
	b.ReportAllocs()
	for b.Loop() {
		if res := evaluate.Step(now, rules, facts, nil); len(res.Alerts) != 0 {
			b.Fatalf("got %d alerts", len(res.Alerts))
		}
	}
}
