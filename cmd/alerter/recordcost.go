package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"alerter/fetch"
)

const (
	costFolder = "cost"
	// recordCostSpan is the longest span of one query by the day.
	recordCostSpan = 30 * day
)

// cost records what was paid for, day by day, over the days that are covered. The
// last day may not have ended, so the next recording reads it again. It is no part
// of a backtest: where it is refused, there is none.
func (r *recording) cost(ctx context.Context) error {
	to := r.folder.covered.To
	s, err := r.begun(costFolder, fetch.ReadRawCost)
	if err != nil {
		return err
	}
	if s.cursor == "" && s.to.IsZero() {
		s.to = r.folder.covered.From // nothing is there yet
	}
	for {
		if s.cursor == "" {
			s = stretch{from: s.to, to: earlier(s.to.Truncate(day).Add(recordCostSpan), to)}
		}
		if !s.from.Before(to) {
			return nil
		}
		err := r.readCost(ctx, s)
		if refused, ok := errors.AsType[*fetch.StatusError](err); ok && (refused.Code == 400 || refused.Code == 403 || refused.Code == 404) {
			r.show.note(fmt.Sprintf("cost is left out: %v", err))
			return nil
		}
		if err != nil {
			return err
		}
		s.cursor = ""
	}
}

// readCost reads the pages of a stretch, as whole days.
func (r *recording) readCost(ctx context.Context, s stretch) error {
	pages, err := r.folder.pages(costFolder)
	if err != nil {
		return err
	}
	number := len(pages)
	s.until = s.from // a page says nothing of how far it goes
	ask := func(ctx context.Context, q fetch.RawQuery) (fetch.RawPage, error) {
		q.From, q.To = q.From.Truncate(day), q.To.Add(day-time.Nanosecond).Truncate(day)
		return r.client.RawCost(ctx, q)
	}
	return r.readPages(ctx, s, ask, func(s *stretch, page fetch.RawPage) error {
		number++
		return r.folder.write(pageFile{costFolder, number, s.from, s.to}.name(), page.Body)
	})
}
