package forecast_test

import (
	"math/rand/v2"
	"time"

	"alerter/usage"
)

const day = 24 * time.Hour

// monday is when the first histories begin.
var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// traffic is what daily peaks are made from. Amounts are in per cent of a limit.
type traffic struct {
	name  string
	weeks int
	// The typical peak of a working day begins at 40 and grows by this a day, from the
	// day bendAt on.
	growth float64
	bendAt int
	// weekdays is how much working days differ; weekends are 40 to 45 lower.
	weekdays float64
	noise    float64 // standard deviation of a day
	carried  float64 // how much of a day's deviation carries over to the next
	odd      float64 // share of days that are far off: holidays, load tests
	missing  float64 // share of days of which nothing is known
	step     float64 // by how much the peak jumps for good on the day stepAt
	stepAt   int
}

// typical is the peak of a typical working day, without noise.
func (w traffic) typical(i int) float64 {
	peak := 40 + w.growth*float64(max(0, i-w.bendAt))
	if w.step != 0 && i >= w.stepAt {
		peak += w.step
	}
	return peak
}

// sample is one history, a level, and the first working day on which the typical
// working day is at the level.
type sample struct {
	points []usage.DailyPeak
	at     time.Time
	level  float64
	day    time.Time
}

// sample draws one of the histories, the same for the same seed.
func (w traffic) sample(seed uint64) sample {
	r := rand.New(rand.NewPCG(7, seed))
	from := monday.AddDate(0, 0, r.IntN(7))
	ahead := 5 + r.IntN(40)
	var season [7]float64
	mean := 0.0
	for d := time.Monday; d <= time.Friday; d++ {
		season[d] = w.weekdays * r.NormFloat64()
		mean += season[d] / 5
	}
	for d := time.Monday; d <= time.Friday; d++ {
		season[d] -= mean
	}
	season[time.Saturday], season[time.Sunday] = -40, -45
	s := sample{at: from.Add(time.Duration(w.weeks)*7*day + time.Hour)}
	deviation := 0.0
	for i := range 7 * w.weeks {
		deviation = w.carried*deviation + r.NormFloat64()
		midnight := from.Add(time.Duration(i) * day)
		peak := w.typical(i) + season[midnight.Weekday()] + w.noise*deviation
		if r.Float64() < w.odd {
			peak += 8 * w.noise * (r.Float64() - 0.4)
		}
		if r.Float64() >= w.missing {
			s.points = append(s.points, usage.DailyPeak{Day: midnight, P99: max(peak, 0), Minutes: 1440})
		}
	}
	reached := 7*w.weeks - 1 + ahead
	s.level, s.day = w.typical(reached), from.Add(time.Duration(reached)*day)
	for s.day.Weekday() == time.Saturday || s.day.Weekday() == time.Sunday {
		s.day = s.day.Add(day)
	}
	return s
}

// straightLine is the day on which the least-squares line through the points is at
// the level; ten years ahead where it never is.
func straightLine(points []usage.DailyPeak, level float64) time.Time {
	var x, y, xx, xy, n float64
	for _, p := range points {
		d := p.Day.Sub(points[0].Day).Hours() / 24
		x, y, xx, xy, n = x+d, y+p.P99, xx+d*d, xy+d*p.P99, n+1
	}
	slope := (n*xy - x*y) / (n*xx - x*x)
	days := (level - (y-slope*x)/n) / slope
	if slope <= 0 || days > 3650 {
		days = 3650
	}
	return points[0].Day.Add(time.Duration(days * float64(day)))
}

// workingDays are the points without weekends.
func workingDays(points []usage.DailyPeak) (some []usage.DailyPeak) {
	for _, p := range points {
		if d := p.Day.Weekday(); d != time.Saturday && d != time.Sunday {
			some = append(some, p)
		}
	}
	return some
}
