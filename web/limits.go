package web

import (
	"cmp"
	"slices"

	"alerter/usage"
)

// limitsOf lists the limits in force, the organization's first.
func limitsOf(org usage.Organization, known usage.Limits) []limit {
	names := usage.GroupLabels(known.Groups)
	workspaces := map[string]string{}
	for _, w := range org.Workspaces {
		workspaces[w.ID] = w.Name
	}
	type key struct {
		group   string
		limiter usage.Limiter
	}
	values := map[key]int64{}
	var out []limit
	for _, l := range known.Limits {
		if l.Until.IsZero() && l.WorkspaceID == "" {
			values[key{l.GroupID, l.Limiter}] = l.Value
		}
	}
	for _, l := range known.Limits {
		if !l.Until.IsZero() {
			continue
		}
		row := limit{
			Labels: Labels{Organization: org.Name, Workspace: workspaces[l.WorkspaceID], ModelGroup: names[l.GroupID], Limiter: string(l.Limiter)},
			IDs:    IDs{OrganizationID: org.ID, WorkspaceID: l.WorkspaceID, GroupID: l.GroupID},
			Value:  l.Value, Source: "organization", Since: moment(l.ReadAt),
		}
		if l.WorkspaceID != "" {
			row.Source = "workspace"
		}
		if v, ok := values[key{l.GroupID, l.Limiter}]; ok {
			row.OrganizationValue = &v
		}
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b limit) int {
		return cmp.Or(cmp.Compare(a.Labels.Workspace, b.Labels.Workspace),
			cmp.Compare(a.Labels.ModelGroup, b.Labels.ModelGroup), cmp.Compare(a.Labels.Limiter, b.Labels.Limiter))
	})
	return out
}
