package replay

import (
	"cmp"
	"iter"
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
		s.seen, s.newest = append(s.seen, make([]usage.Minute, minutes)), append(s.newest, -1)
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
