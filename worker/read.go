package worker

import (
	"context"
	"errors"
	"fmt"
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
)

// reading is what a tick has read.
type reading struct {
	minutes []usage.Minute
	wide    bool // the trailing hour is among them
}

// read asks the reports for the newest minutes.
func (w *Worker) read(ctx context.Context, a *account, at time.Time) (reading, error) {
	if a.resting(usageJob, at) {
		return reading{}, errResting
	}
	r, err := w.readNewest(ctx, a, at)
	a.note(usageJob, at, err)
	if err != nil {
		return reading{}, err
	}
	r.minutes = append(r.minutes, w.readRequests(ctx, a, at)...)
	return r, nil
}

// readNewest reads the newest minutes from the report of choice. If that is the
// beta report and it is refused, the other one is read at once.
func (w *Worker) readNewest(ctx context.Context, a *account, at time.Time) (reading, error) {
	if a.stranger() {
		// Another organization's usage must not be stored under the name of the
		// one that the configuration had when the service ran last.
		org, err := a.settings().Source.Organization(ctx)
		if err != nil {
			return reading{}, fmt.Errorf("ask whom the key belongs to: %w", err)
		}
		a.meet(org, false)
	}
	kind, err := w.choose(ctx, a, at)
	if kind == "" {
		return reading{}, err
	}
	r, err := a.poll(ctx, at, kind)
	if kind != usage.SourceAnalytics || !isRefused(err) || !a.settings().auto() {
		return r, err
	}
	a.doubt()
	other, chooseErr := w.choose(ctx, a, at)
	if other == kind || other == "" {
		return r, errors.Join(err, chooseErr)
	}
	return a.poll(ctx, at, other)
}

// poll reads the newest minutes from one report.
func (a *account) poll(ctx context.Context, at time.Time, kind usage.SourceKind) (reading, error) {
	from, wide := a.pollFrom(at)
	answer, err := a.settings().Source.Usage(ctx, usage.Query{
		Source: kind, From: from, To: at.Truncate(time.Minute),
		DefaultWorkspaceID: a.defaultWorkspace(),
	})
	if err != nil {
		return reading{}, err
	}
	return reading{minutes: answer.Minutes, wide: wide}, nil
}

// pollFrom is the first minute a poll reads, and whether that takes the whole
// trailing hour in.
func (a *account) pollFrom(at time.Time) (from time.Time, wide bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	span := overlap
	if !a.lastGood.IsZero() {
		span = max(span, min(at.Sub(a.lastGood)+overlap, catchUp))
	}
	if at.Sub(a.wideAt).Abs() >= wideEvery {
		span, wide = max(span, wideOverlap), true
	}
	return at.Add(-span).Truncate(time.Minute), wide
}

// period is how long the schedule waits between two runs; at least a second.
func period(s cron.Schedule, at time.Time) time.Duration {
	first := s.Next(at)
	return max(s.Next(first).Sub(first), time.Second)
}

// minCallTime is what a job's calls are given at least, however often it runs.
const minCallTime = 5 * time.Second

// bounded bounds a job's calls by atMost and by five sixths of the job's period: a
// call that waits longer would only be in the way of the next run.
func (w *Worker) bounded(ctx context.Context, s cron.Schedule, atMost time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, max(min(period(s, w.Now())*5/6, atMost), minCallTime))
}
