package simulate

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// limits are the limits in force at one time.
type limits struct {
	groups    []Group
	overrides []Override
}

// clone is deep enough for a change to be applied to it.
func (l limits) clone() limits {
	c := limits{slices.Clone(l.groups), slices.Clone(l.overrides)}
	for i := range c.groups {
		c.groups[i].Models = slices.Clone(c.groups[i].Models)
		c.groups[i].Limits = slices.Clone(c.groups[i].Limits)
	}
	return c
}

// phase is a stretch of time without changes of limits.
type phase struct {
	from time.Time
	limits
	limiters []limiter
}

// timeline is the limits over time.
type timeline struct {
	streams []Stream

	mu      sync.Mutex // guards everything below
	changes []Change   // ascending
	phases  []*phase   // ascending; the first has no beginning
}

func newTimeline(o Organization, streams []Stream) *timeline {
	l := limits{o.Groups, o.Overrides}.clone()
	return &timeline{streams: streams, phases: []*phase{{limits: l, limiters: limiters(l, streams)}}}
}

// at is the phase in force at a time. What it returns is never written to.
func (t *timeline) at(at time.Time) *phase {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := len(t.phases) - 1; i > 0; i-- {
		if !t.phases[i].from.After(at) {
			return t.phases[i]
		}
	}
	return t.phases[0]
}

// change adds c, and applies all changes again in order of time.
func (t *timeline) change(c Change) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	changes := append(slices.Clone(t.changes), c)
	slices.SortStableFunc(changes, func(a, b Change) int { return a.At.Compare(b.At) })
	phases := t.phases[:1:1]
	for _, c := range changes {
		l := phases[len(phases)-1].clone()
		if err := l.apply(c); err != nil {
			return fmt.Errorf("change limits at %s: %w", c.At.Format(time.RFC3339), err)
		}
		phases = append(phases, &phase{from: c.At, limits: l, limiters: limiters(l, t.streams)})
	}
	t.changes, t.phases = changes, phases
	return nil
}

// apply makes one change. Workspaces are ids by now.
func (l *limits) apply(c Change) error {
	g := slices.IndexFunc(l.groups, func(g Group) bool {
		return g.ID == c.Group || c.Group != "" && g.Name == c.Group || g.Name == "" && g.Type == c.Group
	})
	switch {
	case g < 0:
		return fmt.Errorf("no group %q", c.Group)
	case c.Model != "":
		for i := range l.groups {
			l.groups[i].Models = slices.DeleteFunc(l.groups[i].Models, func(m string) bool { return m == c.Model })
		}
		l.groups[g].Models = append(l.groups[g].Models, c.Model)
		return nil
	case c.Limiter == "":
		return fmt.Errorf("neither a limiter nor a model to move into %q", c.Group)
	case c.Workspace != "":
		return l.override(c, l.groups[g].ID)
	}
	same := func(v Limit) bool { return v.Type == c.Limiter }
	i := slices.IndexFunc(l.groups[g].Limits, same)
	switch {
	case c.Value == nil && i < 0:
		return fmt.Errorf("%q has no %s to remove", c.Group, c.Limiter)
	case c.Value == nil:
		l.groups[g].Limits = slices.Delete(l.groups[g].Limits, i, i+1)
	case i < 0:
		l.groups[g].Limits = append(l.groups[g].Limits, Limit{c.Limiter, *c.Value})
	default:
		l.groups[g].Limits[i].Value = *c.Value
	}
	return nil
}

func (l *limits) override(c Change, group string) error {
	i := slices.IndexFunc(l.overrides, func(o Override) bool {
		return o.Workspace == c.Workspace && o.Group == group && o.Limit.Type == c.Limiter
	})
	switch {
	case c.Value == nil && i < 0:
		return fmt.Errorf("workspace %q has no %s of %q to remove", c.Workspace, c.Limiter, c.Group)
	case c.Value == nil:
		l.overrides = slices.Delete(l.overrides, i, i+1)
	case i < 0:
		l.overrides = append(l.overrides, Override{c.Workspace, group, Limit{c.Limiter, *c.Value}})
	default:
		l.overrides[i].Limit.Value = *c.Value
	}
	return nil
}
