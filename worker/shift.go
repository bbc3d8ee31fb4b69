package worker

import (
	"context"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// shift starts the jobs of the plan in force and returns what ends them: it
// cancels them and waits until the last one is gone.
func (w *Worker) shift(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	plan := w.Plan()
	// What takes longer than its period skips a turn, see [Worker.run].
	c := cron.New(cron.WithLocation(plan.Schedule.Location), cron.WithLogger(cron.DiscardLogger))
	for _, j := range w.jobs(plan) {
		c.Schedule(w.OnTime(j.schedule), cron.FuncJob(func() { w.run(ctx, j) }))
	}
	var starts, organizations sync.WaitGroup
	for _, a := range w.organizations() {
		organizations.Go(func() { w.bringUp(ctx, plan, a) })
	}
	starts.Go(func() {
		organizations.Wait()
		w.catchUp(ctx, plan)
	})
	var listening sync.WaitGroup
	w.hear(ctx, plan, &listening)
	c.Start()
	w.ready.Store(true)
	return func() {
		cancel()
		<-c.Stop().Done()
		starts.Wait()
		listening.Wait()
	}
}

// jobs are what there is to do on the schedule.
func (w *Worker) jobs(plan *Plan) []job {
	every := func(d time.Duration) cron.Schedule { return cron.Every(d) }
	of := func(a *account, name string, schedule cron.Schedule, do func(context.Context, *account, time.Time) error) job {
		return job{name: name, account: a, schedule: schedule, do: func(ctx context.Context, at time.Time) error { return do(ctx, a, at) }}
	}
	var jobs []job
	for _, a := range w.organizations() {
		jobs = append(jobs,
			of(a, usageJob, plan.Schedule.Usage, w.Tick),
			of(a, limitsJob, plan.Schedule.Limits, w.Limits),
			of(a, attributionJob, plan.Schedule.Attribution, w.Attribute),
			of(a, backfillJob, every(time.Minute), w.Backfill),
		)
	}
	jobs = append(jobs,
		job{name: "watch", schedule: every(15 * time.Second), do: w.Watch, quiet: true},
		job{name: "prune", schedule: every(10 * time.Minute), do: w.Prune, quiet: true},
		job{name: "follow", schedule: every(5 * time.Second), do: w.followOthers, quiet: true},
	)
	if len(plan.Receivers.Mirrored()) > 0 {
		jobs = append(jobs, job{name: "mirror", schedule: every(time.Minute), do: w.Mirror, quiet: true})
	}
	if len(plan.Digests) > 0 {
		jobs = append(jobs, job{name: digestJob, schedule: plan.Schedule.Digest, do: w.Digest})
	}
	if plan.Heartbeat.URL != "" {
		jobs = append(jobs, job{name: "heartbeat", schedule: every(plan.Heartbeat.Every), do: w.Beat, quiet: true})
	}
	return jobs
}

// bringUp brings one organization up: limits and names, the newest minutes and a
// first evaluation; only then the past, which takes its time.
func (w *Worker) bringUp(ctx context.Context, plan *Plan, a *account) {
	for _, name := range []string{limitsJob, usageJob, attributionJob, backfillJob} {
		for _, j := range w.jobs(plan) {
			if j.account == a && j.name == name {
				w.run(ctx, j)
			}
		}
	}
}
