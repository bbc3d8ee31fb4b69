package replay

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"time"

	"alerter/usage"
)

// sight is what has been seen so far of the minutes of a history that tells when
// they were seen.
type sight struct {
	from    time.Time // the first minute of seen
	reports []usage.SourceKind
	// seen is the last reading of each minute, by report; a zero ReadAt: none yet.
	seen  [][]usage.Minute
	newer []usage.Minute // readings still to come, the next one first
	// shown says since when each minute of seen shows rows, and shows them as it
	// does; the zero value where it shows none.
	shown [][]usage.Showing
	// newest is the index of the newest minute that each report has shown; -1: none.
	newest []int
}

// newSight makes the readings of a history ready to be seen.
func newSight(h *History) *sight {
	s := &sight{from: h.From}
	minutes := max(0, int(h.To.Sub(h.From)/time.Minute))
	for _, m := range h.Minutes {
		if m.Start.Before(h.From) || !m.Start.Before(h.To) {
			continue
		}
		s.newer = append(s.newer, m)
		if !slices.Contains(s.reports, m.Source) {
			s.reports = append(s.reports, m.Source)
		}
	}
	slices.Sort(s.reports)
	for range s.reports {
		s.seen, s.shown = append(s.seen, make([]usage.Minute, minutes)), append(s.shown, make([]usage.Showing, minutes))
		s.newest = append(s.newest, -1)
	}
	slices.SortStableFunc(s.newer, func(a, b usage.Minute) int {
		return cmp.Or(a.ReadAt.Compare(b.ReadAt), a.Start.Compare(b.Start))
	})
	return s
}

// index is which minute begins at start; negative before the first.
func (s *sight) index(start time.Time) int {
	if start.Before(s.from) {
		return -1
	}
	return int(start.Sub(s.from) / time.Minute)
}

// look sees what was read up to at.
func (s *sight) look(at time.Time) {
	for len(s.newer) > 0 && !s.newer[0].ReadAt.After(at) {
		m := s.newer[0]
		s.newer = s.newer[1:]
		r, i := slices.Index(s.reports, m.Source), s.index(m.Start)
		s.shown[r][i] = showing(s.shown[r][i], s.seen[r][i], m)
		s.seen[r][i] = m
		if i >= s.newest[r] {
			s.newest[r] = i
		}
		for s.newest[r] >= 0 && len(s.seen[r][s.newest[r]].Buckets) == 0 {
			s.newest[r]--
		}
	}
}

// reported is the start of the newest minute in which each report has shown a row.
func (s *sight) reported() map[usage.SourceKind]time.Time {
	newest := make(map[usage.SourceKind]time.Time, len(s.reports))
	for r, source := range s.reports {
		if i := s.newest[r]; i >= 0 {
			newest[source] = s.from.Add(time.Duration(i) * time.Minute)
		}
	}
	return newest
}

// showing is what a minute shows after m was read, and what it showed before.
func showing(before usage.Showing, old, m usage.Minute) usage.Showing {
	switch {
	case len(m.Buckets) == 0:
		return usage.Showing{}
	case before.First.IsZero():
		return usage.Showing{Start: m.Start, First: m.ReadAt, Last: m.ReadAt}
	case !maps.Equal(rows(old), rows(m)):
		before.Last = m.ReadAt
	}
	return before
}

// row is a bucket by its values.
type row struct {
	of usage.Combination
	usage.Counts
}

// rows counts the buckets of a minute by their values, whatever order they came in.
func rows(m usage.Minute) map[row]int {
	n := make(map[row]int, len(m.Buckets))
	for _, b := range m.Buckets {
		n[row{*b.Of, b.Counts}]++
	}
	return n
}

// progress is how far each report had come, for the minutes from from on.
func (s *sight) progress(from time.Time, settle time.Duration) map[usage.SourceKind]*usage.Progress {
	all := make(map[usage.SourceKind]*usage.Progress, len(s.reports))
	for r, source := range s.reports {
		var shown []usage.Showing
		for _, one := range s.shown[r][min(max(0, s.index(from)), s.newest[r]+1) : s.newest[r]+1] {
			if !one.First.IsZero() {
				shown = append(shown, one)
			}
		}
		all[source] = usage.NewProgress(shown, settle)
	}
	return all
}

// minutes are those seen that start in [from, to), as [usage.Join] takes them.
func (s *sight) minutes(from, to time.Time) iter.Seq[usage.Minute] {
	return func(yield func(usage.Minute) bool) {
		if len(s.seen) == 0 {
			return
		}
		first, end := max(0, s.index(from)), min(s.index(to), len(s.seen[0]))
		for i := first; i < end; i++ {
			for r := range s.seen {
				if m := &s.seen[r][i]; !m.ReadAt.IsZero() && !yield(*m) {
					return
				}
			}
		}
	}
}
