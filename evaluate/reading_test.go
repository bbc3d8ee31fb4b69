package evaluate_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/usage"
)

// minutes is a series of the given shares of a limit of 1000, that ended five
// minutes ago and is settled.
func minutes(limiter usage.Limiter, shares ...float64) usage.Series {
	s := usage.Series{ID: usage.ID{Limiter: limiter}, Settled: len(shares)}
	s.From = noon.Add(-time.Duration(len(shares)+5) * time.Minute)
	for _, share := range shares {
		s.Points = append(s.Points, usage.Point{Used: 1000 * share, Limit: 1000})
	}
	return s
}

// The numbers that the bucket-equivalent rate is explained by.
func TestPressureIsWhatTheBucketSees(t *testing.T) {
	t.Parallel()
	quiet := slices.Repeat([]float64{0}, 15)
	for _, c := range []struct {
		share   float64
		minutes int
		want    float64
	}{
		{1, 1, 0.50}, {0.93, 10, 0.85}, {1, 15, 0.94}, {0, 1, 0},
	} {
		s := minutes(usage.OutputTokens, slices.Concat(quiet, slices.Repeat([]float64{c.share}, c.minutes))...)
		got := evaluate.Read(noon, &s, 5*time.Minute).Pressure
		if math.Round(100*float64(got))/100 != c.want {
			t.Errorf("%d minutes at %v: got %v, want %v", c.minutes, c.share, got, c.want)
		}
	}
}

func TestReadingExplainsItsValue(t *testing.T) {
	t.Parallel()
	s := minutes(usage.OutputTokens, slices.Concat(slices.Repeat([]float64{0.1}, 10), slices.Repeat([]float64{0.9}, 9), []float64{0.2})...)
	got := evaluate.Read(noon, &s, 5*time.Minute)
	want := evaluate.Reading{
		Value: 0.81, Used: 200, Limit: 1000, Utilization: 0.2, Pressure: 0.81, Mean: 0.9,
		From: noon.Add(-15 * time.Minute), To: noon.Add(-6 * time.Minute), DataAsOf: noon.Add(-5 * time.Minute),
		Odds: &evaluate.Odds{Within15: 0.04, Within60: 0.15, Source: "counted on four recorded 14-day traces"},
	}
	if diff := gocmp.Diff(want, got, roughly); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// roughly compares numbers to nine digits.
var roughly = gocmp.Comparer(func(a, b evaluate.Number) bool {
	return math.Abs(float64(a-b)) < 1e-9 || !a.Known() && !b.Known()
})

func TestReadingOfADayCoversTheDay(t *testing.T) {
	t.Parallel()
	s := minutes(usage.TokensPerDay, 0.5, 0.97, 0.96)
	got := evaluate.Read(noon, &s, 5*time.Minute)
	want := evaluate.Reading{
		Value: 0.96, Used: 960, Limit: 1000, Utilization: 0.96, Pressure: 0.96, Mean: 0.96,
		From: noon.Add(-24*time.Hour - 5*time.Minute), To: noon.Add(-5 * time.Minute), DataAsOf: noon.Add(-5 * time.Minute),
	}
	if diff := gocmp.Diff(want, got, roughly); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// At the start, or behind a gap, no settled minute is known: the newest seen one
// is shown.
func TestReadingFallsBackToWhatWasSeen(t *testing.T) {
	t.Parallel()
	s := minutes(usage.OutputTokens, 0.3, 0.4)
	s.Settled = 0
	if got := evaluate.Read(noon, &s, 5*time.Minute); got.Used != 400 || got.Utilization != 0.4 {
		t.Errorf("got %+v, want the newest minute's use", got)
	}
}

func TestNothingIsSaidWithoutYoungMinutesAndALimit(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	unlimited := minutes(usage.OutputTokens, 0.3, 0.4)
	unlimited.Points[1].Limit = nan
	for name, c := range map[string]struct {
		series usage.Series
		at     time.Time
		known  bool
	}{
		"five minutes old":            {minutes(usage.OutputTokens, 0.5), noon, true},
		"ten minutes old":             {minutes(usage.OutputTokens, 0.5), noon.Add(5 * time.Minute), true},
		"more than ten minutes old":   {minutes(usage.OutputTokens, 0.5), noon.Add(5*time.Minute + time.Second), false},
		"old, the newer ones unknown": {minutes(usage.OutputTokens, 0.5, nan, nan, nan, nan, nan, nan), noon, false},
		"of yesterday":                {minutes(usage.OutputTokens, 0.5), noon.Add(24 * time.Hour), false},
		"of tomorrow":                 {minutes(usage.OutputTokens, 0.5), noon.Add(-24 * time.Hour), false},
		"none at all":                 {minutes(usage.OutputTokens), noon, false},
		"limit not known":             {unlimited, noon, false},
	} {
		if got := evaluate.Read(c.at, &c.series, 5*time.Minute).Value.Known(); got != c.known {
			t.Errorf("%s: got known %v, want %v", name, got, c.known)
		}
	}
	s := minutes(usage.OutputTokens, 0.5)
	if got := evaluate.Read(noon.Add(time.Hour), &s, 5*time.Minute); got.Limit != 1000 || got.Used.Known() {
		t.Errorf("an hour later: got %+v, want the limit alone", got)
	}
	// Where minutes settle late, they may be older.
	if !evaluate.Read(noon.Add(15*time.Minute), &s, 15*time.Minute).Value.Known() {
		t.Error("20 minutes old where minutes settle after 15: got unknown, want known")
	}
}

// A limit of zero lets nothing through; what came through all the same reads as
// above any level, and can still be stored.
func TestLimitOfZeroIsAboveEveryLevel(t *testing.T) {
	t.Parallel()
	s := minutes(usage.OutputTokens, slices.Repeat([]float64{0.1}, 15)...)
	s.Points[14].Limit = 0
	kind, _ := evaluate.KindOf("pressure")
	rules := []evaluate.Rule{{Alert: "LimitPressure", Condition: kind.New()}}
	res := evaluate.Step(noon, rules, &usage.Facts{Settle: 5 * time.Minute, Series: []usage.Series{s}}, nil)
	if len(res.Alerts) != 1 || res.Alerts[0].Severity != evaluate.Critical {
		t.Fatalf("got %+v, want a critical alert", res.Alerts)
	}
	if text, err := json.Marshal(res.Alerts); err != nil {
		t.Errorf("got %s (%v), want it as JSON", text, err)
	}
	again := evaluate.Step(noon.Add(time.Minute), rules, &usage.Facts{Settle: 5 * time.Minute, Series: []usage.Series{s}, SteppedAt: noon}, res.Alerts)
	if len(again.Changed) != 0 {
		t.Errorf("got %+v, want it to stay", again.Changed)
	}
}

func TestOddsFollowTheTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pressure, within15, within60, warned60 float64 }{
		{0.49, 0, 0.01, 0}, {0.50, 0.01, 0.05, 0}, {0.69, 0.02, 0.07, 0}, {0.849, 0.04, 0.15, 0},
		{0.85, 0.06, 0.21, 0.45}, {0.90, 0.21, 0.41, 0.45}, {0.95, 0.30, 0.51, 0.45}, {1.2, 0.30, 0.51, 0.45},
	} {
		// One minute at p×2 of the limit is a pressure of p.
		s := minutes(usage.OutputTokens, slices.Concat(make([]float64, 14), []float64{2 * c.pressure})...)
		want := evaluate.Odds{Within15: c.within15, Within60: c.within60, Warned60: c.warned60, Source: "counted on four recorded 14-day traces"}
		if got := evaluate.Read(noon, &s, 5*time.Minute).Odds; got == nil || *got != want {
			t.Errorf("%v: got %+v, want %+v", c.pressure, got, want)
		}
	}
	for _, limiter := range []usage.Limiter{usage.TokensPerDay, usage.ToolUsesPerSecond} {
		s := minutes(limiter, 0.9)
		if got := evaluate.Read(noon, &s, 5*time.Minute).Odds; got != nil {
			t.Errorf("%s: got %+v, want none, nothing was counted for it", limiter, got)
		}
	}
}

func TestUnknownNumberIsNullInJSON(t *testing.T) {
	t.Parallel()
	for want, n := range map[string]evaluate.Number{"null": evaluate.Unknown(), "0.5": 0.5, "0": 0} {
		text, err := json.Marshal(n)
		if err != nil || string(text) != want {
			t.Errorf("got %s (%v), want %s", text, err, want)
		}
		var back evaluate.Number
		if err := json.Unmarshal(text, &back); err != nil || back.Known() != n.Known() || n.Known() && back != n {
			t.Errorf("%s: got %v (%v) back, want %v", text, back, err, n)
		}
	}
	if text, err := json.Marshal(evaluate.Number(math.Inf(1))); err != nil || string(text) != "null" {
		t.Errorf("infinite: got %s (%v), want null", text, err)
	}
	var n evaluate.Number
	if err := json.Unmarshal([]byte(`"x"`), &n); err == nil {
		t.Errorf("got %v of a text, want an error", n)
	}
}

func TestRoundedLeavesOutWhatBinaryFractionsAdd(t *testing.T) {
	t.Parallel()
	tenth, fifth := evaluate.Number(0.1), evaluate.Number(0.2) // as constants they would add up exactly
	if got := (tenth + fifth).Rounded(); tenth+fifth == 0.3 || got != 0.3 {
		t.Errorf("got %v of %v, want 0.3", float64(got), float64(tenth+fifth))
	}
	if got := evaluate.Unknown().Rounded(); got.Known() {
		t.Errorf("got %v of what is not known, want it not known", float64(got))
	}
}

func TestPercentIsWholeAndNotTheWholeBeforeItIs(t *testing.T) {
	t.Parallel()
	for ratio, want := range map[float64]float64{0: 0, 0.004: 0, 0.846: 85, 0.994: 99, 0.999: 99, 1: 100, 1.004: 100, 1.016: 102} {
		if got := evaluate.Percent(ratio); got != want {
			t.Errorf("%v: got %v, want %v", ratio, got, want)
		}
	}
	if got := evaluate.Percent(math.NaN()); !math.IsNaN(got) {
		t.Errorf("got %v for what is not known, want it not known", got)
	}
}
