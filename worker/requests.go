package worker

import (
	"context"
	"errors"
	"time"

	"alerter/usage"
)

const (
	// requestsEvery is how often request counts are asked for where tokens come
	// from the report that has none, and how long they are left alone when that failed.
	requestsEvery = 5 * time.Minute
	// requestsPatience is how long what needs requests waits for those that have not
	// come yet, from when some came last.
	requestsPatience = 24 * time.Hour
	// longestQuery is the most minutes that one question may ask for.
	longestQuery = 24 * time.Hour
)

// readRequests fills request counts in where tokens come from the report
// without them and the other one is open, only late. What cannot be read is
// asked for again: the cycle is good without it.
func (w *Worker) readRequests(ctx context.Context, a *account, at time.Time) []usage.Minute {
	newest, due := a.requestsDue(at)
	if !due {
		return nil
	}
	from := newest.Add(-overlap)
	if oldest := at.Add(-longestQuery + time.Minute); from.Before(oldest) {
		from = oldest
	}
	asking, cancel := context.WithTimeout(ctx, w.CallTimeout/5)
	defer cancel()
	answer, err := a.settings().Source.Usage(asking, usage.Query{
		Source: usage.SourceAnalytics, From: from.Truncate(time.Minute), To: at.Truncate(time.Minute),
		DefaultWorkspaceID: a.defaultWorkspace(),
	})
	a.note(requestsJob, at, err)
	if err != nil {
		w.tellNoRequests(ctx, a, err)
		return nil
	}
	a.requestsReach(answer.Newest, at)
	return answer.Minutes
}

// requestsDue says how far the request counts reach and whether to ask for more.
func (a *account) requestsDue(at time.Time) (newest time.Time, due bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	newest = a.requestsShown()
	if newest.IsZero() || at.Sub(a.requestsAt).Abs() < requestsEvery || a.rests(requestsJob, at) {
		return newest, false
	}
	a.requestsAt = at
	return newest, true
}

// requestsShown is the newest minute that the other report shows requests of, where
// tokens come from the one without them; zero: they cannot be read. For those who
// hold the lock.
func (a *account) requestsShown() time.Time {
	if a.choice.Kind != usage.SourceReport || !a.conf.auto() {
		return time.Time{}
	}
	for _, p := range a.probes {
		if p.Kind == usage.SourceAnalytics && p.Refused == "" && p.Err == "" {
			return p.Newest
		}
	}
	return time.Time{}
}

// requestsReach notes how far the request counts reach now, so that the next
// question need not ask for what is there.
func (a *account) requestsReach(newest, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.probes {
		if p := &a.probes[i]; p.Kind == usage.SourceAnalytics && newest.After(p.Newest) {
			p.Newest, a.requestsNew = newest, at
		}
	}
}

// fillRequests fills in the request counts of the past where tokens come from the
// report without them. As with those of the newest minutes, what cannot be read is
// asked for again and fails nothing: it stays unknown.
func (p *past) fillRequests(ctx context.Context) error {
	shown, open := p.a.requestsOpen(p.at)
	if !open {
		return nil
	}
	other := *p
	other.kind = usage.SourceAnalytics
	if now := p.at.Truncate(time.Minute); shown.After(now) {
		shown = now
	}
	gaps, err := other.gaps(ctx, shown.Add(-overlap)) // what is newer the ticks read
	if err != nil || len(gaps) == 0 {
		return err
	}
	err = other.fillAll(ctx, gaps, filling{
		begins: "filling the past's request counts in", left: "request counts left to fill in", ends: "the past's request counts are filled in",
		came: func(_, _ time.Duration) { p.a.requestsCame(p.w.moment()) },
	})
	if err != nil {
		p.a.leaveRequests(p.w.moment(), err)
		p.w.tellNoRequests(ctx, p.a, err)
	}
	return nil
}

// tellNoRequests logs that request counts were not read, unless that is because the
// service is stopping.
func (w *Worker) tellNoRequests(ctx context.Context, a *account, err error) {
	if !errors.Is(ctx.Err(), context.Canceled) {
		w.Log.Warn().Err(err).Str("organization", a.label()).Msg("request counts not read, will be asked for again")
	}
}

// requestsOpen is the newest minute that shows requests, and whether those of the
// past may be asked for beside the tokens.
func (a *account) requestsOpen(at time.Time) (newest time.Time, open bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	newest = a.requestsShown()
	return newest, !newest.IsZero() && !a.rests(requestsJob, at)
}

// requestsCame notes that request counts came that were not known before.
func (a *account) requestsCame(at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requestsNew = at
}

// leaveRequests leaves the report that counts requests alone for a while.
func (a *account) leaveRequests(at time.Time, err error) {
	a.note(requestsJob, at, err)
	a.mu.Lock()
	defer a.mu.Unlock()
	if until := at.Add(requestsEvery); a.rest[requestsJob].Before(until) {
		a.rest[requestsJob] = until
	}
}

// awaitsRequests reports whether request counts that are missing may still come: they
// can be read, and some came not long ago.
func (a *account) awaitsRequests(at time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	last := a.requestsNew
	if last.IsZero() {
		last = a.since
	}
	return !a.requestsShown().IsZero() && at.Sub(last) < requestsPatience
}
