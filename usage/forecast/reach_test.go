package forecast_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"alerter/usage"
	"alerter/usage/forecast"
)

// grown is a trend at 70 of working days on a Monday, two a week, and its errors.
func grown() usage.Trend {
	return usage.Trend{
		Shape: usage.Straight, From: monday.Add(-30 * day), To: monday.Add(30 * day), Days: 61, Middle: monday,
		Slope: 2.0 / 7, Working: 70, Weekend: 30, SlopeError: 0.05, WorkingError: 1, WeekendError: 1, Highest: 88,
	}
}

func TestReachNamesTheDayAndItsBand(t *testing.T) {
	t.Parallel()
	at := monday.Add(31*day + time.Hour)
	e, ok := forecast.Reach(grown(), at, 90)
	if !ok || !e.At.Equal(monday.Add(70*day)) || !e.OnWeekdays {
		t.Fatalf("got %+v %v, want day 70 and only on working days", e, ok)
	}
	if !e.Earliest.Before(e.At) || !e.Latest.After(e.At) {
		t.Errorf("got a band from %s to %s, want it around %s", e.Earliest, e.Latest, e.At)
	}
	if early, late := e.At.Sub(e.Earliest), e.Latest.Sub(e.At); early >= late {
		t.Errorf("got %s before and %s after, want more after: a slow line crosses late", early, late)
	}
	if want := 70 + 31*2.0/7; math.Abs(e.Peak-want) > 1e-9 || math.Abs(e.PerWeek-2) > 1e-9 || e.Days != 61 || e.Highest != 88 {
		t.Errorf("got %+v, want a peak of %.2f, 2 a week, at most 88, 61 days", e, want)
	}
}

func TestADayOnAWeekendThatOnlyWorkingDaysReachIsTheMondayAfter(t *testing.T) {
	t.Parallel()
	trend := grown()
	trend.SlopeError, trend.WorkingError = 0, 0
	e, ok := forecast.Reach(trend, monday, 70+2.0/7*40) // day 40 is a Saturday
	if want := monday.Add(42 * day); !ok || !e.At.Equal(want) || !e.Latest.Equal(want) {
		t.Errorf("got %+v, want %s", e, want)
	}
}

func TestWeekendsThatAreHigherCount(t *testing.T) {
	t.Parallel()
	trend := grown()
	trend.Working, trend.Weekend = trend.Weekend, trend.Working
	e, ok := forecast.Reach(trend, monday, 90)
	if !ok || !e.At.Equal(monday.Add(70*day)) || e.OnWeekdays {
		t.Errorf("got %+v %v, want day 70 and not only working days", e, ok)
	}
	trend.Working = math.NaN()
	if e, ok := forecast.Reach(trend, monday, 90); !ok || e.OnWeekdays {
		t.Errorf("got %+v %v for weekends only", e, ok)
	}
	trend = grown()
	trend.Weekend = math.NaN()
	if e, ok := forecast.Reach(trend, monday, 90); !ok || !e.OnWeekdays {
		t.Errorf("got %+v %v for working days only", e, ok)
	}
}

func TestALevelThatIsReachedAlreadyIsReachedToday(t *testing.T) {
	t.Parallel()
	at := monday.Add(31 * day)
	e, ok := forecast.Reach(grown(), at.Add(5*time.Hour), 60)
	if !ok || !e.At.Equal(at) || !e.Earliest.Equal(at) || !e.Latest.Equal(at) {
		t.Errorf("got %+v %v, want today", e, ok)
	}
}

func TestNothingIsSaidWhereNothingCanBe(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*usage.Trend){
		"crooked":             func(t *usage.Trend) { t.Shape = usage.Crooked },
		"short":               func(t *usage.Trend) { *t = usage.Trend{Shape: usage.Short} },
		"falling":             func(t *usage.Trend) { t.Slope = -t.Slope },
		"flat":                func(t *usage.Trend) { t.Slope = 0 },
		"flat without errors": func(t *usage.Trend) { t.Slope, t.SlopeError = 0, 0 },
		"in doubt":            func(t *usage.Trend) { t.SlopeError = t.Slope / 1.9 },
		"in years":            func(t *usage.Trend) { t.Slope, t.SlopeError = 0.01, 0.0001 },
	} {
		trend := grown()
		change(&trend)
		if e, ok := forecast.Reach(trend, monday, 90); ok {
			t.Errorf("%s: got %+v, want nothing", name, e)
		}
	}
}

func TestTheEndsOfABandAreAtMostSomeYearsAway(t *testing.T) {
	t.Parallel()
	trend := grown()
	trend.SlopeError, trend.WorkingError = trend.Slope/2, 40
	e, ok := forecast.Reach(trend, monday, 90)
	if !ok || e.Earliest.Before(monday) || e.Latest.After(monday.AddDate(11, 0, 0)) {
		t.Errorf("got %+v %v, want a band from today on and within eleven years", e, ok)
	}
}

func ExampleReach() {
	// Twelve weeks: working days grow by six a week from 400 on, weekends are quiet.
	var points []usage.DailyPeak
	for i := range 84 {
		p := usage.DailyPeak{Day: monday.AddDate(0, 0, i), P99: 400 + 6*float64(i)/7, Minutes: 1440}
		if slices.Contains([]time.Weekday{time.Saturday, time.Sunday}, p.Day.Weekday()) {
			p.P99 = 20
		}
		points = append(points, p)
	}
	trend := forecast.Fit(points)
	if e, ok := forecast.Reach(trend, monday.AddDate(0, 0, 84), 500); ok {
		fmt.Println("reached on", e.At.Format(time.DateOnly), "only on working days:", e.OnWeekdays)
	}
	// Output: reached on 2026-06-29 only on working days: true
}
