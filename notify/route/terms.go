package route

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Terms are what a route says beyond whom it tells and its timers: when not to
// tell, and whom else. The zero value tells always, and nobody else.
type Terms struct {
	MuteTimeIntervals   []string // names in [Tree.Intervals]: nothing is told while one of them holds
	ActiveTimeIntervals []string // nothing is told unless one of them holds; empty: always
	// EscalateAfter is how long after it was told an alert may go unacknowledged
	// before EscalateTo is told too; zero: for ever.
	EscalateAfter time.Duration
	EscalateTo    string // a receiver
	// ReminderBackoff is by how much the repeat interval grows with each reminder
	// since something fired or got worse; zero is 1: not at all.
	ReminderBackoff float64
	Flap            Flap
}

// Flap is when an alert changes too often to be told each time: so many
// changes of its severity or state within that time. The zero value is never.
type Flap struct {
	Changes int
	Within  time.Duration
}

func (t *Terms) equal(other *Terms) bool {
	return slices.Equal(t.MuteTimeIntervals, other.MuteTimeIntervals) &&
		slices.Equal(t.ActiveTimeIntervals, other.ActiveTimeIntervals) &&
		t.EscalateAfter == other.EscalateAfter && t.EscalateTo == other.EscalateTo &&
		t.ReminderBackoff == other.ReminderBackoff && t.Flap == other.Flap
}

// check reports what cannot be in the terms of n.
func (t Tree) checkTerms(n *Node) []error {
	errs := append(t.checkIntervals("mute_time_intervals", n, n.MuteTimeIntervals),
		t.checkIntervals("active_time_intervals", n, n.ActiveTimeIntervals)...)
	switch {
	case n.EscalateAfter < 0:
		errs = append(errs, fmt.Errorf("escalate_after: %v is negative; write a span such as 15m", n.EscalateAfter))
	case n.EscalateAfter > 0 && n.EscalateTo == "":
		errs = append(errs, errors.New("escalate_after: nobody would be told; write escalate_to beside it"))
	case n.EscalateAfter == 0 && n.EscalateTo != "":
		errs = append(errs, errors.New("escalate_to: it would never be told; write escalate_after beside it"))
	case n.EscalateTo != "" && n.EscalateTo == n.Receiver:
		errs = append(errs, errors.New("escalate_to: this receiver is told already; name another one"))
	}
	errs = append(errs, t.checkReceiver("escalate_to", n.EscalateTo))
	if n.ReminderBackoff != 0 && n.ReminderBackoff < 1 {
		errs = append(errs, fmt.Errorf("reminder_backoff: %v would remind ever more often; write 1 or more", n.ReminderBackoff))
	}
	if f := n.Flap; f != (Flap{}) && (f.Changes < 2 || f.Within <= 0) {
		errs = append(errs, errors.New("flap: write how many changes, at least 2, within which span"))
	}
	return errs
}

// checkIntervals reports time intervals that n cannot name under that key.
func (t Tree) checkIntervals(key string, n *Node, names []string) []error {
	var errs []error
	if n == t.Root && len(names) > 0 {
		errs = append(errs, fmt.Errorf("%s: the root route takes every alert at any time; write it in a route under routes", key))
	}
	for _, name := range names {
		if _, ok := t.Intervals[name]; !ok {
			errs = append(errs, fmt.Errorf("%s: no time interval is called %q", key, name))
		}
	}
	return errs
}

// checkInhibit checks the rules by which alerts keep others quiet.
func (t Tree) checkInhibit() []error {
	var errs []error
	for i, r := range t.Inhibit {
		where := fmt.Sprintf("inhibit rule %d", i+1)
		for _, m := range slices.Concat(r.Source, r.Target) {
			errs = append(errs, wrap(where, checkLabel("matchers", m.Name)), wrap(where, m.check()))
		}
		for _, name := range r.Equal {
			errs = append(errs, wrap(where, checkLabel("equal", name)))
		}
	}
	return errs
}

// MutedBy names the time intervals by which the terms let nothing be told at that moment:
// the muting ones that hold or, if there are none, the active ones, of which none
// holds. Empty: it may be told. A name that is not in the tree any more says nothing.
func (t Tree) MutedBy(terms *Terms, at time.Time) (names []string) {
	holds := func(name string) bool {
		return slices.ContainsFunc(t.Intervals[name], func(ti TimeInterval) bool { return ti.Contains(at) })
	}
	for _, name := range terms.MuteTimeIntervals {
		if holds(name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 || slices.ContainsFunc(terms.ActiveTimeIntervals, holds) {
		return names
	}
	for _, name := range terms.ActiveTimeIntervals {
		if len(t.Intervals[name]) > 0 {
			names = append(names, name)
		}
	}
	return names
}
