package usage

import (
	"math"
	"slices"
	"time"
)

// history is the values of one limit over time: of one scope, group and limiter,
// oldest first. It is never empty.
type history []Limit

// histories splits limits by scope, group and limiter, in that order.
func histories(limits []Limit) []history {
	if !slices.IsSortedFunc(limits, compareLimits) {
		limits = slices.SortedFunc(slices.Values(limits), compareLimits)
	}
	var all []history
	for start := 0; start < len(limits); {
		end := start + 1
		for end < len(limits) && sameLimit(limits[start], limits[end]) {
			end++
		}
		all = append(all, limits[start:end:end])
		start = end
	}
	return all
}

// sameLimit reports whether x and y are values of one limit.
func sameLimit(x, y Limit) bool {
	return x.WorkspaceID == y.WorkspaceID && x.GroupID == y.GroupID && x.Limiter == y.Limiter
}

// key is what the limit is called within its scope.
func (h history) key() limitKey { return limitKey{h[0].GroupID, h[0].Limiter} }

// at is the limit in force at the given moment; false if there was none.
func (h history) at(at time.Time) (Limit, bool) {
	for _, l := range slices.Backward(h) {
		if l.InForce(at) {
			return l, true
		}
	}
	return Limit{}, false
}

// span is a run of minutes of a window, [from, until), by index. It may reach
// beyond the window on both sides.
type span struct{ from, until int32 }

// always is every minute there is.
var always = span{math.MinInt32, math.MaxInt32}

// spanOf is the minutes that begin in [from, until); a zero until is open.
func spanOf(base, from, until time.Time) span {
	s := always
	if !from.IsZero() {
		s.from = minuteIndex(base, from)
	}
	if !until.IsZero() {
		s.until = minuteIndex(base, until)
	}
	return s
}

// minuteIndex is the first minute after base that does not begin before t.
func minuteIndex(base, t time.Time) int32 {
	d := t.Sub(base)
	i := d / time.Minute
	if d > i*time.Minute {
		i++
	}
	return int32(i) // a Duration is at most 292 years, which fits
}

// has reports whether minute i is in s.
func (s span) has(i int32) bool { return s.from <= i && i < s.until }

// within cuts s to the n minutes of a window.
func (s span) within(n int) (from, until int) {
	return max(0, int(s.from)), min(n, int(s.until))
}

// fill writes the limit in force into each point, and reports whether some point
// lies before the first reading of its limit. The first point starts at base.
func (h history) fill(points []Point, base time.Time) (assumed bool) {
	for _, l := range h {
		from, until := spanOf(base, l.From, l.Until).within(len(points))
		for i := from; i < until; i++ {
			points[i].Limit = float64(l.Value)
		}
		assumed = assumed || from < until && l.assumedAt(base, from)
	}
	return assumed
}

// lower lowers the points' limits to those of h where it has a lower one, and
// reports whether some lowered point lies before the first reading of h.
func (h history) lower(points []Point, base time.Time) (assumed bool) {
	for _, l := range h {
		from, until := spanOf(base, l.From, l.Until).within(len(points))
		for i := from; i < until; i++ {
			if float64(l.Value) < points[i].Limit {
				points[i].Limit = float64(l.Value)
				assumed = assumed || l.assumedAt(base, i)
			}
		}
	}
	return assumed
}

// assumedAt reports whether l was only assumed to be in force in minute i.
func (l Limit) assumedAt(base time.Time, i int) bool {
	return l.Assumed && base.Add(time.Duration(i)*time.Minute).Before(l.ReadAt)
}
