package simulate

import (
	"strings"
	"time"
)

// grouping sorts streams into rows.
type grouping struct {
	of   []int32 // by stream; -1: filtered out
	keys []labels
}

// group groups labels by the dimensions of a query.
func (q *query) group(all []labels, deleted map[string]bool) grouping {
	g := grouping{of: make([]int32, len(all))}
	seen := map[labels]int32{}
	for i, l := range all {
		g.of[i] = -1
		if !q.takes(l) || q.hideDeleted && deleted[l[dimActor]] {
			continue
		}
		key := l.only(q.grouped)
		n, ok := seen[key]
		if !ok {
			n = int32(len(g.keys))
			seen[key] = n
			g.keys = append(g.keys, key)
		}
		g.of[i] = n
	}
	return g
}

func (q *query) takes(l labels) bool {
	for _, f := range q.filters {
		if !f.matches(l) {
			return false
		}
	}
	return true
}

// visit calls do with what each stream's usage from one time to another looks
// like to a report made at a third.
func (s *Server) visit(from, to, at time.Time, do func(stream int32, c Counts)) {
	if at.Before(to) {
		to = at
	}
	r := s.config.Reporting
	for h := from.Truncate(time.Hour); h.Before(to); h = h.Add(time.Hour) {
		end := h.Add(time.Hour)
		if !h.Before(from) && !end.After(to) && !r.settled(end).After(at) {
			for i, c := range s.history.total(h) {
				if c != (Counts{}) {
					do(int32(i), c)
				}
			}
			continue
		}
		minutes := &s.history.hour(h).minutes
		for m := later(h, from); m.Before(to) && m.Before(end); m = m.Add(time.Minute) {
			for _, c := range minutes[m.Sub(h)/time.Minute] {
				if part := c.part(r.share(c.stream, m, at)); part != (Counts{}) {
					do(c.stream, part)
				}
			}
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b.Truncate(time.Minute)
}

func cutActor(label string) (kind, id string) {
	kind, id, _ = strings.Cut(label, " ")
	return kind, id
}

// seenAt is the time whose state a report made now shows.
func (s *Server) seenAt(c *call) time.Time {
	at := c.at
	for _, f := range c.faults {
		if f.Kind == StopReporting && f.Since.Before(at) {
			at = f.Since
		}
	}
	if c.endpoint != AnalyticsUsage && c.endpoint != AnalyticsCost {
		return at
	}
	for _, f := range c.faults {
		if f.Kind == LateAnalytics {
			at = at.Add(-f.Lateness)
		}
	}
	return at.Add(-s.config.Reporting.AnalyticsLag)
}
