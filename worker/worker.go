package worker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"alerter/store"
)

// Worker runs the jobs of a [Plan] against one store. Fill in the exported
// fields, then call [Worker.Run] or [Worker.Once].
type Worker struct {
	Store   *store.Store
	Log     zerolog.Logger
	Now     func() time.Time // the service's time; may run faster than the wall's
	HTTP    *http.Client     // for the heartbeat; nil: one with a time-out of ten seconds
	Metrics *Metrics         // nil: nothing is counted
	// OnTime turns a schedule of the service's time into one of real time, in
	// which cron waits; nil: they are the same.
	OnTime func(cron.Schedule) cron.Schedule
	// BackfillPages bounds how many pages a second the past is filled in with;
	// zero: 30 a minute, what the Admin API is asked for at most.
	BackfillPages rate.Limit
	// CallTimeout bounds one job's calls, which also end with its period; zero: 50 s.
	CallTimeout time.Duration
	// OnBackfill hears of the progress of filling the past in; nil: nobody does.
	OnBackfill func(organization string, done, all time.Duration)

	plan     atomic.Pointer[Plan]
	replace  chan replacement
	kick     chan struct{} // something may be due
	mu       sync.Mutex
	accounts []*account
	ready    atomic.Bool
	busy     map[string]bool // jobs that are running
	failures map[string]int  // in a row, by job
	pages    *rate.Limiter
	lanes    map[string]*lane
	rules    string    // fingerprint of the rules last evaluated
	watched  time.Time // when the service itself was last looked at
}

type replacement struct {
	plan Plan
	done chan error
}

// stopTime is how long a stopping service waits for what is under way: it must
// be gone ten seconds after it was asked to.
const stopTime = 8 * time.Second

// Run does the jobs of plan until ctx ends, then stops cleanly: sends under way
// are finished, the rest stays in the outbox. It returns nil after a clean stop.
func (w *Worker) Run(ctx context.Context, plan Plan) error {
	if err := w.prepare(); err != nil {
		return err
	}
	if err := w.adopt(ctx, plan); err != nil {
		return err
	}
	delivering, stopDelivering := context.WithCancel(context.WithoutCancel(ctx))
	defer stopDelivering()
	var sends sync.WaitGroup
	sends.Go(func() { w.deliverLoop(ctx, delivering) })
	for {
		end := w.shift(ctx)
		select {
		case <-ctx.Done():
			end()
			waitAtMost(&sends, stopTime)
			return nil
		case r := <-w.replace:
			end()
			r.done <- w.adopt(ctx, r.plan)
		}
	}
}

// Apply replaces the plan of a running worker once the jobs under way have
// ended. An error leaves the old plan in place.
func (w *Worker) Apply(ctx context.Context, plan Plan) error {
	r := replacement{plan: plan, done: make(chan error, 1)}
	select {
	case w.replace <- r:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Ready reports whether the service has a plan and has begun its first cycle.
func (w *Worker) Ready() bool { return w.ready.Load() }

// Plan is the plan in force, nil before the first.
func (w *Worker) Plan() *Plan { return w.plan.Load() }

// prepare checks the fields and fills the empty ones in.
func (w *Worker) prepare() error {
	switch {
	case w.Store == nil:
		return errors.New("worker: Store is not set")
	case w.Now == nil:
		return errors.New("worker: Now is not set")
	}
	if w.OnTime == nil {
		w.OnTime = func(s cron.Schedule) cron.Schedule { return s }
	}
	if w.BackfillPages == 0 {
		w.BackfillPages = rate.Every(2 * time.Second)
	}
	if w.CallTimeout == 0 {
		w.CallTimeout = 50 * time.Second
	}
	if w.HTTP == nil {
		w.HTTP = &http.Client{Timeout: 10 * time.Second}
	}
	if w.Metrics == nil {
		w.Metrics = NewMetrics()
	}
	// A burst of a minute's allowance: the first hour is there at once.
	w.pages = rate.NewLimiter(w.BackfillPages, 30)
	w.lanes, w.busy, w.failures = map[string]*lane{}, map[string]bool{}, map[string]int{}
	w.replace, w.kick = make(chan replacement), make(chan struct{}, 1)
	return nil
}

// adopt makes plan the one in force: its rules into the store, its
// organizations into accounts. Running state of organizations that stay is kept.
func (w *Worker) adopt(ctx context.Context, plan Plan) error {
	at := w.Now()
	err := w.Store.Update(ctx, func(tx *store.Tx) error {
		changes, err := tx.ApplyRules(plan.Rules, plan.RulesFile, at)
		if err != nil {
			return err
		}
		for _, c := range changes {
			w.Log.Info().Str("rule", c.Name).Str("state", string(c.Kind)).Msg("rule changed")
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("apply the rules of %s: %w", plan.RulesFile, err)
	}
	known := map[string]*account{}
	for _, a := range w.accounts {
		known[a.Slot] = a
	}
	var accounts []*account
	for _, o := range plan.Organizations {
		a := known[o.Slot]
		if a == nil {
			a = newAccount(o, at)
		}
		a.mu.Lock()
		// A changed key or configuration deserves a fresh try.
		a.Organization, a.probedAt, a.renotice = o, time.Time{}, true
		clear(a.rest)
		a.mu.Unlock()
		accounts = append(accounts, a)
	}
	w.mu.Lock()
	w.accounts = accounts
	w.mu.Unlock()
	w.adoptLanes(plan)
	w.plan.Store(&plan)
	return nil
}

func (w *Worker) organizations() []*account {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.accounts
}

func waitAtMost(wg *sync.WaitGroup, d time.Duration) {
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
