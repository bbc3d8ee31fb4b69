package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// list runs one call of the small lists: with checked settings, a deadline, and
// what was being done before its error.
func (c *Client) list(ctx context.Context, endpoint string, call func(context.Context) error) error {
	if err := c.ready(); err != nil {
		return err
	}
	ctx, cancel := bounded(ctx, callTimeout)
	defer cancel()
	if err := call(ctx); err != nil {
		return fmt.Errorf("fetch %s%s: %w", endpoint, c.of(), err)
	}
	return nil
}

// listed reads all pages of a list that goes on after the last id of a page. Pages
// are separate queries, so an element may come twice; it counts once.
func listed[T any](ctx context.Context, c *Client, ask func(after string) request,
	read func(*json.Decoder) (id string, element T, err error),
) ([]T, error) {
	all := []T{}
	known := map[string]bool{}
	follow := cursors{max: listPages}
	for after := ""; ; {
		var p page
		var elements []T
		var ids []string
		err := c.ask(ctx, ask(after), func(b *body) (err error) {
			elements, ids = nil, nil
			p, err = readPage(b, func(d *json.Decoder) error {
				id, element, err := read(d)
				elements, ids = append(elements, element), append(ids, id)
				return err
			})
			if err == nil && p.more == nil {
				err = errors.New("it has no field has_more")
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		for i, id := range ids {
			if !known[id] {
				known[id] = true
				all = append(all, elements[i])
			}
		}
		if after, err = follow.after(p, p.last, "last_id"); err != nil {
			return nil, err
		}
		if after == "" {
			return all, nil
		}
	}
}

// readObject reads an answer that is one small object.
func readObject(b *body, v any) error {
	d, err := b.json()
	if err != nil {
		return err
	}
	if err := into(d, v); err != nil {
		return err
	}
	b.next()
	if _, err := d.Token(); err != io.EOF {
		return errTrailing
	}
	return nil
}
