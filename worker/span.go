package worker

import (
	"time"

	"alerter/store"
)

// chunks cuts gaps, which come newest first, into pieces of at most fillChunk,
// newest first too.
func chunks(gaps []store.Span) []store.Span {
	var out []store.Span
	for _, g := range gaps {
		for to := g.To; to.After(g.From); {
			from := to.Add(-fillChunk)
			if from.Before(g.From) {
				from = g.From
			}
			out = append(out, store.Span{From: from, To: to})
			to = from
		}
	}
	return out
}

// total is how long the gaps are together.
func total(gaps []store.Span) time.Duration {
	var d time.Duration
	for _, g := range gaps {
		d += g.To.Sub(g.From)
	}
	return d
}

// within reports whether the moment lies in one of the spans.
func within(spans []store.Span, at time.Time) bool {
	for _, s := range spans {
		if !at.Before(s.From) && at.Before(s.To) {
			return true
		}
	}
	return false
}
