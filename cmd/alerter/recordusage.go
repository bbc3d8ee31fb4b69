package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"alerter/fetch"
)

const (
	day = 24 * time.Hour
	// recordLate is how long nothing may have been used at the end of a recording
	// before the report may as well be late.
	recordLate = 15 * time.Minute
)

// stretch is a part of the time that is asked for in one query.
type stretch struct {
	from, to time.Time
	cursor   string    // of the next page
	until    time.Time // what is before it has been read
}

// usage records usage up to a time, day by day, the oldest first: whenever it ends,
// the folder is the history of one span. What is begun is finished first.
func (r *recording) usage(ctx context.Context, from, to time.Time) error {
	begun, err := r.begun(r.report.folder, r.endOfUsage)
	if err != nil {
		return err
	}
	if begun.cursor != "" {
		if have := r.folder.covered.Settled; have.Before(begun.until) {
			r.unsettled = have
		}
		if err := r.readUsage(ctx, begun); err != nil {
			return err
		}
		r.unsettled = time.Time{} // read again below
	}
	start := from
	if have := r.folder.covered; have.Pages > 0 {
		start = have.settled()
		if !have.To.Before(to) && !r.settledBy(r.now()).After(start) {
			return nil // it would be read as unsettled as it is
		}
	}
	for s := start; s.Before(to); {
		end := earlier(s.Truncate(day).Add(day), to)
		if err := r.readUsage(ctx, stretch{from: s, to: end, until: s}); err != nil {
			return err
		}
		s = end
	}
	return r.doubtEnd(start)
}

// begun is the query that a folder's last page is of, if it has more pages.
func (r *recording) begun(folder string, read func(io.Reader) (fetch.RawPage, error)) (stretch, error) {
	pages, err := r.folder.pages(folder)
	if err != nil || len(pages) == 0 {
		return stretch{}, err
	}
	last := pages[len(pages)-1]
	file, err := os.Open(r.folder.path(last.name()))
	if err != nil {
		return stretch{}, err
	}
	defer file.Close()
	page, err := read(file)
	if err != nil {
		return stretch{}, fmt.Errorf("read %s: %w", file.Name(), err)
	}
	return stretch{from: last.from, to: last.to, cursor: page.Next, until: later(last.from, page.Until)}, nil
}

func (r *recording) endOfUsage(file io.Reader) (fetch.RawPage, error) {
	return fetch.ReadRawUsage(file, r.report.source)
}

// readUsage reads the pages of a stretch.
func (r *recording) readUsage(ctx context.Context, s stretch) error {
	return r.readPages(ctx, s, r.client.RawUsage, func(s *stretch, page fetch.RawPage) error {
		s.until = later(s.until, page.Until)
		if page.Next == "" {
			s.until = s.to
		}
		r.newest = later(r.newest, page.Newest)
		if settled := r.settledBy(page.ReadAt); r.unsettled.IsZero() && settled.Before(s.until) {
			r.unsettled = later(settled, s.from)
		}
		return r.count(*s, page)
	})
}

// count keeps a page of usage: from then on it counts.
func (r *recording) count(s stretch, page fetch.RawPage) error {
	have := r.folder.covered
	have.Pages++
	if err := r.folder.write(pageFile{r.report.folder, have.Pages, s.from, s.to}.name(), page.Body); err != nil {
		return err
	}
	if have.From.IsZero() {
		have.From = s.from
	}
	have.To, have.Settled = later(have.To, s.until), s.until
	if !r.unsettled.IsZero() {
		have.Settled = earlier(have.Settled, r.unsettled)
	}
	if !have.Settled.Before(have.To) {
		have.Settled = time.Time{}
	}
	r.show.page(s.until, later(r.to, s.to), have.Pages)
	return r.folder.cover(have)
}

// settledBy is the end of the minutes that have settled at a time.
func (r *recording) settledBy(at time.Time) time.Time {
	return at.Add(-r.organization.Settle).Truncate(time.Minute)
}

// doubtEnd has the end of what was read since a time read again next time where
// nothing was used in it: the report may be late.
func (r *recording) doubtEnd(start time.Time) error {
	have := r.folder.covered
	used := start
	if !r.newest.IsZero() {
		used = later(start, r.newest.Add(time.Minute))
	}
	if r.read == 0 || have.To.Sub(used) <= recordLate || r.now().Sub(have.To) >= day {
		return nil
	}
	have.Settled = earlier(have.settled(), used)
	r.show.note(fmt.Sprintf("%s shows nothing used from %s on; should it be late, record into this folder again later", r.report.title, when(&used)))
	return r.folder.cover(have)
}

// readPages asks for the pages of a stretch, at the pace of all pages, and has each
// kept. A cursor from before may have expired: then what is missing is asked anew.
func (r *recording) readPages(ctx context.Context, s stretch,
	ask func(context.Context, fetch.RawQuery) (fetch.RawPage, error), keep func(*stretch, fetch.RawPage) error,
) error {
	met := map[string]bool{}
	for old := s.cursor != ""; ; old = false {
		page, err := patiently(ctx, r, func(ctx context.Context) (fetch.RawPage, error) {
			if err := r.pace.Wait(ctx); err != nil {
				return fetch.RawPage{}, err
			}
			return ask(ctx, fetch.RawQuery{Source: r.report.source, From: s.from, To: s.to, Cursor: s.cursor})
		})
		if refused, ok := errors.AsType[*fetch.StatusError](err); old && ok && refused.Code == 400 {
			s = stretch{from: s.until, to: s.to, until: s.until}
			continue
		}
		if err != nil {
			return err
		}
		r.read++
		if err := keep(&s, page); err != nil {
			return err
		}
		if page.Next == "" {
			return nil
		}
		if met[page.Next] {
			return errors.New("the answers repeat a cursor: the pages would never end")
		}
		met[page.Next], s.cursor = true, page.Next
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
