package fetch

import (
	"context"

	"alerter/usage"
)

// The methods here read as the others do, and give the answer as well, byte by byte as
// it came. What cannot be read is no answer: what they give, [Saved] and the
// functions beside it can read again.

// RawOrganization is [Client.Organization] with its answer.
func (c *Client) RawOrganization(ctx context.Context) (usage.Organization, []byte, error) {
	var keep keeper
	org, err := c.organization(ctx, &keep)
	if err != nil {
		return org, nil, err
	}
	raw, err := keep.whole()
	return org, raw, err
}

// RawWorkspaces is [Client.Workspaces] with its answer, all pages in one.
func (c *Client) RawWorkspaces(ctx context.Context) ([]usage.Workspace, []byte, error) {
	var keep keeper
	all, err := c.allWorkspaces(ctx, &keep)
	if err != nil {
		return nil, nil, err
	}
	raw, err := keep.whole()
	return all, raw, err
}

// RawLimits is the answer of [Client.WorkspaceLimits] or, for an empty workspaceID, of
// [Client.OrganizationLimits], all pages in one. It is nil for a workspace that has
// no limits of its own to read.
func (c *Client) RawLimits(ctx context.Context, workspaceID string) ([]byte, error) {
	var keep keeper
	var err error
	if workspaceID == "" {
		_, err = c.organizationLimits(ctx, &keep)
	} else {
		_, err = c.oneWorkspaceLimits(ctx, workspaceID, &keep)
	}
	if err != nil {
		return nil, err
	}
	return keep.whole()
}
