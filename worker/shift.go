package worker

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"alerter/store"
)

// job is one thing that is done on the schedule. A nil account is a job of the
// whole service.
type job struct {
	name     string
	account  *account
	schedule cron.Schedule
	do       func(ctx context.Context, at time.Time) error
	quiet    bool // its good runs are not worth a row
}

// shift starts the jobs of the plan in force and returns what ends them.
func (w *Worker) shift(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	plan := w.Plan()
	c := cron.New(
		cron.WithLocation(plan.Schedule.Location),
		// A job that takes longer than its period skips a turn instead of running beside itself.
		cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)),
	)
	for _, j := range w.jobs(plan) {
		c.Schedule(w.OnTime(j.schedule), cron.FuncJob(func() { w.run(ctx, j) }))
	}
	var starts sync.WaitGroup
	for _, a := range w.organizations() {
		starts.Go(func() { w.begin(ctx, plan, a) })
	}
	c.Start()
	w.ready.Store(true)
	return func() {
		cancel()
		stopped := c.Stop()
		timer := time.NewTimer(stopTime)
		defer timer.Stop()
		select {
		case <-stopped.Done():
		case <-timer.C:
		}
		waitAtMost(&starts, time.Second)
	}
}

func (j job) organizationName() string {
	if j.account == nil {
		return ""
	}
	return j.account.label()
}

func (w *Worker) jobs(plan *Plan) []job {
	every := func(d time.Duration) cron.Schedule { return cron.Every(d) }
	var jobs []job
	for _, a := range w.organizations() {
		jobs = append(jobs,
			job{name: "usage", account: a, schedule: plan.Schedule.Usage, do: func(ctx context.Context, at time.Time) error { return w.Tick(ctx, a, at) }},
			job{name: "limits", account: a, schedule: plan.Schedule.Limits, do: func(ctx context.Context, at time.Time) error { return w.Limits(ctx, a, at) }},
			job{name: "attribution", account: a, schedule: plan.Schedule.Attribution, do: func(ctx context.Context, at time.Time) error { return w.Attribute(ctx, a, at) }},
			job{name: "backfill", account: a, schedule: every(time.Minute), do: func(ctx context.Context, at time.Time) error { return w.Backfill(ctx, a, at) }},
		)
	}
	jobs = append(jobs,
		job{name: "watch", schedule: every(15 * time.Second), do: w.Watch, quiet: true},
		job{name: "prune", schedule: every(10 * time.Minute), do: w.Prune, quiet: true},
		job{name: "rules", schedule: every(5 * time.Second), do: w.followRules, quiet: true},
	)
	if plan.Heartbeat.URL != "" {
		jobs = append(jobs, job{name: "heartbeat", schedule: every(plan.Heartbeat.Every), do: w.Beat, quiet: true})
	}
	return jobs
}

// begin brings one organization up: limits and names, the newest minutes and a
// first evaluation; the past follows by the backfill job, begun at once too.
func (w *Worker) begin(ctx context.Context, plan *Plan, a *account) {
	for _, name := range []string{"limits", "usage", "backfill", "attribution"} {
		for _, j := range w.jobs(plan) {
			if j.account == a && j.name == name {
				w.run(ctx, j)
			}
		}
	}
}

// run does one job once: with its deadline, its panic caught, its run recorded
// and its end logged. A job never runs beside itself.
func (w *Worker) run(ctx context.Context, j job) {
	if ctx.Err() != nil || !w.enter(j) {
		return
	}
	defer w.leave(j)
	at := w.Now()
	err := w.guarded(ctx, j, at)
	if ctx.Err() != nil {
		return // stopping: what ended early is no failure
	}
	w.record(ctx, j, at, w.Now().Sub(at), err)
}

// key tells the job of one organization from the same job of another.
func (j job) key() string {
	if j.account == nil {
		return j.name
	}
	return j.name + " " + j.account.label()
}

func (w *Worker) enter(j job) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[j.key()] {
		return false
	}
	w.busy[j.key()] = true
	return true
}

func (w *Worker) leave(j job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, j.key())
}

// guarded does the job with its panics turned into errors, so that one broken
// job does not end the others.
func (w *Worker) guarded(ctx context.Context, j job, at time.Time) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.Log.Error().Str("job", j.key()).Bytes("stack", debug.Stack()).Str("error", fmt.Sprint(p)).Msg("job panicked")
			err = fmt.Errorf("job %s panicked: %v", j.name, p)
		}
	}()
	return j.do(ctx, at)
}

// failuresToTell is how often in a row a job must fail before people hear of
// it: one lost poll is made good by the next.
const failuresToTell = 3

// record keeps how the run ended, and says so after several failures in a row.
func (w *Worker) record(ctx context.Context, j job, at time.Time, took time.Duration, err error) {
	w.Metrics.ran(j.name, took, err)
	failures := w.count(j.key(), err)
	problem := ""
	if err != nil {
		problem = err.Error()
		w.Log.Warn().Err(err).Str("job", j.key()).Dur("took", took).Msg("job did not succeed, will run again")
	}
	if err == nil && failures == 0 && j.quiet {
		return
	}
	err = w.Store.Update(ctx, func(tx *store.Tx) error {
		switch {
		case failures >= failuresToTell:
			if err := tx.PutTrouble(jobTrouble(j, problem, at)); err != nil {
				return err
			}
		case problem == "":
			if err := tx.ClearTrouble(JobFailing, j.organizationName(), j.name, at); err != nil {
				return err
			}
		}
		return tx.PutRun(j.name, j.organizationName(), at, took, problem)
	})
	if err != nil {
		w.Log.Error().Err(err).Str("job", j.key()).Msg("job run not recorded")
	}
}

// count counts a job's failures in a row and returns the number before a
// success, or with this failure.
func (w *Worker) count(key string, err error) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.failures[key]
	if err == nil {
		delete(w.failures, key)
		return before
	}
	w.failures[key] = before + 1
	return before + 1
}
