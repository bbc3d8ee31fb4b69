package worker

import (
	"context"
	"fmt"
	"time"

	"alerter/store"
	"alerter/usage"
)

const (
	// fillChunk is how much past one query reads: small enough to be stored at
	// once and to be repeated cheaply when it fails.
	fillChunk = time.Hour
	// secondLook is how long after an hour it is read once more, for rows that
	// came later than the trailing re-reads.
	secondLook = 24 * time.Hour
)

// Backfill reads the minutes that were never read, or only before they had
// settled, newest first, paced. It goes on until the past is filled in or the
// report refuses; the next run goes on from there.
func (w *Worker) Backfill(ctx context.Context, a *account, at time.Time) error {
	org := a.organization()
	kind := a.chosen().Kind
	if org.ID == "" || kind == "" || a.resting("usage", at) {
		return nil
	}
	gaps, err := w.gaps(ctx, a, org, kind, at)
	if err != nil {
		return err
	}
	if len(gaps) == 0 {
		return w.lookAgain(ctx, a, org, kind, at)
	}
	all := total(gaps)
	w.Log.Info().Str("organization", a.label()).Str("span", all.String()).Msg("filling the past in")
	done := time.Duration(0)
	for _, gap := range chunks(gaps) {
		if err := w.fill(ctx, a, org, kind, gap); err != nil {
			a.note("usage", at, err)
			return fmt.Errorf("fill in the past: %w", err)
		}
		done += gap.To.Sub(gap.From)
		w.progress(a, done, all)
	}
	w.Log.Info().Str("organization", a.label()).Str("span", all.String()).Msg("the past is filled in")
	return nil
}

// gaps are the spans to read, newest first. What the tick reads anyway is left to it.
func (w *Worker) gaps(ctx context.Context, a *account, org usage.Organization, kind usage.SourceKind, at time.Time) (gaps []store.Span, err error) {
	to := at.Truncate(time.Minute).Add(-overlap)
	from := to.Add(-a.Backfill)
	err = w.Store.View(ctx, func(tx *store.Tx) error {
		gaps, err = tx.Gaps(org.ID, kind, from, to, a.Settle)
		return err
	})
	return gaps, err
}

// fill reads one chunk and stores it.
func (w *Worker) fill(ctx context.Context, a *account, org usage.Organization, kind usage.SourceKind, gap store.Span) error {
	ctx, cancel := context.WithTimeout(ctx, 10*w.CallTimeout) // a chunk of many pages waits for its turn at each
	defer cancel()
	answer, err := a.Source.Usage(ctx, usage.Query{
		Source: kind, From: gap.From, To: gap.To,
		DefaultWorkspaceID: a.defaultWorkspace(), BeforePage: func() error { return w.pages.Wait(ctx) },
	})
	if err != nil {
		return err
	}
	return w.Store.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.PutMinutes(org.ID, answer.Minutes)
		return err
	})
}

// lookAgain reads, once an hour, the hour that ended a day ago: the report
// corrects itself for about that long.
func (w *Worker) lookAgain(ctx context.Context, a *account, org usage.Organization, kind usage.SourceKind, at time.Time) error {
	hour := at.Truncate(time.Hour).Add(-secondLook)
	a.mu.Lock()
	due := a.lookedAt.Before(hour)
	a.mu.Unlock()
	if !due {
		return nil
	}
	if err := w.fill(ctx, a, org, kind, store.Span{From: hour.Add(-time.Hour), To: hour}); err != nil {
		a.note("usage", at, err)
		return fmt.Errorf("look again at the hour a day ago: %w", err)
	}
	a.mu.Lock()
	a.lookedAt = hour
	a.mu.Unlock()
	return nil
}

func (w *Worker) progress(a *account, done, all time.Duration) {
	w.Log.Debug().Str("organization", a.label()).Str("done", done.String()).Str("span", all.String()).Msg("filling the past in")
	if w.OnBackfill != nil {
		w.OnBackfill(a.label(), done, all)
	}
}

// chunks cuts gaps into pieces of at most fillChunk, newest first.
func chunks(gaps []store.Span) []store.Span {
	var out []store.Span
	for _, g := range gaps {
		for to := g.To; to.After(g.From); {
			from := to.Add(-fillChunk)
			if from.Before(g.From) {
				from = g.From
			}
			out = append(out, store.Span{From: from, To: to})
			to = from
		}
	}
	return out
}

func total(gaps []store.Span) time.Duration {
	var d time.Duration
	for _, g := range gaps {
		d += g.To.Sub(g.From)
	}
	return d
}
