package replay

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

// Run plays a history: at each step of the span, the rules and routes see what was
// visible then. It yields the step's time and what it led to, and may be stopped.
func Run(h History, rules []evaluate.Rule, tree route.Tree, span Span) iter.Seq2[time.Time, Result] {
	return func(yield func(time.Time, Result) bool) {
		for at, each := range RunEach(h, []*Play{{Rules: rules, Tree: tree}}, span) {
			if !yield(at, each[0]) {
				return
			}
		}
	}
}

// RunEach plays a history once for several plays, which take each step from the same
// facts. It yields the step's time and what it led to in each of them; the list is
// valid until the next step.
func RunEach(h History, plays []*Play, span Span) iter.Seq2[time.Time, []Result] {
	return func(yield func(time.Time, []Result) bool) {
		var rules []evaluate.Rule
		for _, p := range plays {
			rules = append(rules, p.Rules...)
		}
		v := newView(&h, rules, span.From)
		each := make([]Result, len(plays))
		for at := span.From; at.Before(span.To); at = at.Add(span.every()) {
			facts := v.facts(at)
			for i, p := range plays {
				each[i] = p.Step(at, at.Add(span.every()), facts)
			}
			if !yield(at, each) {
				return
			}
		}
	}
}

// view is a history as it can be seen at one moment after the other: by its reel,
// or where it was noted when minutes were seen, by its sight.
type view struct {
	history *History
	since   time.Time // when somebody began to look
	back    time.Duration
	reel    *reel
	sight   *sight
	outlook *outlook
	known   usage.Limits
	later   []LimitReading // still to come, the next one first
}

func newView(h *History, rules []evaluate.Rule, since time.Time) *view {
	v := &view{history: h, since: since, outlook: newOutlook(rules, h.From)}
	v.known, v.later = firstLimits(h.Limits)
	if !h.Seen {
		v.reel = newReel(h, lookback(rules, h.Settle, h.Lag))
		return v
	}
	// The service sees this much, with what cannot have settled yet.
	v.sight, v.back = newSight(h), evaluate.LiveLookback(rules)+h.Settle
	return v
}

// lookback is how much past is shown where each minute is shown once and is final:
// what the rules depend on, and for how long the buckets of limits are followed.
// What nobody looks at any more is still shown once.
func lookback(rules []evaluate.Rule, settle, lag time.Duration) time.Duration {
	lag = max(lag, settle) + 2*time.Minute
	return max(evaluate.Lookback(rules, settle), evaluate.BucketLookback+lag)
}

// firstLimits applies the first reading of each scope, which is taken to have held
// before, and returns the others by time.
func firstLimits(all []LimitReading) (usage.Limits, []LimitReading) {
	all = slices.SortedStableFunc(slices.Values(all), byTime)
	var known usage.Limits
	var later []LimitReading
	met := make(map[string]bool)
	for _, l := range all {
		var first, rest []usage.Reading
		for _, r := range l.Readings {
			if met[r.WorkspaceID] {
				rest = append(rest, r)
			} else {
				first = append(first, r)
			}
			met[r.WorkspaceID] = true
		}
		if len(first) > 0 {
			known, _ = usage.Apply(known, first, l.At)
		}
		if len(rest) > 0 {
			later = append(later, LimitReading{At: l.At, Readings: rest})
		}
	}
	return known, later
}

// limits brings those known up to at, says whether any were read, and what has
// changed since the moment before.
func (v *view) limits(at time.Time) (read bool, changes []usage.Change) {
	for len(v.later) > 0 && !v.later[0].At.After(at) {
		next := v.later[0]
		v.later, read = v.later[1:], true
		var changed []usage.Change
		v.known, changed = usage.Apply(v.known, next.Readings, next.At)
		if !next.At.Before(v.since) {
			changes = append(changes, changed...)
		}
	}
	return read, changes
}

// facts is what is known at at, which is later than the last time. Its series are
// valid until the next time.
func (v *view) facts(at time.Time) usage.Facts {
	h := v.history
	read, changes := v.limits(at)
	f := usage.Facts{Organization: h.Organization, Groups: v.known.Groups, Changes: changes, Settle: h.Settle}
	var reported map[usage.SourceKind]time.Time
	if v.reel != nil {
		reported = v.reel.reported(at)
		f.Trends = v.outlook.look(at, v.reel.end(at), func(from, to time.Time) []usage.Series {
			return v.reel.stretch(at, from, to, v.known)
		})
		f.Series = v.reel.show(at, v.known, read)
	} else {
		v.sight.look(at)
		reported = v.sight.reported()
		f.Trends = v.outlook.look(at, usage.DataAsOf(reported), func(from, to time.Time) []usage.Series {
			return v.join(at, from, to, reported)
		})
		to := at.Truncate(time.Minute)
		f.Series = v.join(at, to.Add(-v.back).Truncate(time.Minute), to, reported)
	}
	f.Sources = []usage.Source{{
		OrganizationID: h.Organization.ID, Organization: h.Organization.Name, Kind: h.source(),
		Why: "the history is from it", DataAsOf: usage.DataAsOf(reported), Since: v.since,
	}}
	return f
}

// join makes the series of a stretch, of what was seen by at.
func (v *view) join(at, first, end time.Time, reported map[usage.SourceKind]time.Time) []usage.Series {
	w := usage.Window{At: at, From: first, To: end, Settle: v.history.Settle, Reported: reported, Prefer: v.history.Source}
	from := w.From.Add(-usage.Lookback(v.known))
	w.Progress = v.sight.progress(from, w.Settle)
	series, _ := usage.Join(w, v.sight.minutes(from, w.To), v.known, v.history.Organization)
	return series
}

// Unmatched is what of the history cannot be joined with limits, or of the limits
// with use, looked at as a whole.
func (h *History) Unmatched() usage.Unmatched {
	var limits usage.Limits
	for _, l := range slices.SortedStableFunc(slices.Values(h.Limits), byTime) {
		limits, _ = usage.Apply(limits, l.Readings, l.At)
	}
	r := newReel(h, 0)
	w := usage.Window{At: h.To.Add(time.Minute + h.Lag), Prefer: h.Source, Reported: map[usage.SourceKind]time.Time{}}
	for _, source := range r.reports {
		w.Reported[source] = h.To
	}
	var all usage.Unmatched
	// In stretches: all of a long history joined at once is much memory.
	for w.From = h.From; w.From.Before(h.To); w.From = w.To {
		w.To = w.From.Add(reelMinutes * time.Minute)
		if w.To.After(h.To) {
			w.To = h.To
		}
		_, part := usage.Join(w, r.all(w.From, w.To), limits, h.Organization)
		all.Limiters = part.Limiters // of the limits alone: the same each time
		all.Models = append(all.Models, part.Models...)
	}
	slices.SortFunc(all.Models, func(a, b usage.UnmatchedModel) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Reason, b.Reason))
	})
	all.Models = slices.Compact(all.Models)
	return all
}

// byTime orders readings of limits.
func byTime(a, b LimitReading) int { return a.At.Compare(b.At) }
