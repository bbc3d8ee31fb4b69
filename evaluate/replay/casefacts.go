package replay

import (
	"maps"
	"math"
	"slices"
	"time"

	"alerter/usage"
)

// caseWorld is what a case describes, by organization.
type caseWorld struct {
	c             *Case
	start         time.Time
	back          time.Duration
	organizations []string
	limits        map[usage.Labels][]CaseLimit // by time
	used          map[usage.Labels][]float64
	labels        []usage.Labels // of limits, in a fixed order
	outlooks      map[string]*outlook
}

func newCaseWorld(c *Case) *caseWorld {
	w := &caseWorld{c: c, start: c.start(), limits: make(map[usage.Labels][]CaseLimit), used: make(map[usage.Labels][]float64)}
	met := make(map[string]bool)
	for _, l := range c.Limits {
		if w.limits[l.Labels] == nil {
			w.labels = append(w.labels, l.Labels)
		}
		w.limits[l.Labels] = append(w.limits[l.Labels], l)
		met[l.Labels.Organization] = true
	}
	for _, all := range w.limits {
		slices.SortStableFunc(all, func(a, b CaseLimit) int { return int(a.From - b.From) })
	}
	for _, u := range c.Used {
		w.used[u.Labels] = u.Used
		met[u.Labels.Organization] = true
	}
	w.organizations = slices.Sorted(maps.Keys(met))
	w.outlooks = make(map[string]*outlook, len(met))
	for name := range met {
		w.outlooks[name] = newOutlook(c.Rules, w.start)
	}
	for _, settle := range c.Settle {
		w.back = max(w.back, lookback(c.Rules, settle, 0))
	}
	w.back = max(w.back, lookback(c.Rules, 0, 0))
	return w
}

// facts is what is known of each organization at at, and not at last.
func (w *caseWorld) facts(at, last time.Duration) []usage.Facts {
	var all []usage.Facts
	for _, name := range w.organizations {
		all = append(all, w.organization(name, at, last))
	}
	return all
}

func (w *caseWorld) organization(name string, at, last time.Duration) usage.Facts {
	f := usage.Facts{
		Organization: usage.Organization{ID: name, Name: name},
		Groups:       make(map[string]usage.Group), Settle: w.c.Settle[name],
	}
	source := usage.Source{OrganizationID: name, Organization: name, Kind: usage.SourceAnalytics, Since: w.start}
	shown := max(0, int((at-f.Settle)/time.Minute))
	for _, l := range w.labels {
		if l.Organization != name {
			continue
		}
		f.Groups[l.ModelGroup] = usage.Group{ID: l.ModelGroup, Type: usage.ModelGroup, Name: l.ModelGroup}
		if !math.IsNaN(w.limit(l, at, at)) {
			f.Series = append(f.Series, w.series(l, max(0, int((at-w.back)/time.Minute)), int(at/time.Minute), at, shown))
		}
		f.Changes = append(f.Changes, w.changes(l, at, last)...)
		for i := min(shown, len(w.used[l])); i > 0; i-- {
			if !math.IsNaN(w.used[l][i-1]) {
				if end := w.start.Add(time.Duration(i) * time.Minute); end.After(source.DataAsOf) {
					source.DataAsOf = end
				}
				break
			}
		}
	}
	f.Sources = []usage.Source{source}
	f.Trends = w.outlooks[name].look(w.start.Add(at), w.start.Add(time.Duration(shown)*time.Minute), func(from, to time.Time) []usage.Series {
		var all []usage.Series
		for _, s := range f.Series {
			all = append(all, w.series(s.Labels, w.minuteOf(from), w.minuteOf(to), at, shown))
		}
		return all
	})
	return f
}

// minuteOf is which minute of a case begins at a time; below zero before the first.
func (w *caseWorld) minuteOf(t time.Time) int { return int(t.Sub(w.start) / time.Minute) }

// series is some minutes of one limit, of which the first of all are shown.
func (w *caseWorld) series(l usage.Labels, first, end int, at time.Duration, shown int) usage.Series {
	s := usage.Series{
		ID:     usage.ID{OrganizationID: l.Organization, WorkspaceID: l.Workspace, GroupID: l.ModelGroup, Limiter: usage.Limiter(l.Limiter)},
		Labels: l, From: w.start.Add(time.Duration(first) * time.Minute), Points: make([]usage.Point, end-first),
		Override: l.Workspace != "", OwnLimit: math.NaN(), OrganizationLimit: math.NaN(),
	}
	used := w.used[l]
	for i := first; i < end; i++ {
		p := usage.Point{Used: math.NaN(), Limit: w.limit(l, time.Duration(i)*time.Minute, at)}
		if i >= 0 && i < min(shown, len(used)) && !math.IsNaN(used[i]) {
			p.Used, s.Settled = used[i], i-first+1
		}
		s.Points[i-first] = p
	}
	if now := w.limit(l, at, at); s.Override {
		s.OwnLimit = now
	} else {
		s.OrganizationLimit = now
	}
	return s
}

// limit is the value that holds at a time, as known at at.
func (w *caseWorld) limit(l usage.Labels, from, at time.Duration) float64 {
	all := w.limits[l]
	value := all[0].Value
	for _, next := range all[1:] {
		if next.From <= from && next.From <= at {
			value = next.Value
		}
	}
	return value
}

// changes are those of one limit after last and up to at.
func (w *caseWorld) changes(l usage.Labels, at, last time.Duration) []usage.Change {
	var changes []usage.Change
	all := w.limits[l]
	for i := 1; i < len(all); i++ {
		kind := changeKind(l, all[i-1].Value, all[i].Value)
		if all[i].From <= last || all[i].From > at || kind == "" {
			continue
		}
		changes = append(changes, usage.Change{
			At: w.start.Add(all[i].From), Kind: kind, WorkspaceID: l.Workspace, GroupID: l.ModelGroup,
			Limiter: usage.Limiter(l.Limiter), Old: orZero(all[i-1].Value), New: orZero(all[i].Value),
		})
	}
	return changes
}

// changeKind is what the step from one value to the next is called; empty for none.
func changeKind(l usage.Labels, before, after float64) usage.ChangeKind {
	was, is := !math.IsNaN(before), !math.IsNaN(after)
	switch {
	case !was && is && l.Workspace != "":
		return usage.OverrideAdded
	case !was && is:
		return usage.LimitAdded
	case was && !is && l.Workspace != "":
		return usage.OverrideRemoved
	case was && !is:
		return usage.LimitRemoved
	case after > before:
		return usage.LimitRaised
	case after < before:
		return usage.LimitLowered
	}
	return ""
}

// orZero is a limit's value, zero where there is none.
func orZero(value float64) int64 {
	if math.IsNaN(value) {
		return 0
	}
	return int64(value)
}
