package worker

import (
	"context"
	"fmt"
	"slices"
	"time"

	"alerter/evaluate"
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
// report refuses; the next run goes on from there. Where tokens come from the report
// without request counts, those follow from the other one.
func (w *Worker) Backfill(ctx context.Context, a *account, at time.Time) error {
	kind := a.chosen().Kind
	if a.stranger() || kind == "" {
		return nil // the first tick has not been made yet
	}
	if a.resting(usageJob, at) {
		return errResting
	}
	p := past{w: w, a: a, org: a.organization(), conf: a.settings(), kind: kind, at: at}
	gaps, err := p.gaps(ctx, at.Truncate(time.Minute).Add(-overlap)) // what is newer the ticks read
	if err != nil {
		return err
	}
	if len(gaps) > 0 {
		err = p.fillTokens(ctx, gaps)
	} else {
		err = p.lookAgain(ctx)
	}
	if err != nil {
		a.note(usageJob, at, err)
		return fmt.Errorf("fill in the past: %w", err)
	}
	return p.fillRequests(ctx)
}

// past is one run of the back-fill.
type past struct {
	w    *Worker
	a    *account
	org  usage.Organization
	conf Organization
	kind usage.SourceKind
	at   time.Time
}

// gaps are the spans to read before to, newest first.
func (p *past) gaps(ctx context.Context, to time.Time) (gaps []store.Span, err error) {
	from := p.at.Truncate(time.Minute).Add(-overlap - p.conf.Backfill)
	if !from.Before(to) {
		return nil, nil
	}
	err = p.w.view(ctx, func(tx *store.Tx) error {
		gaps, err = tx.Gaps(p.org.ID, p.kind, from, to, p.conf.Settle)
		return err
	})
	return gaps, err
}

// fillTokens reads the gaps of the report that tokens come from.
func (p *past) fillTokens(ctx context.Context, gaps []store.Span) error {
	f := filling{begins: "filling the past in", left: "past left to fill in", ends: "the past is filled in"}
	if p.w.OnBackfill != nil {
		f.came = func(done, all time.Duration) { p.w.OnBackfill(p.a.label(), done, all) }
	}
	return p.fillAll(ctx, gaps, f)
}

// filling is what is said of gaps while they are read.
type filling struct {
	begins, left, ends string                        // in the log
	came               func(done, all time.Duration) // hears of each chunk; nil: nobody does
}

// fillAll reads the gaps, chunk by chunk.
func (p *past) fillAll(ctx context.Context, gaps []store.Span, say filling) error {
	all, done := total(gaps), time.Duration(0)
	p.w.Log.Info().Str("organization", p.a.label()).Str("span", evaluate.Duration(all).String()).Msg(say.begins)
	for _, gap := range chunks(gaps) {
		minutes, err := p.read(ctx, gap)
		if err == nil {
			err = p.fill(ctx, gap, minutes)
		}
		if err != nil {
			return err
		}
		done += gap.To.Sub(gap.From)
		p.w.Log.Debug().Str("organization", p.a.label()).Str("span", evaluate.Duration(all-done).String()).Msg(say.left)
		if say.came != nil {
			say.came(done, all)
		}
	}
	p.w.Log.Info().Str("organization", p.a.label()).Str("span", evaluate.Duration(all).String()).Msg(say.ends)
	return nil
}

// read asks for one chunk. Each page waits for its turn, and so the deadline is
// of the time since the last one.
func (p *past) read(ctx context.Context, gap store.Span) ([]usage.Minute, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	late := time.AfterFunc(p.w.CallTimeout, cancel)
	answer, err := p.conf.Source.Usage(ctx, usage.Query{
		Source: p.kind, From: gap.From, To: gap.To,
		DefaultWorkspaceID: p.a.defaultWorkspace(),
		BeforePage: func() error {
			late.Stop()
			defer late.Reset(p.w.CallTimeout)
			return p.a.pages.Wait(ctx)
		},
	})
	if inTime := late.Stop(); !inTime {
		return nil, fmt.Errorf("wait for a page longer than %s: %w", p.w.CallTimeout, context.DeadlineExceeded)
	}
	return answer.Minutes, err
}

// fill stores what is still missing of a chunk. While it was on its way a tick
// may have read the same minutes later, and its answer counts. A minute that was
// read before it had settled is left to the next run.
func (p *past) fill(ctx context.Context, gap store.Span, minutes []usage.Minute) error {
	return p.w.update(ctx, func(tx *store.Tx) error {
		missing, err := tx.Gaps(p.org.ID, p.kind, gap.From, gap.To, p.conf.Settle)
		if err != nil {
			return err
		}
		return p.put(tx, slices.DeleteFunc(minutes, func(m usage.Minute) bool {
			return m.ReadAt.Before(m.Start.Add(time.Minute+p.conf.Settle)) || !within(missing, m.Start)
		}))
	})
}

func (p *past) put(tx *store.Tx, minutes []usage.Minute) error {
	at, last, err := p.w.after(tx, p.org.ID)
	if err != nil {
		return err
	}
	stamp(minutes, last, at)
	_, err = tx.PutMinutes(p.org.ID, minutes)
	return err
}

// lookAgain reads, once for each, the hours that ended a day ago: the report
// corrects itself for about that long.
func (p *past) lookAgain(ctx context.Context) error {
	newest := p.at.Truncate(time.Hour).Add(-secondLook)
	for hour := p.a.nextLook(newest); !hour.After(newest); hour = hour.Add(time.Hour) {
		minutes, err := p.read(ctx, store.Span{From: hour.Add(-time.Hour), To: hour})
		if err == nil {
			err = p.w.update(ctx, func(tx *store.Tx) error { return p.put(tx, minutes) })
		}
		if err != nil {
			return fmt.Errorf("look again at the hour a day ago: %w", err)
		}
		p.a.looked(hour)
	}
	return nil
}

// nextLook is the end of the hour to look at again next. How far an earlier
// process came is not known, but that a pause was filled in is.
func (a *account) nextLook(newest time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lookedAt.IsZero() || newest.Sub(a.lookedAt) > secondLook {
		return newest
	}
	return a.lookedAt.Add(time.Hour)
}

func (a *account) looked(hour time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lookedAt = hour
}
