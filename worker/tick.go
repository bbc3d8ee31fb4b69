package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

// Tick is one cycle of one organization, begun at at: read, then in one
// transaction store, join, evaluate, route and enqueue. A failed read does not
// end it: what is known is evaluated, and the stale rule speaks of the rest.
// What is evaluated is as of the transaction, not of at: whatever is in the
// store by then counts. The same tick again changes nothing.
func (w *Worker) Tick(ctx context.Context, a *account, at time.Time) error {
	calling, cancel := w.bounded(ctx, w.Plan().Schedule.Usage, w.CallTimeout)
	defer cancel()
	r, readErr := w.read(calling, a, at)
	a.remember(readErr)
	stored, err := w.step(ctx, a, r.minutes)
	if ctx.Err() == nil { // else it was cut short
		a.keeps(err)
	}
	if readErr == nil && stored {
		a.caughtUp(at, r.wide)
	}
	if err = errors.Join(err, w.tellKey(ctx, a)); err != nil && errors.Is(readErr, errResting) {
		return err
	}
	return errors.Join(readErr, err)
}

// remember keeps why a read did not succeed, for the source's status. While the
// API is left alone, the reason is still the last one.
func (a *account) remember(err error) {
	if errors.Is(err, errResting) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.problem = ""
	if err != nil {
		a.problem = err.Error()
	}
}

// keeps remembers why a cycle could not be stored; nil: it was.
func (a *account) keeps(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unkept = err
}

// Unkept is why the newest cycle of an organization could not be stored, as where the
// disk is full: nothing is evaluated then and nobody is told. Nil: it was, or none has
// been tried.
func (w *Worker) Unkept() error {
	for _, a := range w.organizations() {
		a.mu.Lock()
		err := a.unkept
		a.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// caughtUp notes a good cycle: what it read is stored.
func (a *account) caughtUp(at time.Time, wide bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lastGood = at
	if wide {
		a.wideAt = at
	}
}

// stepped is what a step leads to, beyond what it stored.
type stepped struct {
	at        time.Time
	res       evaluate.Result
	records   *evaluate.Records // as before the step
	cases     []evaluate.Case   // that it changed
	unmatched usage.Unmatched
	growth    growth
	buckets   int
	routed    routed
}

// step stores the minutes and moves the organization's alerts, in one
// transaction. It reports whether it did: not before the organization is known,
// and not before its time, see [Worker.turnOf].
func (w *Worker) step(ctx context.Context, a *account, minutes []usage.Minute) (bool, error) {
	org := a.organization()
	if org.ID == "" {
		return false, nil // never reached yet: there is nothing to evaluate, and the job's failure is told
	}
	began := w.Now()
	var done *stepped
	err := w.update(ctx, func(tx *store.Tx) error {
		at, last, due, err := w.turnOf(tx, org.ID)
		if err != nil || !due {
			return err
		}
		stamp(minutes, last, at)
		if _, err := tx.PutMinutes(org.ID, minutes); err != nil {
			return err
		}
		done, err = w.evaluate(tx, a, org, at, last)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("store and evaluate: %w", err)
	}
	if done == nil {
		return false, nil
	}
	for _, m := range minutes {
		done.buckets += len(m.Buckets)
	}
	a.keepPrior(done)
	w.tell(a, done, w.Now().Sub(began))
	return true, nil
}

// evaluate joins what the transaction sees, steps the alerts from where the step
// at last left them, and writes what follows.
func (w *Worker) evaluate(tx *store.Tx, a *account, org usage.Organization, at, last time.Time) (*stepped, error) {
	rules, back, err := enabledRules(tx)
	if err != nil {
		return nil, err
	}
	if err := tx.PutSource(a.source(org)); err != nil {
		return nil, err
	}
	facts, unmatched, err := tx.Facts(org, at, back, a.settings().Settle)
	if err != nil {
		return nil, err
	}
	facts.SteppedAt = last
	if facts.Changes, err = tx.Changes(org.ID, last, at); err != nil {
		return nil, err
	}
	grown, err := w.grow(tx, a, rules, &facts, at)
	if err != nil {
		return nil, err
	}
	prior, records, err := w.prior(tx, a, org.ID, last)
	if err != nil {
		return nil, err
	}
	done := &stepped{at: at, records: records, unmatched: unmatched, growth: grown}
	done.res = evaluate.Step(at, rules, &facts, prior)
	done.cases = records.Step(at, &facts, &done.res)
	notices := done.res.Notices
	if a.renotices() {
		notices = append(notices[:len(notices):len(notices)], again(at, done.res)...)
	}
	if done.routed, err = w.route(tx, at, org, notices, done.res.Alerts); err != nil {
		return nil, err
	}
	if err := tx.PutCases(done.cases); err != nil {
		return nil, err
	}
	return done, putStep(tx, org.ID, at, done.res, a.problemText())
}

// putStep writes what a step did to the alerts, and that it was made.
func putStep(tx *store.Tx, orgID string, at time.Time, res evaluate.Result, problem string) error {
	if err := tx.PutAlerts(res.Changed); err != nil {
		return err
	}
	if err := tx.PutTransitions(orgID, res.Transitions); err != nil {
		return err
	}
	return tx.PutTick(orgID, at, problem)
}
