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
func (j job) key() string { return jobKey(j.name, j.slot()) }

// jobKey is the key of a job; an empty slot is of the whole service.
func jobKey(name, slot string) string {
	if slot == "" {
		return name
	}
	return name + " " + slot
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
			err = &panicError{fmt.Sprintf("job %s panicked: %v", j.name, p)}
		}
	}()
	return j.do(ctx, at)
}

// failuresToTell is how often in a row a job must fail before people hear of
// it: one lost poll is made good by the next.
const failuresToTell = 3

// record keeps how the run ended, and says so after several failures in a row. That the
// database is gone is said by the service's end.
func (w *Worker) record(ctx context.Context, j job, at time.Time, took time.Duration, err error) {
	if errors.Is(err, errResting) || errors.Is(err, store.ErrGone) {
		return
	}
	e := w.count(j, at, took, err)
	w.tellRun(j, e)
	w.keep(ctx, j, e)
}

// keep writes down how a run ended, where that is worth a row.
func (w *Worker) keep(ctx context.Context, j job, e runEnd) {
	if e.err == nil && j.quiet && !e.isNews {
		return
	}
	err := w.update(ctx, func(tx *store.Tx) error { return putRun(tx, j, e) })
	if ctx.Err() == nil { // else the service is stopping, and the next one runs every job
		w.tellKept(j, e.at, err)
	}
}

// runEnd is how a run of a job ended.
type runEnd struct {
	at       time.Time // when it began
	took     time.Duration
	err      error // nil: it succeeded
	failures int   // in a row, up to this one; zero where it succeeded
	before   int   // in a row, up to the one before it
	isNews   bool  // not like the one before it, or the first that this process knows of
	isWorth  bool  // of a line in the log
}

// count counts a job's failures in a row.
func (w *Worker) count(j job, at time.Time, took time.Duration, err error) runEnd {
	w.Metrics.ran(j.name, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.streaks[j.key()]
	isFirst := s == nil
	if isFirst {
		s = &streak{}
		w.streaks[j.key()] = s
	}
	e := runEnd{at: at, took: took, err: err, before: s.failures}
	_, e.isWorth = s.ended(at, err)
	e.failures = s.failures
	e.isNews = isFirst || (e.before == 0) != (e.failures == 0)
	return e
}

// tellRun logs a run that did not succeed, if the log has not said so just now, and the
// first good one after that.
func (w *Worker) tellRun(j job, e runEnd) {
	until, rests := j.restsUntil(e.at)
	switch {
	case e.err == nil && e.before > 0:
		w.Log.Info().Str("job", j.key()).Int("failures", e.before).Msg("job works again")
	case e.err == nil:
	case rests:
		w.Log.Warn().Err(e.err).Str("job", j.key()).Int("failures", e.failures).Time("next", until).
			Str("took", e.took.Round(time.Millisecond).String()).Msg("job did not succeed, the API is left alone until next")
	case e.isWorth:
		w.Log.Warn().Err(e.err).Str("job", j.key()).Int("failures", e.failures).
			Str("took", e.took.Round(time.Millisecond).String()).Msg("job did not succeed, will run again")
	}
}

// tellKept logs that how a run ended was not recorded, once for all jobs.
func (w *Worker) tellKept(j job, at time.Time, err error) {
	if errors.Is(err, store.ErrGone) {
		return
	}
	w.mu.Lock()
	failures, isWorth := w.unrecorded.ended(at, err)
	w.mu.Unlock()
	switch {
	case !isWorth:
	case err != nil:
		w.Log.Error().Err(err).Str("job", j.key()).Int("failures", failures).Msg("job run not recorded")
	default:
		w.Log.Info().Int("failures", failures).Msg("job runs are recorded again")
	}
}

// putRun writes how a run ended, and the trouble that follows from it.
func putRun(tx *store.Tx, j job, e runEnd) error {
	if e.err != nil {
		// A refused key is told at once, as what it is.
		told := j.account != nil && j.account.isRefused(j.name)
		if e.failures >= failuresToTell && !told {
			if err := tx.PutTrouble(jobTrouble(j, e.failures, e.err.Error(), e.at)); err != nil {
				return err
			}
		}
		return tx.PutRun(j.name, j.organizationID(), e.at, e.took, e.err.Error())
	}
	if err := tx.ClearTrouble(usage.JobFailing, j.slot(), j.name, e.at); err != nil {
		return err
	}
	return tx.PutRun(j.name, j.organizationID(), e.at, e.took, "")
}

// isRefused reports whether the key was refused to the job.
func (a *account) isRefused(job string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, is := a.refused[job]
	return is
}
