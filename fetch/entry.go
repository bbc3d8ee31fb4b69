package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"alerter/usage"
)

// wireEntry is one group's limits, of the organization or of a workspace.
// https://platform.claude.com/docs/en/manage-claude/rate-limits-api
type wireEntry struct {
	WorkspaceID string `json:"workspace_id"`
	Group       *struct {
		ID          string `json:"id"`
		Type        string `json:"type"`
		DisplayName string `json:"display_name"`
	} `json:"group"`
	GroupType string       `json:"group_type"` // the only name of a group in the first answers of 2026
	Models    []string     `json:"models"`
	Limits    *[]wireLimit `json:"limits"`
}

// wireLimit is one limit. org_limit and source stand only in workspace entries,
// source only in newer ones.
type wireLimit struct {
	Type     string `json:"type"`
	Value    *int64 `json:"value"`
	OrgLimit *int64 `json:"org_limit"`
	Source   *struct {
		Type string `json:"type"`
	} `json:"source"`
}

// readEntry reads one entry of the answer about a workspace, or about the
// organization when workspaceID is empty.
func readEntry(d *json.Decoder, workspaceID string) (usage.Entry, error) {
	var w wireEntry
	if err := into(d, &w); err != nil {
		return usage.Entry{}, err
	}
	if w.WorkspaceID != "" && w.WorkspaceID != workspaceID {
		return usage.Entry{}, errors.New("workspace_id is not the one that was asked for")
	}
	g, err := w.group()
	if err != nil {
		return usage.Entry{}, err
	}
	e := usage.Entry{Group: g}
	if w.Limits == nil {
		return e, errors.New("limits is missing")
	}
	for i, l := range *w.Limits {
		v, err := l.limit()
		if err == nil {
			e.Limits, err = addValue(e.Limits, v)
		}
		if err != nil {
			return e, fmt.Errorf("limits[%d]: %w", i, err)
		}
	}
	return e, nil
}

// group is whose limits they are. A type that is not known is kept as it is.
func (w wireEntry) group() (usage.Group, error) {
	g := usage.Group{Type: w.GroupType, Models: w.Models}
	if w.Group != nil {
		g.ID, g.Name = w.Group.ID, w.Group.DisplayName
		if w.Group.Type != "" {
			g.Type = w.Group.Type
		}
	}
	if g.Type == "" {
		return g, errors.New("group.type is missing")
	}
	if g.ID == "" {
		g.ID = derivedID(g)
	}
	return g, nil
}

// derivedID stands in for the group id that older answers lack: the same for the
// same type and models, in whatever order they come.
func derivedID(g usage.Group) string {
	models := slices.Sorted(slices.Values(g.Models))
	h := sha256.Sum256([]byte(g.Type + "\n" + strings.Join(models, "\n")))
	return "derived_" + hex.EncodeToString(h[:12])
}

// limit is the value, with what it says of the organization's. A limiter that is
// not known is kept as it is.
func (l wireLimit) limit() (usage.Value, error) {
	switch {
	case l.Type == "":
		return usage.Value{}, errors.New("type is missing")
	case l.Value == nil:
		return usage.Value{}, errors.New("value is missing")
	case *l.Value < 0:
		return usage.Value{}, fmt.Errorf("value is %d, which no limit can be", *l.Value)
	case l.OrgLimit != nil && *l.OrgLimit < 0:
		return usage.Value{}, fmt.Errorf("org_limit is %d, which no limit can be", *l.OrgLimit)
	}
	v := usage.Value{Limiter: usage.Limiter(l.Type), Value: *l.Value, OrganizationValue: l.OrgLimit}
	if l.Source != nil {
		switch l.Source.Type {
		case "organization":
			v.Inherited = true
		case "workspace":
		default: // a source that is not known: inherited if it only repeats the organization's value
			v.Inherited = l.OrgLimit != nil && *l.OrgLimit == *l.Value
		}
	}
	return v, nil
}
