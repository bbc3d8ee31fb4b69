package usage

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Apply adds what was read at one time to the limit history, and returns the new
// history and what changed. prior is not modified.
//
// Only the scopes among readings are touched, each of which stands there once: a
// workspace whose reading is missing keeps its limits, one that is gone needs an
// empty reading. The first reading of a scope is taken to have held before
// (zero From, Assumed) and reports no changes. Later ones end what differs and
// begin the new at the given time. A workspace's inherited values are no limits
// of its own and are not kept.
//
// Which models a group counts is taken from the organization's reading, as a
// workspace's lists only those it can use. A group that only workspaces have
// limits in takes the models they list, unless another group has them.
//
// Limits come sorted by workspace, group, limiter and time, members by model,
// group and time, changes by workspace, group, limiter and model.
func Apply(prior Limits, readings []Reading, at time.Time) (Limits, []Change) {
	a := application{
		at: at,
		next: Limits{
			Groups:  maps.Clone(prior.Groups),
			Members: slices.Clone(prior.Members),
			Limits:  make([]Limit, 0, len(prior.Limits)),
			Read:    maps.Clone(prior.Read),
		},
		scopes: byScope(prior.Limits),
		first:  make(map[string]bool),
	}
	if a.next.Groups == nil {
		a.next.Groups = make(map[string]Group)
	}
	if a.next.Read == nil {
		a.next.Read = make(map[string]time.Time)
	}
	readings = slices.SortedFunc(slices.Values(readings), func(x, y Reading) int {
		return cmp.Compare(x.WorkspaceID, y.WorkspaceID) // the organization's comes first
	})
	for _, r := range readings {
		a.first[r.WorkspaceID] = !prior.hasRead(r.WorkspaceID)
		a.limits(r)
		if r.WorkspaceID == "" {
			a.organizationGroups(r)
		} else {
			a.workspaceGroups(r)
		}
		if _, ok := a.next.Read[r.WorkspaceID]; !ok {
			a.next.Read[r.WorkspaceID] = at
		}
	}
	for _, workspaceID := range slices.Sorted(maps.Keys(a.scopes)) {
		a.next.Limits = append(a.next.Limits, a.scopes[workspaceID]...)
	}
	a.sort()
	return a.next, a.changes
}

// byScope divides limits by the workspace that has them; the organization's are
// under "".
func byScope(limits []Limit) map[string][]Limit {
	scopes := make(map[string][]Limit)
	for _, l := range limits {
		scopes[l.WorkspaceID] = append(scopes[l.WorkspaceID], l)
	}
	return scopes
}

// hasRead reports whether a scope was read before. Where that was not kept, the
// scopes that have limits were, and every workspace once the organization was:
// a change told once too often is better than one that is missed.
func (l Limits) hasRead(workspaceID string) bool {
	if _, ok := l.Read[workspaceID]; ok || l.Read != nil {
		return ok
	}
	return len(l.Groups) > 0 || len(l.Limits) > 0
}

// application is one call of Apply under way. What it holds by scope keeps a
// reading from being compared with the limits of every other workspace.
type application struct {
	at      time.Time
	next    Limits             // its own Limits are empty until the end
	scopes  map[string][]Limit // those, by workspace
	told    *told              // nil: no workspace's groups were looked at yet
	changes []Change
	first   map[string]bool // scopes that were never read before
}

// limitKey is what makes two limits of one scope the same limit.
type limitKey struct {
	groupID string
	limiter Limiter
}

// limits ends and begins the limits of one scope.
func (a *application) limits(r Reading) {
	wanted := make(map[limitKey]int64)
	for _, e := range r.Entries {
		for _, v := range e.Limits {
			if r.WorkspaceID != "" && v.Inherited {
				continue
			}
			key := limitKey{e.Group.ID, v.Limiter}
			if old, twice := wanted[key]; !twice || v.Value < old {
				wanted[key] = v.Value // stated twice: the lower one is enforced
			}
		}
	}
	scope := a.scopes[r.WorkspaceID]
	kept := make([]Limit, 0, len(scope)+len(wanted))
	for _, l := range scope {
		if !l.Until.IsZero() {
			kept = append(kept, l)
			continue
		}
		key := limitKey{l.GroupID, l.Limiter}
		value, still := wanted[key]
		if still && value == l.Value {
			delete(wanted, key)
			kept = append(kept, l)
			continue
		}
		l.Until = a.at
		if !still {
			a.change(r.WorkspaceID, key, removedKind(r.WorkspaceID), l.Value, 0)
			kept = append(kept, l)
			continue
		}
		a.change(r.WorkspaceID, key, movedKind(l.Value, value), l.Value, value)
		kept = append(kept, a.begin(r.WorkspaceID, key, value, a.at))
		delete(wanted, key)
		if !l.From.Equal(a.at) { // else the new one takes its place
			kept = append(kept, l)
		}
	}
	a.scopes[r.WorkspaceID] = a.add(kept, r.WorkspaceID, wanted)
}

// add begins the limits that were not in force before.
func (a *application) add(limits []Limit, workspaceID string, wanted map[limitKey]int64) []Limit {
	for key, value := range wanted {
		if a.first[workspaceID] {
			limits = append(limits, a.begin(workspaceID, key, value, time.Time{}))
			continue
		}
		limits = append(limits, a.begin(workspaceID, key, value, a.at))
		a.change(workspaceID, key, addedKind(workspaceID), 0, value)
	}
	return limits
}

// begin is a limit in force from the given time on; the zero time is assumed.
func (a *application) begin(workspaceID string, key limitKey, value int64, from time.Time) Limit {
	return Limit{
		WorkspaceID: workspaceID, GroupID: key.groupID, Limiter: key.limiter, Value: value,
		From: from, Assumed: from.IsZero(), ReadAt: a.at,
	}
}

// change notes a changed limit.
func (a *application) change(workspaceID string, key limitKey, kind ChangeKind, from, to int64) {
	a.changes = append(a.changes, Change{
		At: a.at, Kind: kind, WorkspaceID: workspaceID,
		GroupID: key.groupID, Limiter: key.limiter, Old: from, New: to,
	})
}

// addedKind is what a limit that was not there before is called.
func addedKind(workspaceID string) ChangeKind {
	if workspaceID == "" {
		return LimitAdded
	}
	return OverrideAdded
}

// removedKind is what a limit that is gone is called.
func removedKind(workspaceID string) ChangeKind {
	if workspaceID == "" {
		return LimitRemoved
	}
	return OverrideRemoved
}

// movedKind is what a changed value is called.
func movedKind(from, to int64) ChangeKind {
	if to > from {
		return LimitRaised
	}
	return LimitLowered
}

// sort puts the result in its order.
func (a *application) sort() {
	slices.SortFunc(a.next.Limits, compareLimits)
	slices.SortFunc(a.next.Members, func(x, y Membership) int {
		return cmp.Or(cmp.Compare(x.Model, y.Model), cmp.Compare(x.GroupID, y.GroupID), x.From.Compare(y.From))
	})
	slices.SortFunc(a.changes, func(x, y Change) int {
		return cmp.Or(cmp.Compare(x.WorkspaceID, y.WorkspaceID), cmp.Compare(x.GroupID, y.GroupID),
			cmp.Compare(x.Limiter, y.Limiter), cmp.Compare(x.Model, y.Model))
	})
}

// compareLimits orders limits by workspace (the organization's first), group,
// limiter and time. Of two that begin together, which no reading leads to, the
// lower comes last and counts.
func compareLimits(x, y Limit) int {
	return cmp.Or(cmp.Compare(x.WorkspaceID, y.WorkspaceID), cmp.Compare(x.GroupID, y.GroupID),
		cmp.Compare(x.Limiter, y.Limiter), x.From.Compare(y.From), cmp.Compare(y.Value, x.Value))
}
