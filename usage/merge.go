package usage

import (
	"iter"
	"time"
)

// Merged is one minute with, for each thing counted, the reading that counts.
type Merged struct {
	Start time.Time
	// Tokens is the reading that tokens and web searches are taken from, nil
	// where the minute is unknown; TokensFinal reports whether it was read after
	// the minute had settled and the report had come beyond it: what has no bucket
	// in it is zero. Otherwise it is a lower bound, and what has no bucket is unknown.
	Tokens      *Minute
	TokensFinal bool
	// Requests is the reading that request counts are taken from, nil where they
	// are unknown. It may be the same as Tokens.
	Requests      *Minute
	RequestsFinal bool
}

// Merge picks, for each minute that some usage report has read, whose reading
// counts. Minutes come ordered by start, each start and source at most once;
// their buckets need only be valid until the next minute is asked for, and so
// are those of what comes out. The attribution report (SourceKeys) takes no part.
//
// A reading says something if its source has reported the minute, that is, showed
// a row in it or later. Tokens come from a final reading before one that is not,
// and from w.Prefer (SourceAnalytics if empty) before the other report. Requests
// come from SourceAnalytics alone, whatever tokens come from, so that they fill
// in when they arrive later.
func Merge(w Window, minutes iter.Seq[Minute]) iter.Seq[Merged] {
	return func(yield func(Merged) bool) {
		for r := range byStart(minutes) {
			if r.analytics == nil && r.report == nil {
				continue
			}
			if !yield(w.merge(r)) {
				return
			}
		}
	}
}

// merge picks from the readings of one minute.
func (w Window) merge(r readings) Merged {
	m := Merged{Start: r.start}
	first, second := r.analytics, r.report
	if w.Prefer == SourceReport {
		first, second = second, first
	}
	m.Tokens = first
	if w.grade(second) > w.grade(first) {
		m.Tokens = second
	}
	m.Requests = r.analytics
	switch w.grade(m.Tokens) {
	case unknown:
		m.Tokens = nil
	case final:
		m.TokensFinal = true
	}
	switch w.grade(m.Requests) {
	case unknown:
		m.Requests = nil
	case final:
		m.RequestsFinal = true
	}
	return m
}

// grade is how much a reading says of its minute.
type grade uint8

const (
	unknown grade = iota
	early         // read before the minute was complete: a lower bound
	final
)

// grade is how much a reading, which may be nil, says of its minute.
func (w Window) grade(m *Minute) grade {
	if m == nil {
		return unknown
	}
	newest := w.Reported[m.Source]
	if newest.IsZero() || m.Start.After(newest) {
		return unknown
	}
	settled := m.Start.Add(time.Minute + w.Settle)
	if settled.After(w.At) || settled.After(m.ReadAt) || !w.Progress[m.Source].showedWhole(m) {
		return early
	}
	return final
}

// readings is what the reports said of one minute, nil where one did not read it.
type readings struct {
	start                   time.Time
	analytics, report, keys *Minute
}

// byStart gathers the readings of each minute. They are copies, valid until the
// next ones are asked for, because whoever hands out minutes may reuse theirs.
func byStart(minutes iter.Seq[Minute]) iter.Seq[readings] {
	return func(yield func(readings) bool) {
		var analytics, report, keys Minute // reused
		var r readings
		found := false
		for m := range minutes {
			if found && !m.Start.Equal(r.start) {
				if !yield(r) {
					return
				}
				r = readings{}
			}
			r.start, found = m.Start, true
			switch m.Source {
			case SourceAnalytics:
				r.analytics = analytics.copyOf(m)
			case SourceReport:
				r.report = report.copyOf(m)
			case SourceKeys:
				r.keys = keys.copyOf(m)
			}
		}
		if found {
			yield(r)
		}
	}
}

// copyOf makes m a copy of other, in the memory m has already.
func (m *Minute) copyOf(other Minute) *Minute {
	m.Buckets = append(m.Buckets[:0], other.Buckets...)
	other.Buckets = m.Buckets
	*m = other
	return m
}
