package evaluate

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"alerter/usage"
)

const (
	kindThreshold = "threshold"

	thresholdOver = 5 * time.Minute
	// clearAt is the part of a level below which it is clear, where none is written.
	clearAt = 0.9
)

// Threshold watches the mean utilization of each series over its newest minutes.
type Threshold struct {
	Info     Share `json:"info,omitempty" yaml:"info,omitempty"`
	Warning  Share `json:"warning,omitempty" yaml:"warning,omitempty"`
	Critical Share `json:"critical,omitempty" yaml:"critical,omitempty"`
	// Over is how many of the newest minutes the mean is taken over; whole minutes.
	Over Duration `json:"over" yaml:"over"`
	// Clear is below what the mildest level is clear; zero: nine tenths of it. A
	// worse level is clear below nine tenths of its own.
	Clear Share `json:"clear,omitempty" yaml:"clear,omitempty"`
}

// Kind is "threshold".
func (Threshold) Kind() string { return kindThreshold }

// Lookback is what the mean is taken over, and what the pressure beside it needs.
func (c Threshold) Lookback() time.Duration { return max(time.Duration(c.Over), pressureWindow) }

// Check reports bad levels, none or those above 200 %, a time that is not whole minutes between one
// minute and a day, and a clear share above the mildest level.
func (c Threshold) Check() error {
	levels := c.levels()
	errs := []error{levels.most(2, "the most that fits into a minute: a full bucket and what refills it"), levels.check(showShare), checkMinutes("over", c.Over)}
	mildest := levels.mildest()
	switch {
	case levels.empty():
		errs = append(errs, errors.New("threshold: there is no level: write info, warning or critical"))
	case !(c.Clear >= 0):
		errs = append(errs, fmt.Errorf("clear: %s is not a level", c.Clear))
	case float64(c.Clear) > levels[mildest]:
		errs = append(errs, fmt.Errorf("clear: %s is above %s of %s", c.Clear, showShare(levels[mildest]), Severities[mildest]))
	}
	return errors.Join(errs...)
}

func (c Threshold) levels() ladder {
	return ladder{float64(c.Info), float64(c.Warning), float64(c.Critical)}
}

// Levels are the levels by Severity.Rank()-1, shares of the limit; zero where there
// is none.
func (c Threshold) Levels() [3]float64 { return c.levels() }

// WithLevels is the same condition with other levels, as Levels gives them. It clears
// where it did, or at the mildest of them where that is lower.
func (c Threshold) WithLevels(levels [3]float64) Condition {
	c.Info, c.Warning, c.Critical = Share(levels[0]), Share(levels[1]), Share(levels[2])
	c.Clear = min(c.Clear, Share(levels[ladder(levels).mildest()]))
	return c
}

// clears are the levels below which those of levels are clear.
func (c Threshold) clears() ladder {
	clears := c.levels()
	mildest := clears.mildest()
	for i := range clears {
		clears[i] *= clearAt
	}
	if c.Clear > 0 {
		clears[mildest] = float64(c.Clear)
	}
	return clears
}

// Verdicts judges each series by the higher of two means: of the newest settled
// minutes, which must all be known for the mean to clear anything, and of the
// newest seen ones. Between a level and where it clears, nothing changes.
func (c Threshold) Verdicts(at time.Time, match Match, facts *usage.Facts) iter.Seq[Verdict] {
	over := time.Duration(c.Over)
	j := judge{levels: c.levels(), clears: c.clears(), window: c.Lookback()}
	j.read = func(g *gauge, v view) (span, float64) {
		mean := v.newest(func(end int) span { return g.mean(v, end, over) })
		worst := v.newest(func(end int) span { return g.pressure(v, end, pressureWindow, pressureDepth) })
		return mean, worst.value
	}
	return j.verdicts(at, match, facts)
}
