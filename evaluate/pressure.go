package evaluate

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"alerter/usage"
)

const (
	kindPressure = "pressure"

	pressureWindow = usage.PressureWindow
	pressureDepth  = usage.PressureDepth
)

// pressureLevels are in force where a rule writes no level: watch, warn, and the
// limit has probably been reached.
var pressureLevels = ladder{0.70, 0.85, 0.93}

// Pressure watches the bucket-equivalent rate of each series: [usage.Pressure]
// of the newest minutes. If no level is set the defaults hold, 70, 85 and 93 %;
// if some are set, there are no others.
type Pressure struct {
	Info     Share `json:"info,omitempty" yaml:"info,omitempty"`
	Warning  Share `json:"warning,omitempty" yaml:"warning,omitempty"`
	Critical Share `json:"critical,omitempty" yaml:"critical,omitempty"`
	// Window is how many of the newest minutes are looked at; whole minutes.
	Window Duration `json:"window" yaml:"window"`
	// Depth is what the limit's bucket holds when full, as the time in which the
	// limit fills it.
	Depth Duration `json:"depth" yaml:"depth"`
}

// Kind is "pressure".
func (Pressure) Kind() string { return kindPressure }

// Lookback is the window.
func (c Pressure) Lookback() time.Duration { return time.Duration(c.Window) }

// Check reports bad levels and those above 100 %, a window that is not whole minutes between one
// minute and a day, and a depth that is not above zero.
func (c Pressure) Check() error {
	return errors.Join(
		c.levels().most(1, "at which the limit's bucket is empty"),
		c.levels().check(showShare),
		checkMinutes("window", c.Window),
		checkDepth(c.Depth),
	)
}

func (c Pressure) levels() ladder {
	l := ladder{float64(c.Info), float64(c.Warning), float64(c.Critical)}
	if l.empty() {
		return pressureLevels
	}
	return l
}

// Levels are the levels in force by Severity.Rank()-1, shares of the limit; zero
// where there is none.
func (c Pressure) Levels() [3]float64 { return c.levels() }

// WithLevels is the same condition with other levels, as Levels gives them.
func (c Pressure) WithLevels(levels [3]float64) Condition {
	c.Info, c.Warning, c.Critical = Share(levels[0]), Share(levels[1]), Share(levels[2])
	return c
}

// Verdicts judges each series by the higher of two readings: of the newest
// settled minutes, which must all be known for the reading to clear anything,
// and of the newest seen ones.
func (c Pressure) Verdicts(at time.Time, match Match, facts *usage.Facts) iter.Seq[Verdict] {
	levels, window, depth := c.levels(), time.Duration(c.Window), time.Duration(c.Depth)
	j := judge{levels: levels, clears: levels, window: window}
	j.read = func(g *gauge, v view) (span, float64) {
		worst := v.newest(func(end int) span { return g.pressure(v, end, window, depth) })
		return worst, worst.value
	}
	return j.verdicts(at, match, facts)
}

// MarshalJSON writes the levels in force, so that a stored rule says what it did
// even where defaults change later.
func (c Pressure) MarshalJSON() ([]byte, error) {
	type plain Pressure // without this method
	l := c.levels()
	c.Info, c.Warning, c.Critical = Share(l[0]), Share(l[1]), Share(l[2])
	return json.Marshal(plain(c))
}

func showShare(level float64) string { return Share(level).String() }

// checkMinutes reports a window that cannot be read minute by minute.
func checkMinutes(key string, window Duration) error {
	switch span := time.Duration(window); {
	case span < time.Minute || span > 24*time.Hour:
		return fmt.Errorf("%s: %s is not between 1m and 1d", key, window)
	case span%time.Minute != 0:
		return fmt.Errorf("%s: %s is not whole minutes", key, window)
	}
	return nil
}

func checkDepth(depth Duration) error {
	if depth <= 0 {
		return fmt.Errorf("depth: %s is not above zero", depth)
	}
	return nil
}
