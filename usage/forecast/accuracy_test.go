package forecast_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"alerter/usage"
	"alerter/usage/forecast"
)

// draws is how many histories of each kind are looked at.
const draws = 600

// accuracy is how good the estimates of one kind of traffic are, in days.
type accuracy struct {
	said               float64 // share of histories of which something is said
	inBand             float64 // share of these whose true day is in the band
	half, nine         float64 // error that half, and nine in ten, do not exceed
	width              float64 // median width of the band
	line, workLine     float64 // median error of a least-squares line, and of one through working days
	lineNine, workNine float64 // and what nine in ten of these do not exceed
}

func measure(w traffic) accuracy {
	var a accuracy
	var errs, widths, line, work []float64
	apart := func(x, y time.Time) float64 { return math.Abs(x.Sub(y).Hours()) / 24 }
	for seed := range uint64(draws) {
		s := w.sample(seed)
		e, ok := forecast.Reach(forecast.Fit(s.points), s.at, s.level)
		if !ok {
			continue
		}
		if !s.day.Before(e.Earliest) && !s.day.After(e.Latest) {
			a.inBand++
		}
		errs, widths = append(errs, apart(e.At, s.day)), append(widths, apart(e.Earliest, e.Latest))
		line = append(line, apart(straightLine(s.points, s.level), s.day))
		work = append(work, apart(straightLine(workingDays(s.points), s.level), s.day))
	}
	n := float64(len(errs))
	a.said, a.inBand = n/draws, a.inBand/n
	a.half, a.nine, a.width = quantile(errs, 0.5), quantile(errs, 0.9), quantile(widths, 0.5)
	a.line, a.lineNine = quantile(line, 0.5), quantile(line, 0.9)
	a.workLine, a.workNine = quantile(work, 0.5), quantile(work, 0.9)
	return a
}

func quantile(values []float64, q float64) float64 {
	slices.Sort(values)
	return values[int(q*float64(len(values)-1))]
}

// log writes the row of docs/early-warning.md.
func (a accuracy) log(t *testing.T, name string) {
	t.Helper()
	t.Logf("| %s | %.0f %% | %.0f %% | %.0f (%.0f) | %.0f | %.0f (%.0f) | %.0f (%.0f) |", name,
		100*a.said, 100*a.inBand, a.half, a.nine, a.width, a.line, a.lineNine, a.workLine, a.workNine)
}

// What docs/early-warning.md says of estimates is this test's log.
func TestTheBandHoldsTheTrueDayInAboutFourOfFiveCases(t *testing.T) {
	t.Parallel()
	for _, w := range []traffic{
		{name: "little noise", weeks: 12, noise: 3, growth: 0.6},
		{name: "much noise", weeks: 12, noise: 6, growth: 0.6},
		{name: "slow growth", weeks: 12, noise: 4, growth: 0.25},
		{name: "weekdays differ", weeks: 12, noise: 3, growth: 0.6, weekdays: 5},
		{name: "odd days", weeks: 12, noise: 3, growth: 0.6, odd: 0.08},
		{name: "days resemble the day before", weeks: 12, noise: 3, growth: 0.6, carried: 0.4},
		{name: "a fifth of the days missing", weeks: 12, noise: 3, growth: 0.6, missing: 0.2},
		{name: "six weeks", weeks: 6, noise: 3, growth: 0.8, carried: 0.3},
		{name: "four weeks", weeks: 4, noise: 3, growth: 0.8},
		{name: "three weeks", weeks: 3, noise: 3, growth: 0.8},
		{name: "a jump six weeks ago", weeks: 12, noise: 3, growth: 0.6, step: 20, stepAt: 42},
		{name: "a jump three weeks ago", weeks: 12, noise: 3, growth: 0.6, step: 20, stepAt: 63},
	} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			a := measure(w)
			a.log(t, w.name)
			if a.inBand < 0.70 || a.inBand > 0.90 {
				t.Errorf("got %.0f %% of the true days in the band, want 70 to 90 %%", 100*a.inBand)
			}
			if a.half >= a.line {
				t.Errorf("got an error of %.0f days, want less than the %.0f of a straight line", a.half, a.line)
			}
			if a.said < 0.85 {
				t.Errorf("got an estimate of %.0f %% of the histories, want one of nearly all", 100*a.said)
			}
		})
	}
}

// Growth that begins within the history is seen late: no few weeks of noisy days
// tell a bend from a straight line for sure.
func TestABendMakesTheEstimateLateAndAStraightLineLaterStill(t *testing.T) {
	t.Parallel()
	a := measure(traffic{weeks: 12, noise: 3, growth: 0.6, bendAt: 42})
	a.log(t, "a bend six weeks ago")
	if a.half > 10 || a.half*3 > a.line {
		t.Errorf("got an error of %.0f days, want at most 10, and a third of the line's %.0f", a.half, a.line)
	}
}

func TestNothingIsSaidRightAfterAJump(t *testing.T) {
	t.Parallel()
	a := measure(traffic{weeks: 12, noise: 3, growth: 0.6, step: 20, stepAt: 77})
	a.log(t, "a jump a week ago")
	if a.said > 0.15 {
		t.Errorf("got an estimate of %.0f %% of the histories, want one of hardly any", 100*a.said)
	}
}

func TestUseThatDoesNotGrowIsHardlyEverSaidToReachAnything(t *testing.T) {
	t.Parallel()
	for _, w := range []traffic{
		{name: "twelve weeks", weeks: 12, noise: 3},
		{name: "four weeks of like days", weeks: 4, noise: 3, carried: 0.4},
	} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			near := 0
			for seed := range uint64(draws) {
				s := w.sample(seed)
				e, ok := forecast.Reach(forecast.Fit(s.points), s.at, 60) // half as much again
				if ok && e.At.Sub(s.at) < 28*day {
					near++
				}
			}
			t.Logf("%d of %d within four weeks", near, draws)
			if near > draws/100 {
				t.Errorf("got %d of %d estimates within four weeks, want at most one in a hundred", near, draws)
			}
		})
	}
}

func BenchmarkFit(b *testing.B) {
	s := traffic{weeks: 12, noise: 3, growth: 0.6}.sample(1)
	b.ReportAllocs()
	for b.Loop() {
		if forecast.Fit(s.points).Shape != usage.Straight {
			b.Fatal("not straight")
		}
	}
}
