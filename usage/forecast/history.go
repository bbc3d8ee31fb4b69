package forecast

import (
	"math"
	"slices"
	"time"
)

const day = 24 * time.Hour

// point is the peak of one day, which is numbered from 1970 on.
type point struct {
	day     int
	peak    float64 // the value that one minute in a hundred is above
	highest float64
}

func number(t time.Time) int { return int(t.Unix() / int64(day/time.Second)) }

func midnight(number int) time.Time {
	return time.Unix(int64(number)*int64(day/time.Second), 0).UTC()
}

// weekday is the point's; day 0 was a Thursday.
func (p point) weekday() time.Weekday { return time.Weekday((p.day + int(time.Thursday)) % week) }

// history is a run of known days, oldest first.
type history struct{ points []point }

// last is the newest day.
func (h history) last() int { return h.points[len(h.points)-1].day }

// length is the number of days from the oldest to the newest.
func (h history) length() int { return h.last() - h.points[0].day + 1 }

// newest is what is known of the last so many days.
func (h history) newest(days int) history {
	from := h.last() - days + 1
	i := slices.IndexFunc(h.points, func(p point) bool { return p.day >= from })
	return history{h.points[i:]}
}

// typical is the median peak of working days and that of weekend days; NaN where
// there is none.
func (h history) typical() (working, weekend float64) {
	var of [2][]float64
	for _, p := range h.points {
		k := kindOf(p.weekday())
		of[k] = append(of[k], p.peak)
	}
	return median(of[workingDay]), median(of[weekendDay])
}

// highest is the most of all days.
func (h history) highest() (most float64) {
	for _, p := range h.points {
		most = max(most, p.highest)
	}
	return most
}

// noise is the standard deviation of a day's peak, read from the steps between
// neighbours of one weekday: growth, weekdays and the few steps across a bend leave
// it as it is.
func (h history) noise() float64 {
	steps := h.steps(func(p point) float64 { return p.peak })
	growth := median(steps)
	for i := range steps {
		steps[i] = math.Abs(steps[i] - growth)
	}
	return spreadOf(steps)
}

// spreadOf is the standard deviation of single values whose differences have
// these sizes. Few differences tell it only roughly, and on the small side.
func spreadOf(sizes []float64) float64 {
	return madScale / math.Sqrt2 * median(sizes) * (1 + 2/float64(len(sizes)))
}

// madScale makes a standard deviation of a median absolute deviation, for normal
// noise.
const madScale = 1.4826

// median is the middle value, NaN of none. It reorders the values.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	half := len(values) / 2
	if len(values)%2 == 1 {
		return values[half]
	}
	return (values[half-1] + values[half]) / 2
}
