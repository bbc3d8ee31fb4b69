package usage

import (
	"maps"
	"slices"
	"time"
)

// organizationGroups takes names and models of groups from the organization's reading.
func (a *application) organizationGroups(r Reading) {
	wanted := make(map[Membership]bool) // without times
	listed := make(map[string]bool)     // models that some group counts
	for _, e := range r.Entries {
		a.putGroup(e.Group)
		for _, model := range e.Group.Models {
			wanted[Membership{GroupID: e.Group.ID, Model: model}] = true
			listed[model] = true
		}
	}
	gone := a.endMembers(wanted, listed, r)
	for m := range wanted {
		m.From = a.startOf(r)
		a.next.Members = append(a.next.Members, m)
		if from, moved := gone[m.Model]; moved {
			a.changes = append(a.changes, Change{
				At: a.at, Kind: ModelMoved, GroupID: m.GroupID, Model: m.Model, FromGroupID: from,
			})
		}
	}
}

// endMembers ends the memberships that are not wanted any more, takes those that
// are in force out of wanted, and returns the group each model went from.
func (a *application) endMembers(wanted map[Membership]bool, listed map[string]bool, r Reading) map[string]string {
	inReading := make(map[string]bool)
	for _, e := range r.Entries {
		inReading[e.Group.ID] = true
	}
	overridden := a.overridden()
	gone := make(map[string]string)
	kept := a.next.Members[:0]
	for _, m := range a.next.Members {
		pair := Membership{GroupID: m.GroupID, Model: m.Model}
		switch {
		case !m.Until.IsZero():
			kept = append(kept, m)
		case wanted[pair]:
			delete(wanted, pair)
			kept = append(kept, m)
		case !inReading[m.GroupID] && overridden[m.GroupID] && !listed[m.Model]:
			kept = append(kept, m) // the organization does not list a group that a workspace has limits in
		default:
			if from, twice := gone[m.Model]; !twice || m.GroupID < from {
				gone[m.Model] = m.GroupID
			}
			m.Until = a.at
			kept = append(kept, m)
		}
	}
	a.next.Members = kept
	return gone
}

// told is what counts already when a workspace's reading is looked at.
type told struct {
	models map[string]bool // that some group counts
	groups map[string]bool // that the organization has limits in
}

// already reads what counts already, once the organization's reading was applied.
func (a *application) already() *told {
	if a.told != nil {
		return a.told
	}
	a.told = &told{models: make(map[string]bool), groups: groupsIn(a.scopes[""])}
	for _, m := range a.next.Members {
		if m.Until.IsZero() {
			a.told.models[m.Model] = true
		}
	}
	return a.told
}

// workspaceGroups takes from a workspace's reading the groups and models that
// neither the organization's nor an earlier workspace's tells of.
func (a *application) workspaceGroups(r Reading) {
	already := a.already()
	for _, e := range r.Entries {
		if _, known := a.next.Groups[e.Group.ID]; !known {
			a.putGroup(e.Group)
		}
		for _, model := range e.Group.Models {
			if already.models[model] || already.groups[e.Group.ID] {
				continue
			}
			already.models[model] = true
			a.next.Members = append(a.next.Members, Membership{
				GroupID: e.Group.ID, Model: model, From: a.startOf(r),
			})
		}
	}
}

// overridden is the groups that some workspace has a limit of its own in.
func (a *application) overridden() map[string]bool {
	ids := make(map[string]bool)
	for workspaceID, limits := range a.scopes {
		if workspaceID != "" {
			maps.Copy(ids, groupsIn(limits))
		}
	}
	return ids
}

// groupsIn is the groups that one of the limits is still in force in.
func groupsIn(limits []Limit) map[string]bool {
	ids := make(map[string]bool)
	for _, l := range limits {
		if l.Until.IsZero() {
			ids[l.GroupID] = true
		}
	}
	return ids
}

// startOf is when something new in a reading begins.
func (a *application) startOf(r Reading) time.Time {
	if a.first[r.WorkspaceID] {
		return time.Time{}
	}
	return a.at
}

// putGroup keeps a group as last read. A reading that leaves out a type or name
// takes nothing away.
func (a *application) putGroup(g Group) {
	old := a.next.Groups[g.ID]
	if g.Type == "" {
		g.Type = old.Type
	}
	if g.Name == "" {
		g.Name = old.Name
	}
	g.Models = slices.Clone(g.Models)
	a.next.Groups[g.ID] = g
}
