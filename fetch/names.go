package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/anthropics/anthropic-sdk-go/v2"

	"alerter/usage"
)

const (
	listLimit = 1000 // of one page of a list, the most the API takes
	listPages = 200
)

// defaultName is what the default workspace is called. Nothing else in a list
// marks it.
const defaultName = "Default"

// Organization reads whose key it is: the id and the API's own name. Workspaces
// and Keys of the result are nil.
func (c *Client) Organization(ctx context.Context) (usage.Organization, error) {
	return c.organization(ctx, nil)
}

func (c *Client) organization(ctx context.Context, keep *keeper) (usage.Organization, error) {
	var o wireOrganization
	err := c.list(ctx, EndpointOrganization, func(ctx context.Context) error {
		r := request{endpoint: EndpointOrganization, path: "v1/organizations/me", query: values(nil), maxBody: maxListBody, keep: keep}
		return c.ask(ctx, r, func(b *body) error {
			o = wireOrganization{}
			return readObject(b, &o)
		})
	})
	if err != nil {
		return usage.Organization{}, err
	}
	org, err := o.organization()
	if err != nil {
		return org, fmt.Errorf("fetch %s%s: %w", EndpointOrganization, c.of(), err)
	}
	return org, nil
}

// wireOrganization is what is read of an organization.
type wireOrganization struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (o wireOrganization) organization() (usage.Organization, error) {
	if o.ID == "" {
		return usage.Organization{}, errors.New("the organization has no id")
	}
	return usage.Organization{ID: o.ID, Name: o.Name}, nil
}

// Workspaces reads the names of all workspaces, the default one and archived ones
// included. Older usage still carries the ids of archived ones.
func (c *Client) Workspaces(ctx context.Context) ([]usage.Workspace, error) {
	return c.allWorkspaces(ctx, nil)
}

func (c *Client) allWorkspaces(ctx context.Context, keep *keeper) ([]usage.Workspace, error) {
	var all []usage.Workspace
	err := c.list(ctx, EndpointWorkspaces, func(ctx context.Context) (err error) {
		all, err = c.workspacesMarked(ctx, keep)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// workspacesMarked lists the workspaces, the default one marked. An API from before
// the parameter for that one gives the others.
func (c *Client) workspacesMarked(ctx context.Context, keep *keeper) ([]usage.Workspace, error) {
	at := c.Now()
	if c.refusals.hold(defaultWorkspace, at) {
		return c.workspaces(ctx, false, keep)
	}
	all, err := c.workspaces(ctx, true, keep)
	if refused, ok := errors.AsType[*StatusError](err); ok && refused.Code == 400 {
		without, again := c.workspaces(ctx, false, keep)
		if again != nil {
			return nil, err
		}
		c.refusals.add(defaultWorkspace, at)
		return without, nil
	}
	if err != nil {
		return nil, err
	}
	return all, c.markDefault(ctx, all)
}

// markDefault finds the default workspace: the only one of that name or, where
// people gave the name to others, the one that is missing from a list without it.
func (c *Client) markDefault(ctx context.Context, all []usage.Workspace) error {
	var named []*usage.Workspace
	for i := range all {
		if all[i].Name == defaultName {
			named = append(named, &all[i])
		}
	}
	if len(named) == 1 {
		named[0].Default = true
	}
	if len(named) < 2 {
		return nil
	}
	without, err := c.workspaces(ctx, false, nil)
	if err != nil {
		return err
	}
	for _, w := range named {
		w.Default = !slices.ContainsFunc(without, func(other usage.Workspace) bool { return other.ID == w.ID })
	}
	return nil
}

// wireWorkspace is what is read of a workspace.
type wireWorkspace struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	ArchivedAt *string `json:"archived_at"` // null: live; when it was does not matter
}

func (c *Client) workspaces(ctx context.Context, withDefault bool, keep *keeper) ([]usage.Workspace, error) {
	params := anthropic.OrganizationWorkspaceListParams{Limit: anthropic.Int(listLimit), IncludeArchived: anthropic.Bool(true)}
	if withDefault {
		params.IncludeDefault = anthropic.Bool(true)
	}
	return listed(ctx, c, func(after string) request {
		if after != "" {
			params.AfterID = anthropic.String(after)
		}
		return request{endpoint: EndpointWorkspaces, path: "v1/organizations/workspaces", query: params, maxBody: maxListBody, keep: keep}
	}, readWorkspace)
}

func readWorkspace(d *json.Decoder) (id string, _ usage.Workspace, err error) {
	var w wireWorkspace
	if err := into(d, &w); err != nil {
		return "", usage.Workspace{}, err
	}
	if w.ID == "" {
		return "", usage.Workspace{}, errors.New("id is missing")
	}
	return w.ID, usage.Workspace{ID: w.ID, Name: w.Name, Archived: w.ArchivedAt != nil}, nil
}

// Keys reads the names of all API keys, whatever their status. Their hints are not
// read.
func (c *Client) Keys(ctx context.Context) ([]usage.Key, error) {
	var all []usage.Key
	err := c.list(ctx, EndpointKeys, func(ctx context.Context) (err error) {
		params := anthropic.OrganizationAPIKeyListParams{Limit: anthropic.Int(listLimit)}
		all, err = listed(ctx, c, func(after string) request {
			if after != "" {
				params.AfterID = anthropic.String(after)
			}
			return request{endpoint: EndpointKeys, path: "v1/organizations/api_keys", query: params, maxBody: maxListBody}
		}, readKey)
		return err
	})
	return all, err
}

// wireKey is what is read of an API key. workspace_id stands at the top only
// under API version 2023-06-01.
type wireKey struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	WorkspaceID *string `json:"workspace_id"`
	Scope       *struct {
		WorkspaceID *string `json:"workspace_id"`
	} `json:"scope"`
}

func readKey(d *json.Decoder) (id string, _ usage.Key, err error) {
	var k wireKey
	if err := into(d, &k); err != nil {
		return "", usage.Key{}, err
	}
	if k.ID == "" {
		return "", usage.Key{}, errors.New("id is missing")
	}
	key := usage.Key{ID: k.ID, Name: k.Name}
	switch {
	case k.Scope != nil && k.Scope.WorkspaceID != nil:
		key.WorkspaceID = *k.Scope.WorkspaceID
	case k.Scope == nil && k.WorkspaceID != nil:
		key.WorkspaceID = *k.WorkspaceID
	}
	return k.ID, key, nil
}
