package forecast

import (
	"math"
	"time"

	"alerter/usage"
)

const (
	// bandWidth is how many standard errors, to both sides, make a band of 80 %.
	bandWidth = 1.2816
	// doubt is how many standard errors a slope must be above zero to be called growth.
	doubt = 2.0
	// farthest is how many days ahead a day is still named: of what lies beyond, some
	// weeks of history say nothing.
	farthest = 366
)

// Estimate says when a level is reached.
type Estimate struct {
	// At is the first day, midnight UTC, on which the typical peak is at the level:
	// where it is there already the day that was asked from. It is a working day where
	// only these reach it. Earliest and Latest are
	// the ends of a band that holds the true day in about 80 % of cases; Latest is
	// at most some years ahead.
	At, Earliest, Latest time.Time
	// OnWeekdays reports whether only working days reach it then, and weekends do not.
	OnWeekdays bool
	Peak       float64 // the typical peak on the day asked from, of the days that are highest
	PerWeek    float64 // by how much it grows a week
	Highest    float64 // the highest peak of the newest week; zero where it was not noted
	Days       int     // how many days that is read from
}

// Reach says when the trend is at the level, as seen from at. It reports false
// where nothing can be said: no line fits, it does not rise beyond doubt, or it is
// at the level only in more than a year.
func Reach(t usage.Trend, at time.Time, level float64) (Estimate, bool) {
	if t.Shape != usage.Straight {
		return Estimate{}, false
	}
	a, weekend := climb(t)
	today := number(at) - number(t.Middle)
	reached, earliest, latest, ok := a.meets(level)
	if !ok || reached-float64(today) > farthest {
		return Estimate{}, false
	}
	on := func(x float64) time.Time {
		days := math.Ceil(min(max(x, float64(today)), float64(today+10*farthest)))
		return t.Middle.Add(time.Duration(days) * day)
	}
	e := Estimate{
		At: on(reached), Earliest: on(earliest), Latest: on(latest),
		Peak: a.start + a.slope*float64(today), PerWeek: week * a.slope, Highest: t.Highest, Days: t.Days,
	}
	then := float64(number(e.At) - number(t.Middle))
	e.OnWeekdays = !weekend && !(t.Weekend+t.Slope*then >= level)
	if e.OnWeekdays && kindOf(e.At.Weekday()) == weekendDay {
		e.At = nextMonday(e.At)
		if e.Latest.Before(e.At) {
			e.Latest = e.At
		}
	}
	return e, true
}

// nextMonday is the first Monday from a day on.
func nextMonday(from time.Time) time.Time {
	return from.Add(time.Duration((time.Monday-from.Weekday()+week)%week) * day)
}

// ascent is the line of the days that are highest: its height on day 0, which is
// the middle, and by how much it rises a day.
type ascent struct{ start, slope, startError, slopeError float64 }

// climb is the line of working days or that of weekends, whichever is higher.
func climb(t usage.Trend) (a ascent, weekend bool) {
	if math.IsNaN(t.Working) || t.Weekend > t.Working {
		return ascent{t.Weekend, t.Slope, t.WeekendError, t.SlopeError}, true
	}
	return ascent{t.Working, t.Slope, t.WorkingError, t.SlopeError}, false
}

// meets is the day on which the line is at the level, and those on which the two
// sides of its band are. These are the days x on which the level is bandWidth
// errors away from start + slope·x, the roots of a quadratic equation (Fieller's
// interval). It reports false where the slope is not above zero beyond doubt.
func (a ascent) meets(level float64) (reached, earliest, latest float64, ok bool) {
	if !(a.slope > 0) || a.slope < doubt*a.slopeError {
		return 0, 0, 0, false
	}
	gap := level - a.start
	startError, slopeError := bandWidth*a.startError, bandWidth*a.slopeError
	square := a.slope*a.slope - slopeError*slopeError // above zero, because bandWidth is below doubt
	half := gap * a.slope / square
	root := math.Sqrt(max(half*half-(gap*gap-startError*startError)/square, 0))
	return gap / a.slope, half - root, half + root, true
}
