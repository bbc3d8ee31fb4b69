package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/robfig/cron/v3"

	"alerter/store"
	"alerter/usage"
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

// key tells the job of one organization from the same job of another. It is made
// of what never changes while the job runs.
func (j job) key() string {
	if j.account == nil {
		return j.name
	}
	return j.name + " " + j.account.slot
}

// slot is the identity of the job's organization in the configuration, or empty.
func (j job) slot() string {
	if j.account == nil {
		return ""
	}
	return j.account.slot
}

// organizationID is the id of the job's organization, what it is called in the
// configuration while that is not known, or empty.
func (j job) organizationID() string {
	if j.account == nil {
		return ""
	}
	if id := j.account.organization().ID; id != "" {
		return id
	}
	return j.account.slot
}

// run does one job once: its panic caught, its run recorded and its end logged.
// A job never runs beside itself: what is late skips a turn.
func (w *Worker) run(ctx context.Context, j job) {
	if ctx.Err() != nil || !w.enter(j) {
		return
	}
	defer w.leave(j)
	at := w.moment()
	err := w.guarded(ctx, j, at)
	if ctx.Err() != nil {
		return // stopping: what ended early is no failure
	}
	w.record(ctx, j, at, w.Now().Sub(at), err)
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
	if errors.Is(err, errResting) {
		return
	}
	w.Metrics.ran(j.name, err)
	failures, before, isNews := w.count(j.key(), err)
	w.tellRun(j, at, took, before, err)
	if err == nil && j.quiet && !isNews {
		return
	}
	err = w.update(ctx, func(tx *store.Tx) error { return putRun(tx, j, at, took, failures, err) })
	if err != nil && ctx.Err() == nil { // else the service is stopping, and the next one runs every job
		w.Log.Error().Err(err).Str("job", j.key()).Msg("job run not recorded")
	}
}

// tellRun logs a run that did not succeed, and the first good one after that.
func (w *Worker) tellRun(j job, at time.Time, took time.Duration, before int, err error) {
	switch {
	case err == nil && before > 0:
		w.Log.Info().Str("job", j.key()).Int("failures", before).Msg("job works again")
	case err == nil:
	default:
		line, text := w.Log.Warn().Err(err).Str("job", j.key()), "job did not succeed, will run again"
		if until, rests := j.restsUntil(at); rests {
			line, text = line.Time("next", until), "job did not succeed, the API is left alone until next"
		}
		line.Str("took", took.Round(time.Millisecond).String()).Msg(text)
	}
}

// putRun writes how a run ended, and the trouble that follows from it.
func putRun(tx *store.Tx, j job, at time.Time, took time.Duration, failures int, problem error) error {
	if problem != nil {
		// A refused key is told at once, as what it is.
		told := j.account != nil && j.account.isRefused(j.name)
		if failures >= failuresToTell && !told {
			if err := tx.PutTrouble(jobTrouble(j, failures, problem.Error(), at)); err != nil {
				return err
			}
		}
		return tx.PutRun(j.name, j.organizationID(), at, took, problem.Error())
	}
	if err := tx.ClearTrouble(usage.JobFailing, j.slot(), j.name, at); err != nil {
		return err
	}
	return tx.PutRun(j.name, j.organizationID(), at, took, "")
}

// count counts a job's failures in a row; before is how many there were until
// this end. isNews reports whether this end is
// not like the one before it, or the first that this process knows of.
func (w *Worker) count(key string, err error) (failures, before int, isNews bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before, known := w.failures[key]
	if err != nil {
		failures = before + 1
	}
	w.failures[key] = failures
	return failures, before, !known || (before == 0) != (failures == 0)
}

// isRefused reports whether the key was refused to the job.
func (a *account) isRefused(job string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, is := a.refused[job]
	return is
}
