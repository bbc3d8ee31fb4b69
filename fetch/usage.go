package fetch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"alerter/usage"
)

const (
	// maxSpan is the longest span of one query with minutes.
	// https://platform.claude.com/docs/en/api/beta/organization/analytics/usage/list
	maxSpan  = 24 * time.Hour
	maxPages = 1000
)

// Query is usage's, so that those who only use a client speak of it without
// knowing this package.
type Query = usage.Query

// Answer is usage's too.
type Answer = usage.Answer

// Usage reads what was used in each minute of the query. It returns everything or
// an error: a page that cannot be read takes the pages before it along.
func (c *Client) Usage(ctx context.Context, q Query) (Answer, error) {
	if err := c.ready(); err != nil {
		return Answer{}, err
	}
	if err := checkQuery(q); err != nil {
		return Answer{}, fmt.Errorf("fetch usage%s: %w", c.of(), err)
	}
	q.From, q.To = q.From.UTC(), q.To.UTC()
	ctx, cancel := bounded(ctx, usageTimeout)
	defer cancel()
	a, err := c.readUsage(ctx, q)
	if err != nil {
		return Answer{}, fmt.Errorf("fetch usage%s: %w", c.of(), err)
	}
	return a, nil
}

// checkQuery refuses a query that the API would refuse, or misread.
func checkQuery(q Query) error {
	minute := func(t time.Time) bool { return t.Equal(t.Truncate(time.Minute)) }
	switch {
	case !slices.Contains([]usage.SourceKind{usage.SourceAnalytics, usage.SourceReport, usage.SourceKeys}, q.Source):
		return fmt.Errorf("there is no source %q", q.Source)
	case q.From.IsZero() || q.To.IsZero():
		return errors.New("the time to ask for is not given")
	case !minute(q.From) || !minute(q.To):
		return errors.New("the time to ask for must begin and end with a whole minute")
	case !q.To.After(q.From):
		return errors.New("the time to ask for is empty")
	case q.To.Sub(q.From) > maxSpan:
		return fmt.Errorf("%s at once is more than the 24 hours the API takes", q.To.Sub(q.From))
	}
	return nil
}

// readUsage picks the report.
func (c *Client) readUsage(ctx context.Context, q Query) (Answer, error) {
	switch q.Source {
	case usage.SourceReport:
		return c.readReport(ctx, q)
	case usage.SourceKeys:
		return c.readKeys(ctx, q)
	}
	return c.pages(ctx, q, c.analytics(q, analyticsDimensions))
}

// report is how one of the two reports is paged through.
type report struct {
	// ask is the request of the page at cursor, which is empty for the first.
	ask func(cursor string) request
	// row reads one element of a page's data into the tally.
	row func(b *body, t *tally, page int) rowReader
	// notes are said of every answer.
	notes []string
}

// pages reads all pages of a report. With an error, only Pages of the answer counts.
func (c *Client) pages(ctx context.Context, q Query, r report) (Answer, error) {
	a := Answer{ReadAt: c.Now().UTC()}
	t := newTally(q.From, q.To)
	follow := cursors{max: maxPages}
	for cursor := ""; ; {
		if q.BeforePage != nil {
			if err := q.BeforePage(); err != nil {
				return a, fmt.Errorf("wait before page %d: %w", a.Pages+1, err)
			}
		}
		p, err := c.usagePage(ctx, r, cursor, t, a.Pages+1)
		if err != nil {
			return a, fmt.Errorf("page %d: %w", a.Pages+1, err)
		}
		a.Pages++
		if p.refreshed != nil && p.refreshed.After(a.RefreshedAt) {
			a.RefreshedAt = p.refreshed.UTC()
		}
		if cursor, err = follow.after(p, p.next, "next_page"); err != nil {
			return a, fmt.Errorf("page %d: %w", a.Pages, err)
		}
		if cursor == "" {
			break
		}
	}
	a.Newest = t.newestStart()
	a.Minutes = t.split(q.Source, a.ReadAt)
	a.SkippedRows, a.Notes = t.skipped, slices.Concat(r.notes, t.notes())
	return a, nil
}

// usagePage reads one page into the tally, or leaves the tally as it was.
func (c *Client) usagePage(ctx context.Context, r report, cursor string, t *tally, n int) (page, error) {
	var p page
	before := t.mark()
	err := c.ask(ctx, r.ask(cursor), func(b *body) (err error) {
		t.rollBack(before)
		p, err = readPage(b, r.row(b, t, n))
		return err
	})
	if err != nil {
		t.rollBack(before)
	}
	return p, err
}
