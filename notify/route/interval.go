package route

import (
	"slices"
	"time"
)

// TimeInterval says when something holds, as in Alertmanager: a moment is in it if
// it is in every list that is not empty
// (https://prometheus.io/docs/alerting/latest/configuration/#time_interval-0).
// The zero value holds always.
type TimeInterval struct {
	Times       []Range // minutes since midnight, Last exclusive: 540 to 1020 is 9:00 to 17:00
	Weekdays    []Range // 0 is Sunday
	DaysOfMonth []Range // from 1; negative ones count from the month's end, -1 is its last day
	Months      []Range // 1 is January
	Years       []Range
	Location    *time.Location // whose clock and calendar count; nil: UTC
}

// Range is the whole numbers from First to Last, both included but for the times
// of a [TimeInterval].
type Range struct{ First, Last int }

// Contains reports whether the moment is in the interval.
func (ti TimeInterval) Contains(at time.Time) bool {
	where := ti.Location
	if where == nil {
		where = time.UTC
	}
	at = at.In(where)
	return within(ti.Times, func(r Range) bool {
		minute := at.Hour()*60 + at.Minute()
		return r.First <= minute && minute < r.Last
	}) &&
		within(ti.Weekdays, holds(int(at.Weekday()))) &&
		within(ti.DaysOfMonth, func(r Range) bool { return r.ofMonth(at) }) &&
		within(ti.Months, holds(int(at.Month()))) &&
		within(ti.Years, holds(at.Year()))
}

// ofMonth reports whether at is on one of the days. Days that the month does not
// have are cut off, so that 29 to 31 is nothing in most Februaries.
func (r Range) ofMonth(at time.Time) bool {
	days := time.Date(at.Year(), at.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	first, last := r.First, r.Last
	if first < 0 {
		first += days + 1
	}
	if last < 0 {
		last += days + 1
	}
	return first <= at.Day() && at.Day() <= last
}

// holds is whether a range has n.
func holds(n int) func(Range) bool {
	return func(r Range) bool { return r.First <= n && n <= r.Last }
}

// within reports whether one of the ranges fits, or there are none.
func within(ranges []Range, fits func(Range) bool) bool {
	return len(ranges) == 0 || slices.ContainsFunc(ranges, fits)
}
