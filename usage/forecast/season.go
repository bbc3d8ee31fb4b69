package forecast

import "time"

// The two kinds of days that are told apart for people.
const (
	workingDay = iota
	weekendDay
	kindsOfDays
)

func kindOf(w time.Weekday) int {
	if w == time.Saturday || w == time.Sunday {
		return weekendDay
	}
	return workingDay
}

// byWeekday is the points of each weekday, oldest first.
func (h history) byWeekday() (days [week][]point) {
	for _, p := range h.points {
		w := p.weekday()
		days[w] = append(days[w], p)
	}
	return days
}

// slopes are the slopes per day between all pairs of points of one weekday. The
// weekday pattern cancels out of each: their median is the seasonal Kendall slope
// (Hirsch, Slack and Smith 1982, https://doi.org/10.1029/WR018i001p00107).
func (h history) slopes() []float64 {
	all := make([]float64, 0, week*Weeks*(Weeks-1)/2)
	for _, same := range h.byWeekday() {
		for i, p := range same {
			for _, q := range same[i+1:] {
				all = append(all, (q.peak-p.peak)/float64(q.day-p.day))
			}
		}
	}
	return all
}

// steps are the differences between neighbours of one weekday, of a value of them.
func (h history) steps(value func(point) float64) []float64 {
	all := make([]float64, 0, len(h.points))
	for _, same := range h.byWeekday() {
		for i := 1; i < len(same); i++ {
			all = append(all, value(same[i])-value(same[i-1]))
		}
	}
	return all
}

// manyWeeks is how long a history must be for each weekday to have a level of its
// own. In a shorter one working days share one, and so do weekend days.
const manyWeeks = 8

// levels are the typical values by weekday; NaN where nothing is known.
func (h history) levels(value func(point) float64) (levels [week]float64) {
	var weekdays [week][]float64
	var kinds [kindsOfDays][]float64
	for _, p := range h.points {
		w, v := p.weekday(), value(p)
		weekdays[w] = append(weekdays[w], v)
		kinds[kindOf(w)] = append(kinds[kindOf(w)], v)
	}
	shared := [kindsOfDays]float64{median(kinds[workingDay]), median(kinds[weekendDay])}
	for w := range levels {
		levels[w] = shared[kindOf(time.Weekday(w))]
		if h.length() >= manyWeeks*week && len(weekdays[w]) > 0 {
			levels[w] = median(weekdays[w])
		}
	}
	return levels
}
