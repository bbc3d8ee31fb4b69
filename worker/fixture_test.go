package worker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"alerter/usage"
)

// fixture is a Source without a network: one model with one limit, and errors
// and delays where a test wants them.
type fixture struct {
	id     string
	now    func() time.Time
	used   func(minute time.Time) int64
	late   map[usage.SourceKind]time.Duration // how long after its end a minute shows
	limits map[string]int64                   // workspace id -> its own limit; "": the organization's
	counts bool                               // there is a limit of requests, too

	mu         sync.Mutex
	workspaces []usage.Workspace
	fail       map[string]error                       // by call, see the methods; nil: answered
	hook       func(ctx context.Context, call string) // see before
	asked      []question                             // every call
}

// question is one call of a fixture.
type question struct {
	call     string
	at       time.Time
	from, to time.Time
}

func newFixture(now func() time.Time) *fixture {
	return &fixture{
		id: "org-" + "acme", now: now, used: plateau, late: map[usage.SourceKind]time.Duration{},
		limits:     map[string]int64{"": testLimit},
		workspaces: []usage.Workspace{{ID: defaultID, Name: "Default", Default: true}, {ID: prodID, Name: "prod"}},
		fail:       map[string]error{},
	}
}

// ask notes a call and says whether it is to fail.
func (f *fixture) ask(ctx context.Context, q question) error {
	f.mu.Lock()
	hook := f.hook
	f.mu.Unlock()
	if hook != nil {
		hook(ctx, q.call)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	q.at = f.now()
	f.asked = append(f.asked, q)
	return f.fail[q.call]
}

// before has do called before each call is answered; nil: nothing happens.
func (f *fixture) before(do func(ctx context.Context, call string)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook = do
}

// breaks lets the calls fail; a nil error lets them succeed again.
func (f *fixture) breaks(err error, calls ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, call := range calls {
		f.fail[call] = err
	}
}

// calls are the questions of one kind so far.
func (f *fixture) calls(call string) (out []question) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, q := range f.asked {
		if q.call == call {
			out = append(out, q)
		}
	}
	return out
}

// forget forgets the questions so far.
func (f *fixture) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = nil
}

func (f *fixture) Organization(ctx context.Context) (usage.Organization, error) {
	return usage.Organization{ID: f.id, Name: "Acme"}, f.ask(ctx, question{call: "organization"})
}

func (f *fixture) Workspaces(ctx context.Context) ([]usage.Workspace, error) {
	err := f.ask(ctx, question{call: "workspaces"})
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.workspaces, err
}

func (f *fixture) Keys(ctx context.Context) ([]usage.Key, error) {
	return nil, f.ask(ctx, question{call: "keys"})
}

func (f *fixture) OrganizationLimits(ctx context.Context) (usage.Reading, error) {
	return f.reading(""), f.ask(ctx, question{call: "limits"})
}

func (f *fixture) WorkspaceLimits(ctx context.Context, id string) (usage.Reading, error) {
	return f.reading(id), f.ask(ctx, question{call: "limits of " + id})
}

func (f *fixture) reading(workspace string) usage.Reading {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := usage.Reading{WorkspaceID: workspace}
	if value, ok := f.limits[workspace]; ok {
		r.Entries = []usage.Entry{{
			Group:  usage.Group{ID: "rlg_opus", Type: usage.ModelGroup, Name: "Claude Opus 5.5", Models: []string{testModel}},
			Limits: []usage.Value{{Limiter: usage.OutputTokens, Value: value}},
		}}
		if f.counts {
			r.Entries[0].Limits = append(r.Entries[0].Limits, usage.Value{Limiter: usage.RequestsPerMinute, Value: 50})
		}
	}
	return r
}

// Probe is the call "probe analytics" or "probe usage_report".
func (f *fixture) Probe(ctx context.Context, kind usage.SourceKind, at time.Time) (time.Time, error) {
	return f.newest(kind, at), f.ask(ctx, question{call: "probe " + string(kind)})
}

// newest is the start of the newest minute that shows.
func (f *fixture) newest(kind usage.SourceKind, at time.Time) time.Time {
	return at.Add(-f.late[kind]).Truncate(time.Minute).Add(-time.Minute)
}

// Usage is the call "analytics", "usage_report" or "keys of usage".
func (f *fixture) Usage(ctx context.Context, q usage.Query) (usage.Answer, error) {
	if q.BeforePage != nil {
		if err := q.BeforePage(); err != nil {
			return usage.Answer{}, err
		}
	}
	a := usage.Answer{ReadAt: f.now(), Pages: 1}
	if err := f.ask(ctx, question{call: "read " + string(q.Source), from: q.From, to: q.To}); err != nil {
		return usage.Answer{}, err
	}
	of := &usage.Combination{Model: testModel, WorkspaceID: prodID, ServiceTier: "standard", Speed: "standard", Product: "messages_api"}
	newest := f.newest(q.Source, a.ReadAt)
	for m := q.From; m.Before(q.To); m = m.Add(time.Minute) {
		minute := usage.Minute{Start: m, ReadAt: a.ReadAt, Source: q.Source}
		if n := f.used(m); n > 0 && !m.After(newest) {
			requests := int64(1)
			if q.Source == usage.SourceReport {
				requests = usage.RequestsUnknown
			}
			minute.Buckets = []usage.Bucket{{Of: of, Counts: usage.Counts{Requests: requests, Output: n}}}
			a.Newest = m
		}
		a.Minutes = append(a.Minutes, minute)
	}
	return a, nil
}

// refusal is an answer of the API that is no success.
type refusal struct {
	code    int
	refused bool          // the beta report is not open
	rest    time.Duration // 0: as the status wants
}

func (r refusal) Error() string { return fmt.Sprintf("answered %d", r.code) }

func (r refusal) KeyRefused() bool { return r.code == 401 || r.code == 403 }

func (r refusal) Refused() bool { return r.refused }

func (r refusal) RateLimited() bool { return r.code == 429 }

func (r refusal) Temporary() bool { return r.code >= 500 }

func (r refusal) Rest(time.Time) time.Duration {
	if r.rest == 0 && r.code == 429 {
		return time.Minute
	}
	return r.rest
}

// clock is a time that stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
