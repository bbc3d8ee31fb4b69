package web

import (
	"cmp"
	"context"
	"slices"
	"time"

	"alerter/store"
	"alerter/usage"
)

// Limit is one limit in force.
type Limit struct {
	Labels Labels `json:"labels"`
	IDs    IDs    `json:"ids"`
	Value  int64  `json:"value"`
	Source string `json:"source"` // organization or workspace
	// OrganizationValue is the organization's own for the same group and limiter;
	// null where it has none.
	OrganizationValue *int64     `json:"organization_value"`
	Since             *time.Time `json:"since"` // when this value was first read
}

// Limits lists the limits in force at at, organization by organization, each
// with its own limits before those of its workspaces.
func Limits(ctx context.Context, st *store.Store, at time.Time) ([]Limit, error) {
	out := []Limit{}
	err := st.View(ctx, func(tx *store.Tx) error {
		orgs, err := tx.Organizations()
		if err != nil {
			return err
		}
		for _, org := range orgs {
			known, err := tx.Limits(org.ID, at)
			if err != nil {
				return err
			}
			out = append(out, limitsOf(org, known, at)...)
		}
		return nil
	})
	return out, err
}

// subject is what an organization and its workspaces may each have a limit for.
type subject struct {
	group   string
	limiter usage.Limiter
}

func limitsOf(org usage.Organization, known usage.Limits, at time.Time) []Limit {
	values := map[subject]int64{} // the organization's own
	for _, l := range known.Limits {
		if l.InForce(at) && l.WorkspaceID == "" {
			values[subject{l.GroupID, l.Limiter}] = l.Value
		}
	}
	groups := usage.GroupLabels(known.Groups)
	workspaces := map[string]string{}
	for _, w := range org.Workspaces {
		workspaces[w.ID] = w.Name
	}
	var out []Limit
	for _, l := range known.Limits {
		if !l.InForce(at) {
			continue
		}
		row := Limit{
			Labels: Labels{
				Organization: org.Name, Workspace: cmp.Or(workspaces[l.WorkspaceID], l.WorkspaceID),
				ModelGroup: groups[l.GroupID], Limiter: string(l.Limiter),
			},
			IDs:   IDs{OrganizationID: org.ID, WorkspaceID: l.WorkspaceID, GroupID: l.GroupID},
			Value: l.Value, Source: "organization", Since: moment(l.ReadAt),
		}
		if l.WorkspaceID != "" {
			row.Source = "workspace"
		}
		if v, ok := values[subject{l.GroupID, l.Limiter}]; ok {
			row.OrganizationValue = &v
		}
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b Limit) int {
		return cmp.Or(cmp.Compare(a.Labels.Workspace, b.Labels.Workspace),
			cmp.Compare(a.Labels.ModelGroup, b.Labels.ModelGroup), cmp.Compare(a.Labels.Limiter, b.Labels.Limiter))
	})
	return out
}
