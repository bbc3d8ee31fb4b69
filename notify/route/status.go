package route

import (
	"slices"
	"time"

	"alerter/evaluate"
)

// Status is where an alert that fires stands at a moment, in Alertmanager's words: who
// is told of it, and what keeps it from being told. The zero value is that of an alert
// that does not fire.
type Status struct {
	SilencedBy  []string               // ids of the active silences, sorted; nil: none
	InhibitedBy []evaluate.Fingerprint // other alerts that fire, sorted; nil: none
	// Groups are those that the routes lead it to, in their order, and behind them
	// those that were told of it otherwise: since nobody acknowledged it, or before
	// the routes changed.
	Groups []GroupStatus
}

// GroupStatus is a group that an alert is in, and what mutes it there.
type GroupStatus struct {
	GroupRef
	Labels  map[string]string // the group labels
	MutedBy []string          // as [Tree.MutedBy]
}

// MutedBy names the time intervals because of which nobody is told, sorted, each once.
// Nil: the alert is in a group that may be told, or in none.
func (s Status) MutedBy() []string {
	var names []string
	for _, g := range s.Groups {
		if len(g.MutedBy) == 0 {
			return nil
		}
		names = append(names, g.MutedBy...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Statuses says where each of in.Alerts stands, in their order; they must be all that
// fire. Of in it also reads Failing, Silences and Groups, of which it needs those that
// remember one of the alerts.
func Statuses(at time.Time, tree Tree, in Input) []Status {
	s := statuses{at: at, quiet: newQuiet(at, tree, in), router: newRouter(tree, in.Failing), told: map[episode][]*Group{}}
	for i := range in.Groups {
		for j := range in.Groups[i].Members {
			if m := &in.Groups[i].Members[j]; m.known() && !isOver(&m.Alert) {
				e := episodeOf(&m.Alert)
				s.told[e] = append(s.told[e], &in.Groups[i])
			}
		}
	}
	list := make([]Status, len(in.Alerts))
	for i := range in.Alerts {
		if a := &in.Alerts[i]; a.State == evaluate.Firing {
			list[i] = Status{SilencedBy: s.quiet.silencedBy(a), InhibitedBy: s.quiet.inhibitedBy(a), Groups: s.groups(a)}
		}
	}
	return list
}

// statuses is what a look at many alerts shares.
type statuses struct {
	at     time.Time
	quiet  *quiet
	router *router
	told   map[episode][]*Group // who was told of an episode
}

// groups are those that an alert is in.
func (s *statuses) groups(a *evaluate.Alert) []GroupStatus {
	var list []GroupStatus
	for _, t := range s.router.targets(a) {
		list = append(list, GroupStatus{t.ref, t.labels, s.router.tree.MutedBy(&t.node.Terms, s.at)})
	}
	led := len(list)
	for _, g := range s.told[episodeOf(a)] {
		if !slices.ContainsFunc(list, func(has GroupStatus) bool { return has.GroupRef == g.Ref() }) {
			list = append(list, GroupStatus{g.Ref(), g.Labels, s.router.tree.MutedBy(&g.Terms, s.at)})
		}
	}
	slices.SortFunc(list[led:], func(a, b GroupStatus) int { return a.Compare(b.GroupRef) })
	return list
}
