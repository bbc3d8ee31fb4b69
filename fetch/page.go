package fetch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// page is what surrounds the rows of every list of the API. The reports have
// has_more and next_page, rate limits only next_page, names has_more and last_id.
type page struct {
	more      *bool
	next      *string
	last      *string
	refreshed *time.Time // data_refreshed_at of analytics/usage
	rows      int
}

// pageFields are the fields that are read; any other is stepped over.
var pageFields = []string{"data", "has_more", "next_page", "last_id", "data_refreshed_at"}

// readPage reads a whole answer and calls row for each element of data, which must
// read it. Fields may come in any order, and unknown ones are stepped over. When it
// returns nil, the JSON was complete and nothing followed it.
func readPage(b *body, row func(d *json.Decoder) error) (page, error) {
	var p page
	d, err := b.json()
	if err != nil {
		return p, err
	}
	var seen []string // of the fields that are read
	err = eachField(d, func(name string) error {
		b.next()
		if slices.Contains(seen, name) {
			return fmt.Errorf("it has two fields %q", name)
		}
		if slices.Contains(pageFields, name) {
			seen = append(seen, name)
		}
		err := p.field(b, d, name, row)
		if err != nil && name != "data" {
			return fmt.Errorf("%s: %w", clip(name, 40), err)
		}
		return err
	})
	if err != nil {
		return p, err
	}
	if !slices.Contains(seen, "data") {
		return p, errors.New("it has no field data")
	}
	b.next()
	switch _, err := d.Token(); {
	case err == nil:
		return p, errTrailing
	case err != io.EOF:
		return p, fmt.Errorf("%w: %w", errTrailing, err)
	}
	return p, nil
}

// field reads one field of the answer.
func (p *page) field(b *body, d *json.Decoder, name string, row func(d *json.Decoder) error) error {
	switch name {
	case "data":
		return eachElement(d, func(i int) error {
			b.next()
			p.rows++
			if err := row(d); err != nil {
				return fmt.Errorf("data[%d]: %w", i, err)
			}
			return nil
		})
	case "has_more":
		return into(d, &p.more)
	case "next_page":
		return into(d, &p.next)
	case "last_id":
		return into(d, &p.last)
	case "data_refreshed_at":
		return into(d, &p.refreshed)
	}
	return skip(d, b.next)
}

// cursors follows one kind of cursor through a listing and notices when it does
// not get on.
type cursors struct {
	seen map[string]bool
	max  int // pages at most
}

// after is the cursor of the page behind p, or empty when p is the last. cursor is
// the field of p that holds it.
func (c *cursors) after(p page, cursor *string, name string) (string, error) {
	at := ""
	if cursor != nil {
		at = *cursor
	}
	switch {
	case p.more != nil && !*p.more:
		return "", nil
	case at == "" && p.more != nil:
		return "", fmt.Errorf("the answer says there is more but has no %s", name)
	case at == "":
		return "", nil
	case c.seen[at]:
		return "", errors.New("the answer repeats a cursor: the pages would never end")
	case len(c.seen)+2 > c.max:
		return "", fmt.Errorf("there are more than %d pages", c.max)
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	c.seen[at] = true
	return at, nil
}
