package evaluate

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"alerter/usage"
	"alerter/usage/forecast"
)

const (
	kindGrowth = "growth"

	// growthClear is by how much more than a level's days must be left for the level
	// to be clear: an estimate wobbles by days from one day to the next.
	growthClear = 1.5
	// growthMaxAge is how long ago the newest day with a peak may have ended.
	growthMaxAge = 3 * 24 * time.Hour
	// bucketFull is the pressure at which a limit counts as reached, as for pressure
	// rules: whoever uses all of a limit for a quarter of an hour comes to 0.94.
	bucketFull = 0.93
)

// growthLevels are in force where a rule writes no level.
var growthLevels = [3]Duration{Duration(28 * 24 * time.Hour), Duration(7 * 24 * time.Hour), 0}

// Growth watches how many days are left until the daily peak of a series reaches
// its limit, at the pace of the last weeks. If no level is set the defaults hold,
// info at 28 days and a warning at 7; if some are set, there are no others.
type Growth struct {
	Info     Duration `json:"info,omitempty" yaml:"info,omitempty"`
	Warning  Duration `json:"warning,omitempty" yaml:"warning,omitempty"`
	Critical Duration `json:"critical,omitempty" yaml:"critical,omitempty"`
}

// Kind is "growth".
func (Growth) Kind() string { return kindGrowth }

// Lookback is zero: the weeks it looks at are in the facts' trends.
func (Growth) Lookback() time.Duration { return 0 }

// Check reports levels that do not fall with severity.
func (c Growth) Check() error {
	var errs []error
	milder, ceiling := None, Duration(0)
	for i, level := range c.levels() {
		switch {
		case level < 0:
			errs = append(errs, fmt.Errorf("%s: %s is not a level", Severities[i], level))
		case level == 0:
		case milder != None && level >= ceiling:
			errs = append(errs, fmt.Errorf("%s: %s is not below %s of %s: the nearer, the worse", Severities[i], level, ceiling, milder))
		default:
			milder, ceiling = Severities[i], level
		}
	}
	return errors.Join(errs...)
}

func (c Growth) levels() [3]Duration {
	if c == (Growth{}) {
		return growthLevels
	}
	return [3]Duration{c.Info, c.Warning, c.Critical}
}

// MarshalJSON writes the levels in force, so that a stored rule says what it did
// even where defaults change later.
func (c Growth) MarshalJSON() ([]byte, error) {
	type plain Growth // without this method
	l := c.levels()
	return json.Marshal(plain{l[0], l[1], l[2]})
}

// Verdicts judges each series by the days that are left. A history that is too
// short or that no line fits says that nothing is near; one without its newest
// days says nothing.
func (c Growth) Verdicts(at time.Time, match Match, facts *usage.Facts) iter.Seq[Verdict] {
	levels := c.levels()
	today := at.UTC().Truncate(24 * time.Hour)
	return eachSeries(match, facts, func(s *usage.Series) Verdict {
		v := Verdict{Subject: Subject{ID: s.ID}, Labels: s.Labels, Reading: unknownReading()}
		for i, level := range levels {
			v.Levels[i] = days(time.Duration(level))
		}
		trend, known := facts.Trends[s.ID]
		limit := newestLimit(s)
		switch {
		case !known || trend.Shape == usage.Short:
			return v
		case math.IsNaN(limit) || trend.Shape == usage.Sparse || at.Sub(trend.To.Add(24*time.Hour)) > growthMaxAge:
			v.AtMost, v.Unknown = Critical, true
			return v
		}
		c.judge(&v, today, trend, limit)
		return v
	})
}

// judge says how near the limit is. What is there already without growing any more
// keeps an alert and begins none: growth that has met its limit looks like that, and
// so does work that was made to fill it.
func (c Growth) judge(v *Verdict, today time.Time, trend usage.Trend, limit float64) {
	full := limit * bucketFull
	if v.Subject.Limiter.Period() == 24*time.Hour {
		full = limit // a day has no bucket that runs empty before
	}
	e, ok := forecast.Reach(trend, today, full)
	if !ok {
		if trend.Recent >= full || trend.RecentWeekend >= full {
			v.AtMost = Critical
		}
		return
	}
	left := e.At.Sub(today)
	v.AtLeast, v.AtMost = c.within(left, 1), c.within(left, growthClear)
	v.Reading.Value, v.Reading.Limit = Number(days(left)), Number(limit)
	v.Reading.Growth, v.Reading.DataAsOf = &e, trend.To.Add(24*time.Hour)
}

// within is the worst severity whose days, that many times over, hold what is left.
func (c Growth) within(left time.Duration, times float64) (worst Severity) {
	for i, level := range c.levels() {
		if level > 0 && float64(left) <= float64(level)*times {
			worst = Severities[i]
		}
	}
	return worst
}

func days(d time.Duration) float64 { return d.Hours() / 24 }

// newestLimit is the newest limit that is known of a series.
func newestLimit(s *usage.Series) float64 {
	for i := len(s.Points); i > 0; i-- {
		if limit := s.Points[i-1].Limit; !math.IsNaN(limit) {
			return limit
		}
	}
	return math.NaN()
}
