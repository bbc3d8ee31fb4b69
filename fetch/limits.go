package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/anthropics/anthropic-sdk-go/v2"

	"alerter/usage"
)

// OrganizationLimits reads the organization's configured limits, complete or not
// at all.
func (c *Client) OrganizationLimits(ctx context.Context) (usage.Reading, error) {
	return c.organizationLimits(ctx, nil)
}

func (c *Client) organizationLimits(ctx context.Context, keep *keeper) (usage.Reading, error) {
	var reading usage.Reading
	err := c.list(ctx, EndpointLimits, func(ctx context.Context) (err error) {
		reading, err = c.limits(ctx, "", func(cursor string) request {
			params := anthropic.OrganizationRateLimitListParams{}
			if cursor != "" {
				params.Page = anthropic.String(cursor)
			}
			return request{endpoint: EndpointLimits, path: "v1/organizations/rate_limits", query: params, maxBody: maxListBody, keep: keep}
		})
		return err
	})
	return reading, err
}

// WorkspaceLimits reads a workspace's limits, those it inherits marked as such.
// Where the API refuses to list inherited ones, the reading holds the workspace's
// own only. The default workspace has none, and the API answers 404 for it as for
// one that is gone: an empty reading.
func (c *Client) WorkspaceLimits(ctx context.Context, workspaceID string) (usage.Reading, error) {
	return c.oneWorkspaceLimits(ctx, workspaceID, nil)
}

func (c *Client) oneWorkspaceLimits(ctx context.Context, workspaceID string, keep *keeper) (usage.Reading, error) {
	var reading usage.Reading
	err := c.list(ctx, EndpointWorkspaceLimits, func(ctx context.Context) (err error) {
		if workspaceID == "" {
			return errors.New("no workspace is given")
		}
		if reading, err = c.workspaceLimits(ctx, workspaceID, keep); err != nil {
			return fmt.Errorf("of workspace %s: %w", clip(workspaceID, 100), err)
		}
		return nil
	})
	return reading, err
}

func (c *Client) workspaceLimits(ctx context.Context, id string, keep *keeper) (usage.Reading, error) {
	at := c.Now()
	inherited := !c.refusals.hold(inheritedLimits, at)
	reading, err := c.limits(ctx, id, workspaceLimitsRequest(id, inherited, keep))
	refused, ok := errors.AsType[*StatusError](err)
	if ok && refused.Code == 400 && inherited {
		without, again := c.limits(ctx, id, workspaceLimitsRequest(id, false, keep))
		if again == nil {
			c.refusals.add(inheritedLimits, at) // an API from before the parameter
			return without, nil
		}
		if refused, ok = errors.AsType[*StatusError](again); ok && refused.Code == 404 {
			err = again
		}
	}
	// Only the API's own 404 says that there are no limits. A proxy's page, or a
	// base_url with a mistake in it, must not remove any.
	if ok && refused.Code == 404 && refused.Type == "not_found_error" {
		return usage.Reading{WorkspaceID: id}, nil
	}
	return reading, err
}

func workspaceLimitsRequest(id string, inherited bool, keep *keeper) func(cursor string) request {
	return func(cursor string) request {
		params := anthropic.OrganizationWorkspaceRateLimitListParams{}
		if inherited {
			params.IncludeInherited = anthropic.Bool(true)
		}
		if cursor != "" {
			params.Page = anthropic.String(cursor)
		}
		path := "v1/organizations/workspaces/" + url.PathEscape(id) + "/rate_limits"
		return request{endpoint: EndpointWorkspaceLimits, path: path, query: params, maxBody: maxListBody, keep: keep}
	}
}

// limits reads all pages of a reading.
func (c *Client) limits(ctx context.Context, workspaceID string, ask func(cursor string) request) (usage.Reading, error) {
	all := usage.Reading{WorkspaceID: workspaceID}
	follow := cursors{max: listPages}
	for cursor := ""; ; {
		var p page
		var entries []usage.Entry
		err := c.ask(ctx, ask(cursor), func(b *body) (err error) {
			entries = nil
			p, err = readPage(b, func(d *json.Decoder) error {
				e, err := readEntry(d, workspaceID)
				entries = append(entries, e)
				return err
			})
			return err
		})
		if err != nil {
			return usage.Reading{}, err
		}
		for _, e := range entries {
			if all.Entries, err = addEntry(all.Entries, e); err != nil {
				return usage.Reading{}, err
			}
		}
		if cursor, err = follow.after(p, p.next, "next_page"); err != nil {
			return usage.Reading{}, err
		}
		if cursor == "" {
			return all, nil
		}
	}
}

// addEntry adds an entry to a reading. A group may come again on a later page; what
// it says of a limiter must then be the same.
func addEntry(entries []usage.Entry, e usage.Entry) ([]usage.Entry, error) {
	for i := range entries {
		if entries[i].Group.ID != e.Group.ID {
			continue
		}
		for _, v := range e.Limits {
			var err error
			if entries[i].Limits, err = addValue(entries[i].Limits, v); err != nil {
				return nil, fmt.Errorf("group %s: %w", clip(e.Group.ID, 100), err)
			}
		}
		return entries, nil
	}
	return append(entries, e), nil
}

func addValue(all []usage.Value, v usage.Value) ([]usage.Value, error) {
	for _, known := range all {
		if known.Limiter != v.Limiter {
			continue
		}
		if known.Value != v.Value {
			return nil, fmt.Errorf("%s is stated twice, as %d and as %d", clip(string(v.Limiter), 100), known.Value, v.Value)
		}
		return all, nil
	}
	return append(all, v), nil
}
