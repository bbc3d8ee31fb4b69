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
// fields, then call [Worker.Run] or [Worker.Once], once. It must not be copied.
type Worker struct {
	Store *store.Store
	Log   zerolog.Logger
	// Now is the service's time, which may run faster than the wall's. Only the
	// pace of calls and sends, and deadlines, run on the wall's.
	Now     func() time.Time
	HTTP    *http.Client // for the heartbeat; nil: the default one
	Metrics *Metrics     // nil: nothing is counted
	// OnTime turns a schedule of the service's time into one of real time, in
	// which cron waits; nil: they are the same.
	OnTime func(cron.Schedule) cron.Schedule
	// BackfillPages bounds how many pages a second the past of an organization is
	// filled in with; zero: 30 a minute, what the Admin API is asked for at most.
	BackfillPages rate.Limit
	// CallTimeout bounds each call of a source, and all calls of a tick together;
	// they also end with the period of their job. Zero: 50 s.
	CallTimeout time.Duration
	// OnBackfill hears of the progress of filling the past in; nil: nobody does.
	OnBackfill func(organization string, done, all time.Duration)

	begun   sync.Once // guards the making of the channels
	replace chan replacement
	kick    chan struct{} // something may be due
	lost    chan error    // the database is gone
	plan    atomic.Pointer[Plan]
	ready   atomic.Bool

	mu         sync.Mutex // guards everything below
	accounts   []*account
	lanes      map[string]*lane
	busy       map[string]bool    // jobs that are running
	streaks    map[string]*streak // of each job that has run
	unrecorded streak             // of runs of jobs
	unread     streak             // of looks into the outbox
	closed     map[string]bool    // receivers that said they have closed for good, until the next plan
	heeded     string             // what others wrote, as last adopted or evaluated; see followOthers
	adopted    time.Time          // since when the plan is in force
	watched    time.Time          // when the service itself was last looked at
	renotice   bool               // the routes changed: alerts about the service that fire are routed anew
}

// replacement is a plan to put in force, and where to say how that went.
type replacement struct {
	plan Plan
	done chan replaced
}

// replaced is how that went.
type replaced struct {
	changes []store.RuleChange
	err     error
}

// stopTime is how long a stopping service waits for what is under way: it must
// be gone ten seconds after it was asked to.
const stopTime = 8 * time.Second

// Run does the jobs of plan until ctx ends, then stops cleanly: sends under way
// are finished, the rest stays in the outbox. It returns nil after a clean stop,
// and ends by itself only where the database is gone ([store.ErrGone]).
func (w *Worker) Run(ctx context.Context, plan Plan) error {
	if err := w.prepare(); err != nil {
		return err
	}
	if err := w.begin(ctx, plan); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	var sends sync.WaitGroup
	sends.Go(func() { w.deliverLoop(ctx, sending) })
	for {
		end := w.shift(ctx)
		select {
		case <-ctx.Done():
			waitAtMost(stopTime, end, sends.Wait)
			return nil
		case err := <-w.lost:
			stop()
			waitAtMost(stopTime, end, sends.Wait)
			return fmt.Errorf("keep what is decided: %w", err)
		case r := <-w.replace:
			waitAtMost(stopTime, end)
			changes, err := w.adopt(ctx, r.plan)
			r.done <- replaced{changes, err}
		}
	}
}

// waitAtMost calls the waits, one after the other, and gives them up after d:
// what is still stuck then is left behind.
func waitAtMost(d time.Duration, waits ...func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, wait := range waits {
			wait()
		}
	}()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// Apply replaces the plan of a running worker once the jobs under way have
// ended; before the worker runs, it waits for that. It returns what that changed
// in the store's rules. An error leaves the old plan in place.
func (w *Worker) Apply(ctx context.Context, plan Plan) ([]store.RuleChange, error) {
	w.makeChannels()
	r := replacement{plan: plan, done: make(chan replaced, 1)}
	select {
	case w.replace <- r:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case done := <-r.done:
		return done.changes, done.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Ready reports whether the service has a plan and has begun its first cycle.
func (w *Worker) Ready() bool { return w.ready.Load() }

// Plan is the plan in force, nil before the first.
func (w *Worker) Plan() *Plan { return w.plan.Load() }

func (w *Worker) makeChannels() {
	w.begun.Do(func() {
		w.replace, w.kick, w.lost = make(chan replacement), make(chan struct{}, 1), make(chan error, 1)
	})
}

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
		w.HTTP = http.DefaultClient
	}
	if w.Metrics == nil {
		w.Metrics = NewMetrics()
	}
	w.makeChannels()
	w.lanes, w.busy, w.streaks, w.closed = map[string]*lane{}, map[string]bool{}, map[string]*streak{}, map[string]bool{}
	return nil
}
