package fetch

import (
	"context"
	"fmt"
	"io"
	"time"

	"alerter/usage"
)

// A raw page is held in memory: rawBuckets minutes of 500 combinations in the older
// report are 25 MB.
const (
	rawBuckets = 120
	maxRawBody = 128 << 20
)

// RawQuery asks for one page of a report, to be kept as it comes.
type RawQuery struct {
	Source usage.SourceKind // SourceAnalytics or SourceReport
	// From and To are the time asked for, whole minutes and at most 24 hours of
	// usage, whole days and at most 31 of cost; To exclusive.
	From, To time.Time
	Cursor   string // [RawPage.Next] of the page before; empty for the first
}

// RawPage is one page of a report.
type RawPage struct {
	Body   []byte    // as it came; nil from [ReadRawUsage]
	ReadAt time.Time // when it was asked for
	Next   string    // the cursor of the page behind it; empty: it is the last
	// Until is the newest minute on the page. With the pages before it, it has all
	// rows of the minutes before that one, and all that were asked for if it is the
	// last. Zero: it has none, or is of cost.
	Until time.Time
	// Newest is the newest minute in which something was used; zero: none, or of cost.
	Newest time.Time
}

// RawUsage reads one page of usage, minute by minute in the order of time.
func (c *Client) RawUsage(ctx context.Context, q RawQuery) (RawPage, error) {
	asked := Query{Source: q.Source, From: q.From.UTC(), To: q.To.UTC()}
	err := checkQuery(asked)
	if err == nil && q.Source == usage.SourceKeys {
		err = fmt.Errorf("source %q is not read raw", q.Source)
	}
	if err != nil {
		return RawPage{}, fmt.Errorf("fetch a page of usage%s: %w", c.of(), err)
	}
	return c.raw(ctx, "usage", func(ctx context.Context) (RawPage, error) {
		if q.Source == usage.SourceAnalytics {
			return c.rawUsagePage(ctx, q, c.analytics(asked, analyticsDimensions))
		}
		return eitherSpeed(c, func(speed bool) (p RawPage, begun bool, err error) {
			p, err = c.rawUsagePage(ctx, q, c.legacy(asked, speed, rawBuckets))
			return p, false, err
		})
	})
}

// raw runs one call: with checked settings, a deadline, and what was being done
// before its error.
func (c *Client) raw(ctx context.Context, what string, call func(context.Context) (RawPage, error)) (RawPage, error) {
	if err := c.ready(); err != nil {
		return RawPage{}, err
	}
	ctx, cancel := bounded(ctx, callTimeout)
	defer cancel()
	p, err := call(ctx)
	if err != nil {
		return RawPage{}, fmt.Errorf("fetch a page of %s%s: %w", what, c.of(), err)
	}
	return p, nil
}

func (c *Client) rawUsagePage(ctx context.Context, q RawQuery, r report) (RawPage, error) {
	return c.rawPage(ctx, q, r.ask(q.Cursor), func(b *body, got *RawPage) (page, error) {
		return got.rows(b, r.row)
	})
}

// rawPage asks for one page and keeps it.
func (c *Client) rawPage(ctx context.Context, q RawQuery, r request, read func(*body, *RawPage) (page, error)) (RawPage, error) {
	var p page
	got := RawPage{ReadAt: c.Now().UTC()}
	var keep keeper
	r.keep, r.maxBody = &keep, min(r.maxBody, maxRawBody)
	err := c.ask(ctx, r, func(b *body) (err error) {
		p, err = read(b, &got)
		return err
	})
	if err != nil {
		return RawPage{}, err
	}
	if got.Next, err = following(q.Cursor).after(p, p.next, "next_page"); err != nil {
		return RawPage{}, err
	}
	got.Body, err = keep.whole()
	return got, err
}

// following is a listing of which one page at a time is read; cursor is that page's.
func following(cursor string) *cursors {
	return &cursors{max: maxPages, seen: map[string]bool{cursor: true}}
}

// rows reads the rows of a page of usage to see that they can be read, and how far
// they reach.
func (p *RawPage) rows(b *body, row func(b *body, t *tally, page int) rowReader) (page, error) {
	t := newTally(savedFrom, savedTo)
	surrounding, err := readPage(b, row(b, t, 0))
	p.Until, p.Newest = t.last, t.newestStart()
	return surrounding, err
}

// ReadRawUsage reads a page that [Client.RawUsage] gave, to find out where it ends.
func ReadRawUsage(r io.Reader, source usage.SourceKind) (RawPage, error) {
	row := readAnalyticsRow
	if source == usage.SourceReport {
		row = func(b *body, t *tally, page int) rowReader { return readReportBucket(b, t, page, "") }
	}
	return readRaw(r, func(b *body, p *RawPage) (page, error) { return p.rows(b, row) })
}

// readRaw reads a page that was saved.
func readRaw(r io.Reader, read func(*body, *RawPage) (page, error)) (RawPage, error) {
	var got RawPage
	b := saved(r)
	p, err := read(b, &got)
	if err != nil {
		return RawPage{}, b.explain(err)
	}
	got.Next, err = following("").after(p, p.next, "next_page")
	return got, err
}
