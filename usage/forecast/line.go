package forecast

import (
	"math"
	"time"

	"alerter/usage"
)

const (
	// fewestSlopes is the least number of pairs of days that a slope is taken from.
	fewestSlopes = 12
	// medianError is by how much the error of a median exceeds that of a mean, for
	// normal noise.
	medianError = 1.2533
	// oddDay is at how many standard deviations a day's deviation is cut off where
	// neighbours are compared.
	oddDay = 3
	// mostCarried bounds how much of a day's deviation is taken to carry over to the
	// next: beyond it, it is the line that is wrong.
	mostCarried = 0.7
	// bend is how many standard errors a week or a fortnight may lie beside the
	// line. Neighbouring days that are alike excuse more, up to excused.
	bend, excused = 2.0, 1.4
)

// line is a slope through a history, and a level for each weekday.
type line struct {
	history
	middle  int // the number of the day that levels are of
	slope   float64
	levels  [week]float64
	left    []float64 // what the line leaves unexplained, by point
	spread  float64   // the standard deviation of that, but for odd days
	stretch float64   // by how much errors grow because neighbouring days are alike
}

// line fits the history; nil where there are too few pairs of days.
func (h history) line() *line {
	slopes := h.slopes()
	if len(slopes) < fewestSlopes {
		return nil
	}
	l := &line{history: h, slope: median(slopes)}
	total := 0
	for _, p := range h.points {
		total += p.day
	}
	l.middle = total / len(h.points)
	l.levels = h.levels(l.flat)
	for _, p := range h.points {
		l.left = append(l.left, l.flat(p)-l.levels[p.weekday()])
	}
	steps := h.steps(l.flat)
	for i := range steps {
		steps[i] = math.Abs(steps[i])
	}
	l.spread = spreadOf(steps)
	carried := l.carried()
	l.stretch = math.Sqrt((1 + carried) / (1 - carried))
	return l
}

// flat is a point's peak without the growth since the middle.
func (l *line) flat(p point) float64 {
	return p.peak - l.slope*float64(p.day-l.middle)
}

// carried is how much of a day's deviation carries over to the next, 0 to 1.
func (l *line) carried() float64 {
	cut := func(i int) float64 { return min(max(l.left[i], -oddDay*l.spread), oddDay*l.spread) }
	var shared, own float64
	pairs := 0
	for i := range l.points {
		own += cut(i) * cut(i)
		if i > 0 && l.points[i].day-l.points[i-1].day == 1 {
			shared += cut(i) * cut(i-1)
			pairs++
		}
	}
	if own == 0 || pairs == 0 {
		return 0
	}
	n := float64(len(l.points))
	seen := shared / float64(pairs) / (own / n)
	// A fitted line takes some of the likeness of neighbours away.
	return min(max(seen+(2+3*seen)/n, 0), mostCarried)
}

// straight reports whether each week and each fortnight lies on the line, as near
// as the noise of single days lets it.
func (l *line) straight(noise float64) bool {
	one := bend * medianError * min(noise, l.spread) * min(l.stretch, excused)
	// Sums of floats are not exact: a line without any noise is straight.
	exact := 1e-9 * (math.Abs(l.points[0].peak) + math.Abs(l.points[len(l.points)-1].peak))
	for _, length := range [...]int{week, 2 * week} {
		for end := l.last(); end > l.last()-l.length(); end -= length {
			some := l.leftIn(end-length, end)
			if len(some) > week/2 && math.Abs(median(some)) > one/math.Sqrt(float64(len(some)))+exact {
				return false
			}
		}
	}
	return true
}

// leftIn is what is left unexplained of the days after the first and up to the last.
func (l *line) leftIn(after, last int) (some []float64) {
	for i, p := range l.points {
		if p.day > after && p.day <= last {
			some = append(some, l.left[i])
		}
	}
	return some
}

// describe writes the line down.
func (l *line) describe(t *usage.Trend) {
	t.Shape, t.Days, t.From = usage.Straight, len(l.points), midnight(l.points[0].day)
	t.Middle, t.Slope = midnight(l.middle), l.slope
	var sums [kindsOfDays]float64
	var weekdays, days [kindsOfDays]int
	deviation := 0.0 // of the days from the mean of their weekday, squared
	for w, same := range l.byWeekday() {
		if len(same) == 0 {
			continue
		}
		k := kindOf(time.Weekday(w))
		sums[k] += l.levels[w]
		weekdays[k]++
		days[k] += len(same)
		deviation += squares(same)
	}
	level := func(k int) (typical, err float64) {
		// Of no day at all both are NaN.
		return sums[k] / float64(weekdays[k]), medianError * l.spread * l.stretch / math.Sqrt(float64(days[k]))
	}
	t.Working, t.WorkingError = level(workingDay)
	t.Weekend, t.WeekendError = level(weekendDay)
	t.SlopeError = l.spread * l.stretch / math.Sqrt(deviation)
}

// squares is the sum of the squared distances of the days from their mean.
func squares(points []point) (sum float64) {
	mean := 0.0
	for _, p := range points {
		mean += float64(p.day) / float64(len(points))
	}
	for _, p := range points {
		apart := float64(p.day) - mean
		sum += apart * apart
	}
	return sum
}
