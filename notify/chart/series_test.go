package chart

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/usage"
)

// used100 is a series of a limit of 100 that ends at noon.
func used100(used ...float64) usage.Series {
	s := usage.Series{From: noon.Truncate(time.Minute).Add(-time.Duration(len(used)) * time.Minute), Settled: len(used)}
	for _, u := range used {
		s.Points = append(s.Points, usage.Point{Used: u, Limit: 100})
	}
	return s
}

// lineOf is the values of a line of the chart of a series, all of it.
func lineOf(t *testing.T, s usage.Series, kind LineKind, r Reading) []float64 {
	t.Helper()
	for _, l := range New(s, s.From, noon.Truncate(time.Minute), r).Lines {
		if l.Kind == kind {
			return l.Values
		}
	}
	return nil
}

func TestReadingsAreThoseOfRulesAfterEachMinute(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	s := used100(50, 100, nan, 100, 100)
	for name, c := range map[string]struct {
		reading Reading
		want    []float64
	}{
		// 1/2 of 0.5; 1.5 of 3; unknown; 1.0 of 2, or 2.5 of 5; 2 of 3.
		"pressure": {Reading{Window: 15 * time.Minute, Depth: time.Minute}, []float64{0.25, 0.5, nan, 0.5, 2.0 / 3}},
		"mean":     {Reading{Window: 2 * time.Minute}, []float64{0.25, 0.75, nan, 0.5, 1}},
		"none":     {Reading{}, nil},
	} {
		if diff := cmp.Diff(c.want, lineOf(t, s, Read, c.reading), cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff([]float64{0.5, 1, nan, 1, 1}, lineOf(t, s, Used, Reading{}), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("utilization (-want +got):\n%s", diff)
	}
}

func TestALimitPerDayHasNoReadingOfMinutes(t *testing.T) {
	t.Parallel()
	s := used100(90)
	s.ID.Limiter = usage.TokensPerDay
	if got := lineOf(t, s, Read, defaults); got != nil {
		t.Errorf("got readings %v, want none", got)
	}
}

func TestMinutesBeforeTheChartCountForItsReading(t *testing.T) {
	t.Parallel()
	s := used100(100, 100, 100)
	c := New(s, s.From.Add(2*time.Minute), noon, Reading{Window: 15 * time.Minute, Depth: time.Minute})
	if got := c.Lines[1].Values[0]; got != 0.75 { // 3 of 4
		t.Errorf("got %f, want the reading of three minutes", got)
	}
	if got := len(c.Lines[0].Values); got != 2 { // the last full one, and the one that is not over
		t.Errorf("got %d minutes, want 2", got)
	}
}

func TestUseOfALimitOfZeroIsBeyondAnyShareAndStillDrawn(t *testing.T) {
	t.Parallel()
	s := used100(50, 50)
	s.Points[1].Limit = 0
	c := New(s, s.From, noon.Truncate(time.Minute), defaults)
	c.Title = "zero"
	if got := c.Describe(); !strings.Contains(got, "Used: over 10000 %") {
		t.Errorf("got %q, want it to say that it is over everything", got)
	}
	got := svg(t, Sheet{c}, Narrow)
	for _, bad := range []string{"NaN", "Inf", "-9223372036854775808"} {
		if strings.Contains(got, bad) {
			t.Errorf("got %s in the picture", bad)
		}
	}
}

func TestTheNewLimitIsMarkedWhereItBegins(t *testing.T) {
	t.Parallel()
	s := used100(1, 1, 1, 1, 1)
	s.Points[2].Limit = math.NaN() // not known for a minute: that is no change
	s.Points[4].Limit = 1250000
	want := []Mark{{At: noon.Truncate(time.Minute).Add(-time.Minute), Kind: Changed, Text: "limit 100 → 1,250,000"}}
	if diff := cmp.Diff(want, New(s, s.From, noon, Reading{}).Marks); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
}

func TestAColumnShowsItsHighestMinuteAndNothingWhereNothingIsKnown(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for name, c := range map[string]struct {
		values []float64
		n      int
		want   []float64
	}{
		"fewer than columns": {[]float64{1, nan}, 3, []float64{1, nan}},
		"squeezed":           {[]float64{1, 5, nan, 2, nan, nan}, 3, []float64{5, 2, nan}},
		"uneven":             {[]float64{9, 1, 2, 3, 8}, 2, []float64{9, 8}},
		"none":               {nil, 3, nil},
	} {
		if diff := cmp.Diff(c.want, columns(c.values, c.n), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	want := []run{{1, 3}, {4, 5}}
	if diff := cmp.Diff(want, runs([]float64{nan, 1, 0, nan, 2, nan}), cmp.AllowUnexported(run{})); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func TestTimesAreLabelledWherePeopleExpectThem(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for name, c := range map[string]struct {
		from, to string
		n        int
		want     string
	}{
		"three hours":      {"2026-11-23T09:00:30Z", "2026-11-23T12:00:30Z", 7, "09:30 10:00 10:30 11:00 11:30 12:00"},
		"few of them":      {"2026-11-23T09:00:30Z", "2026-11-23T12:00:30Z", 4, "10:00 11:00 12:00"},
		"over midnight":    {"2026-11-22T22:00:00Z", "2026-11-23T01:00:00Z", 5, "22:00 23:00 23 Nov 01:00"},
		"weeks begin":      {"2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z", 6, "2 Nov 9 Nov 16 Nov 23 Nov 30 Nov"},
		"a year has few":   {"2025-11-23T00:00:00Z", "2026-11-23T00:00:00Z", 3, "2 Feb 14 Sep"},
		"a minute has one": {"2026-11-23T09:00:00Z", "2026-11-23T09:01:00Z", 3, "09:00"},
	} {
		ticks, step := timeTicks(day(c.from), day(c.to), c.n)
		var got []string
		for _, at := range ticks {
			got = append(got, timeLabel(at, step))
		}
		if said := strings.Join(got, " "); said != c.want {
			t.Errorf("%s: got %q, want %q", name, said, c.want)
		}
		if len(ticks) > c.n {
			t.Errorf("%s: got %d labels, want %d at most", name, len(ticks), c.n)
		}
	}
}

func TestTheShareAxisReachesAboveTheLimitAndWhatIsDrawn(t *testing.T) {
	t.Parallel()
	for want, highest := range map[float64]float64{leastTop: 0.1, 1.05 * 1.5: 1.5, mostTop: 40} {
		if got := topOf([]Line{{Values: []float64{highest, math.NaN()}}}); math.Abs(got-want) > 1e-9 {
			t.Errorf("got an axis up to %f for %f, want %f", got, highest, want)
		}
	}
	if got := topOf([]Line{{Values: []float64{math.Inf(1)}}}); got != mostTop {
		t.Errorf("got %f for what is beyond any share, want %d", got, mostTop)
	}
	for top, want := range map[float64]int{1.12: 5, 2: 5, 3: 4} {
		if got := len(shareTicks(top)); got != want {
			t.Errorf("got %d lines up to %f, want %d", got, top, want)
		}
	}
}
