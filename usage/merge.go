package usage

import (
	"iter"
	"time"
)

// Merged is one minute with, for each thing counted, the reading that counts.
type Merged struct {
	Start time.Time
	// Final reports whether the minute had settled at the moment of looking:
	// what is known of it will not change, and what has no bucket is zero.
	// Otherwise it is a lower bound.
	Final bool
	// Tokens is the reading that tokens and web searches are taken from, nil
	// where none can be used: the minute is unknown.
	Tokens *Minute
	// Requests is the reading that request counts are taken from, nil where they
	// are unknown. It may be the same as Tokens.
	Requests *Minute
}

// Merge picks, for each minute that some report has read, whose reading counts.
// Minutes come ordered by start, each start and source at most once; they go in
// the same order. The attribution report (SourceKeys) takes no part.
//
// A reading can be used if its source has reported the minute, that is, showed a
// row in it or later; and, once the minute has settled, if it was read since
// then. Tokens come from w.Prefer where its reading can be used, else from the
// other report. Requests come from SourceAnalytics alone, whatever tokens come
// from, so that they fill in when they arrive later.
func Merge(w Window, minutes iter.Seq[Minute]) iter.Seq[Merged] {
	return func(yield func(Merged) bool) {
		var analytics, report *Minute
		flush := func() bool {
			if analytics == nil && report == nil {
				return true
			}
			m := w.merge(analytics, report)
			analytics, report = nil, nil
			return yield(m)
		}
		var start time.Time
		for m := range minutes {
			if !m.Start.Equal(start) {
				if !flush() {
					return
				}
				start = m.Start
			}
			switch m.Source {
			case SourceAnalytics:
				analytics = &m
			case SourceReport:
				report = &m
			}
		}
		flush()
	}
}

// merge picks from the readings of one minute. At least one is not nil.
func (w Window) merge(analytics, report *Minute) Merged {
	var m Merged
	for _, reading := range []*Minute{analytics, report} {
		if reading != nil {
			m.Start, m.Final = reading.Start, w.final(reading.Start)
		}
	}
	if analytics != nil && w.usable(analytics) {
		m.Tokens, m.Requests = analytics, analytics
	}
	if report != nil && w.usable(report) && (m.Tokens == nil || w.Prefer == SourceReport) {
		m.Tokens = report
	}
	return m
}

// final reports whether the minute that starts at start has settled at w.At.
func (w Window) final(start time.Time) bool {
	return !start.Add(time.Minute + w.Settle).After(w.At)
}

// usable reports whether a reading says anything of its minute.
func (w Window) usable(m *Minute) bool {
	newest, ok := w.Reported[m.Source]
	if !ok || newest.IsZero() || m.Start.After(newest) {
		return false
	}
	return !w.final(m.Start) || !m.ReadAt.Before(m.Start.Add(time.Minute+w.Settle))
}
