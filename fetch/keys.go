package fetch

import (
	"context"
	"errors"
	"slices"
)

const keysFromReportNote = "usage by key comes from the older report, which does not count requests"

// readKeys reads usage by API key from the newer report or, where that is refused,
// from the older one.
func (c *Client) readKeys(ctx context.Context, q Query) (Answer, error) {
	at := c.Now()
	if c.refusals.hold(keysFromBeta, at) {
		return c.keysFromReport(ctx, q)
	}
	a, err := c.pages(ctx, q, c.analytics(q, keyDimensions))
	refused, ok := errors.AsType[*StatusError](err)
	if !ok || !refused.Refused() && refused.Code != 400 {
		return a, err
	}
	a, again := c.keysFromReport(ctx, q)
	if again != nil {
		return a, errors.Join(again, err)
	}
	c.refusals.add(keysFromBeta, at)
	a.Notes = append(a.Notes, "the newer report was refused: "+refused.Error())
	return a, nil
}

func (c *Client) keysFromReport(ctx context.Context, q Query) (Answer, error) {
	a, err := c.readReport(ctx, q)
	a.Notes = slices.Insert(a.Notes, 0, keysFromReportNote)
	return a, err
}
