package forecast_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
	"alerter/usage/forecast"
)

// exact is a history without noise: 40 on a working day and 10 on a weekend, growing
// by one a day.
func exact(days int) []usage.DailyPeak {
	var points []usage.DailyPeak
	for i := range days {
		p := usage.DailyPeak{Day: monday.Add(time.Duration(i) * day), P99: 40 + float64(i), Max: 140 + float64(i%50), Minutes: 1440}
		if w := p.Day.Weekday(); w == time.Saturday || w == time.Sunday {
			p.P99 -= 30
		}
		points = append(points, p)
	}
	return points
}

func TestALineWithoutNoiseIsFoundExactly(t *testing.T) {
	t.Parallel()
	got := forecast.Fit(exact(84))
	want := usage.Trend{
		Shape: usage.Straight, From: monday, To: monday.Add(83 * day), Days: 84, Middle: monday.Add(41 * day),
		Slope: 1, Working: 81, Weekend: 51, Recent: 119, RecentWeekend: 92.5, Highest: 173,
	}
	about := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-6 })
	if diff := cmp.Diff(want, got, about); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheShapeSaysWhatTheHistoryAllows(t *testing.T) {
	t.Parallel()
	holes := func(points []usage.DailyPeak, from, to int) []usage.DailyPeak {
		for i := from; i < to; i++ {
			points[i].Minutes = 1200
		}
		return points
	}
	jumped := exact(84)
	for i := range jumped[77:] {
		jumped[77+i].P99 += 60
	}
	idle := exact(84)
	for i := range idle {
		idle[i].P99 = 0
	}
	for name, c := range map[string]struct {
		points []usage.DailyPeak
		want   usage.Shape
	}{
		"nothing":                               {nil, usage.Short},
		"days of which too little is known":     {holes(exact(30), 0, 30), usage.Short},
		"a day less than three weeks":           {exact(20), usage.Short},
		"three weeks":                           {exact(21), usage.Straight},
		"a fortnight in three years":            {append(exact(7), exact(1100)[1090:]...), usage.Short},
		"ten of the newest days missing":        {holes(exact(60), 45, 55), usage.Sparse},
		"nine of the newest days missing":       {holes(exact(60), 45, 54), usage.Straight},
		"the newest days missing":               {holes(exact(60), 50, 60), usage.Straight},
		"a jump a week ago":                     {jumped, usage.Crooked},
		"never used":                            {idle, usage.Straight},
		"weekends only, of which too few":       {slices.DeleteFunc(exact(60), func(p usage.DailyPeak) bool { return p.Day.Weekday()%6 != 0 }), usage.Sparse},
		"working days only":                     {slices.DeleteFunc(exact(60), func(p usage.DailyPeak) bool { return p.Day.Weekday()%6 == 0 }), usage.Straight},
		"three weeks of which few are in pairs": {append(exact(7), exact(21)[14:]...), usage.Crooked},
	} {
		if got := forecast.Fit(c.points).Shape; got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestAFewOddDaysDoNotBendTheLine(t *testing.T) {
	t.Parallel()
	points := exact(84)
	for _, i := range []int{3, 17, 30, 44, 58, 71, 82} {
		points[i].P99 = 900
	}
	got := forecast.Fit(points)
	if math.Abs(got.Slope-1) > 0.02 || math.Abs(got.Working-81) > 2 {
		t.Errorf("got %+v, want what it is without them", got)
	}
}
