package replay

import (
	"iter"
	"math"
	"slices"
	"time"

	"alerter/usage"
)

// reelMinutes is how many minutes are joined at once: enough that the minutes
// before them, which are joined again, cost little, and few enough that many series
// fit in memory.
const reelMinutes = 6 * 60

// reel shows the minutes of a history that are each complete from a fixed time after
// their end on. A minute's sums then never change and depend on no later minute,
// so that many are joined at once; what is shown of them is cut out at each step.
// What is cut out is what [usage.Join] would have given at that step.
type reel struct {
	history *History
	reports []usage.SourceKind
	rows    [][][]usage.Bucket // by report and minute
	minutes int
	back    time.Duration

	// The stretch that is joined at present, from its first minute on.
	from, to time.Time
	series   []usage.Series
	assumed  [][]int // by series and minute: see assumptions
	cut      []usage.Series
}

// newReel makes a reel whose windows reach back that far.
func newReel(h *History, back time.Duration) *reel {
	r := &reel{history: h, back: back, minutes: max(0, int(h.To.Sub(h.From)/time.Minute))}
	for _, m := range h.Minutes {
		i := int(m.Start.Sub(h.From) / time.Minute)
		if m.Start.Before(h.From) || i >= r.minutes {
			continue
		}
		k := slices.Index(r.reports, m.Source)
		if k < 0 {
			k = len(r.reports)
			r.reports = append(r.reports, m.Source)
			r.rows = append(r.rows, make([][]usage.Bucket, r.minutes))
		}
		r.rows[k][i] = m.Buckets
	}
	if len(r.reports) == 0 { // nothing was used, which is known
		r.reports, r.rows = []usage.SourceKind{h.source()}, [][][]usage.Bucket{make([][]usage.Bucket, r.minutes)}
	}
	return r
}

// source is the report that counts most.
func (h *History) source() usage.SourceKind {
	if h.Source == "" {
		return usage.SourceAnalytics
	}
	return h.Source
}

// end is the end of the newest minute shown at at; h.From before the first.
func (r *reel) end(at time.Time) time.Time {
	shown := int(at.Sub(r.history.From.Add(r.history.Lag)) / time.Minute)
	return r.history.From.Add(time.Duration(min(max(shown, 0), r.minutes)) * time.Minute)
}

// reported is the newest minute that each report has shown by at.
func (r *reel) reported(at time.Time) map[usage.SourceKind]time.Time {
	newest := make(map[usage.SourceKind]time.Time, len(r.reports))
	if end := r.end(at); end.After(r.history.From) {
		for _, source := range r.reports {
			newest[source] = end.Add(-time.Minute)
		}
	}
	return newest
}

// show is the series as they are seen at at, over the minutes that end then. They
// are valid until the next call. changed says that the limits are not what they were
// the last time.
func (r *reel) show(at time.Time, limits usage.Limits, changed bool) []usage.Series {
	to := at.Truncate(time.Minute)
	from := to.Add(-r.back)
	if changed || r.to.IsZero() || to.After(r.to) {
		r.load(at, from, limits)
	}
	first, end := int(from.Sub(r.from)/time.Minute), int(to.Sub(r.from)/time.Minute)
	shown := 0
	if until := r.end(at); until.After(r.history.From) {
		shown = max(0, int(until.Sub(from)/time.Minute))
	}
	for k := range r.series {
		whole, s := &r.series[k], &r.cut[k]
		points, cacheReads := s.Points[:0], s.WithCacheReads[:0]
		points = append(points, whole.Points[first:end]...)
		if whole.WithCacheReads != nil {
			cacheReads = append(cacheReads, whole.WithCacheReads[first:end]...)
		}
		*s = *whole
		s.From, s.Points, s.WithCacheReads = from, points, cacheReads
		for i := shown; i < len(s.Points); i++ {
			s.Points[i].Used = math.NaN()
			if s.WithCacheReads != nil {
				s.WithCacheReads[i] = math.NaN()
			}
		}
		s.Settled = 0
		if whole.Settled > 0 {
			s.Settled = shown
		}
		s.Assumed = r.assumed[k][end-1] >= first
	}
	return r.cut
}

// load joins the next stretch. A limit that is in force now is in force in all of
// it, as far as is known.
func (r *reel) load(at, from time.Time, limits usage.Limits) {
	r.from, r.to = from, at.Truncate(time.Minute).Add(reelMinutes*time.Minute)
	r.series = r.stretch(r.to.Add(time.Minute+r.history.Lag), r.from, r.to, limits)
	r.assumed = make([][]int, len(r.series))
	for k := range r.series {
		r.assumed[k] = assumptions(&r.series[k], limits)
	}
	r.cut = make([]usage.Series, len(r.series))
}

// stretch joins a stretch as if all of it had been shown: what has not is for the
// caller to leave out.
func (r *reel) stretch(at, from, to time.Time, limits usage.Limits) []usage.Series {
	h := r.history
	w := usage.Window{At: at, From: from, To: to, Prefer: h.Source, Reported: make(map[usage.SourceKind]time.Time, len(r.reports))}
	for _, source := range r.reports {
		w.Reported[source] = h.To
	}
	series, _ := usage.Join(w, r.all(from.Add(-usage.Lookback(limits)), to), limits, h.Organization)
	return series
}

// all is every covered minute that starts in [from, to).
func (r *reel) all(from, to time.Time) iter.Seq[usage.Minute] {
	h := r.history
	return func(yield func(usage.Minute) bool) {
		first := max(0, int(from.Sub(h.From)/time.Minute))
		for i := first; i < r.minutes; i++ {
			m := usage.Minute{Start: h.From.Add(time.Duration(i) * time.Minute)}
			if !m.Start.Before(to) {
				return
			}
			for k, source := range r.reports {
				m.ReadAt, m.Source, m.Buckets = m.Start.Add(time.Minute+h.Lag), source, r.rows[k][i]
				if !yield(m) {
					return
				}
			}
		}
	}
}
