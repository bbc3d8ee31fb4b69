package worker

import (
	"context"
	"time"

	"github.com/robfig/cron/v3"

	"alerter/usage"
)

const (
	// overlap is how much of the newest past each poll reads again, so that
	// late and corrected rows land.
	overlap = 20 * time.Minute
	// wideOverlap is read again every tenth minute, for those that land later.
	wideOverlap = time.Hour
	wideEvery   = 10 * time.Minute
	// catchUp is the most a poll reads at once after a pause; the back-fill
	// reads what is older.
	catchUp = 2 * time.Hour
	// requestsEvery is how often request counts are asked for where tokens come
	// from the report that has none.
	requestsEvery = 5 * time.Minute
)

// read asks the reports for the newest minutes. What could be read is returned
// beside the error for what could not.
func (w *Worker) read(ctx context.Context, a *account, at time.Time) ([]usage.Answer, error) {
	if a.resting("usage", at) {
		return nil, nil
	}
	choice, err := w.choose(ctx, a, at)
	if choice == "" {
		a.note("usage", at, err)
		return nil, err
	}
	answer, err := a.Source.Usage(ctx, usage.Query{
		Source: choice, From: a.pollFrom(at), To: at.Truncate(time.Minute),
		DefaultWorkspaceID: a.defaultWorkspace(),
	})
	a.note("usage", at, err)
	if err != nil {
		if choice == usage.SourceAnalytics && isRefused(err) {
			a.forgetChoice() // the next tick probes both and falls back
		}
		return nil, err
	}
	answers := []usage.Answer{answer}
	more, err := w.readRequests(ctx, a, at, choice)
	return append(answers, more...), err
}

// pollFrom is the first minute a poll reads.
func (a *account) pollFrom(at time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	span := overlap
	if at.Sub(a.wideAt) >= wideEvery {
		span = wideOverlap
		a.wideAt = at
	}
	if pause := at.Sub(a.lastGood) + overlap; pause > span {
		span = min(pause, catchUp)
	}
	return at.Add(-span).Truncate(time.Minute)
}

// readRequests fills request counts in where tokens come from the report
// without them and the other one is open, only late.
func (w *Worker) readRequests(ctx context.Context, a *account, at time.Time, choice usage.SourceKind) ([]usage.Answer, error) {
	newest, due := a.requestsDue(at)
	if choice != usage.SourceReport || a.Mode != "auto" || !due {
		return nil, nil
	}
	from := newest.Add(-overlap)
	if oldest := at.Add(-24*time.Hour + time.Minute); from.Before(oldest) {
		from = oldest
	}
	answer, err := a.Source.Usage(ctx, usage.Query{
		Source: usage.SourceAnalytics, From: from.Truncate(time.Minute), To: at.Truncate(time.Minute),
		DefaultWorkspaceID: a.defaultWorkspace(),
	})
	a.note("requests", at, err)
	if err != nil {
		return nil, err
	}
	return []usage.Answer{answer}, nil
}

// requestsDue says how far the request counts reach and whether to ask for more.
func (a *account) requestsDue(at time.Time) (newest time.Time, due bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.probes {
		if p.Kind == usage.SourceAnalytics && p.Refused == "" && p.Err == "" {
			newest = p.Newest
		}
	}
	if newest.IsZero() || at.Sub(a.requestsAt) < requestsEvery || at.Before(a.rest["requests"]) {
		return newest, false
	}
	a.requestsAt = at
	return newest, true
}

func (a *account) forgetChoice() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.probedAt = time.Time{}
}

// deadline bounds a job's calls by the job's period: a call that waits longer
// would only be in the way of its successor.
func (w *Worker) deadline(ctx context.Context, s cron.Schedule) (context.Context, context.CancelFunc) {
	at := w.Now()
	first := s.Next(at)
	period := s.Next(first).Sub(first)
	if period <= 0 || period > w.CallTimeout {
		period = w.CallTimeout
	}
	return context.WithTimeout(ctx, max(period, minCallTime))
}

// minCallTime is what a job's calls are given at least, however often it runs.
const minCallTime = 5 * time.Second
