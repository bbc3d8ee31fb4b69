package worker

import (
	"context"
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

const (
	// deadTold is how long a dead message is a trouble: an event, not a state.
	deadTold = time.Hour
	// stuckAfter is how long a message may be overdue before the outbox is called stuck.
	stuckAfter = 15 * time.Minute
	// jumpAtLeast is how far the wall clock must leave the steady one to be told.
	jumpAtLeast = time.Minute
	// jumpTold is how long people are told of it.
	jumpTold = time.Hour
)

// Watch looks at the service itself: its troubles become alerts like others,
// stepped and routed by the same code.
func (w *Worker) Watch(ctx context.Context, _ time.Time) error {
	seen := w.Now()
	jump, renotice := w.sinceLastLook(seen)
	var res evaluate.Result
	var out routed
	err := w.update(ctx, func(tx *store.Tx) (err error) {
		if err := noteTroubles(tx, jump, w.moment()); err != nil {
			return err
		}
		if res, out, err = w.stepTroubles(tx, renotice); err != nil {
			return err
		}
		left, err := w.leaveBehind(tx)
		out.add(left)
		return err
	})
	if err != nil {
		return fmt.Errorf("watch the service itself: %w", err)
	}
	w.mu.Lock()
	w.watched, w.renotice = seen, w.renotice && !renotice
	w.mu.Unlock()
	for _, n := range res.Notices {
		w.tellTrouble(n)
	}
	w.followUp(out)
	return nil
}

// noteTroubles writes down what this look has found.
func noteTroubles(tx *store.Tx, jump time.Duration, at time.Time) error {
	if err := clearOld(tx, at); err != nil {
		return err
	}
	if jump.Abs() >= jumpAtLeast {
		err := tx.PutTrouble(usage.Trouble{
			Name: usage.ClockJump, Severity: "warning", Since: at,
			Detail: fmt.Sprintf("The clock jumped by %s.", jump.Round(time.Second)),
		})
		if err != nil {
			return err
		}
	}
	return watchOutbox(tx, at)
}

// stepTroubles moves the alerts about the service itself by one step.
func (w *Worker) stepTroubles(tx *store.Tx, renotice bool) (res evaluate.Result, out routed, err error) {
	troubles, err := tx.Troubles()
	if err != nil {
		return res, out, err
	}
	prior, err := tx.Alerts("")
	if err != nil || len(troubles)+len(prior) == 0 {
		return res, out, err
	}
	at, last, due, err := w.turnOf(tx, "")
	if err != nil || !due {
		return res, out, err
	}
	w.callByName(troubles, prior)
	w.explain(troubles)
	facts := usage.Facts{Troubles: troubles, SteppedAt: last}
	res = evaluate.Step(at, evaluate.SystemRules(), &facts, prior)
	notices := res.Notices
	if renotice {
		notices = append(notices[:len(notices):len(notices)], again(at, res)...)
	}
	if out, err = w.route(tx, at, usage.Organization{}, notices, res.Alerts); err != nil {
		return res, out, err
	}
	return res, out, putStep(tx, "", at, res, "")
}

// watchOutbox tells when messages stay overdue though nothing failed.
func watchOutbox(tx *store.Tx, at time.Time) error {
	oldest, ok, err := tx.OldestDue(at)
	if err != nil {
		return err
	}
	if !ok || at.Sub(oldest) < stuckAfter {
		return tx.ClearTrouble(usage.OutboxStuck, "", "", at)
	}
	return tx.PutTrouble(usage.Trouble{
		Name: usage.OutboxStuck, Severity: "critical", Since: at,
		Detail: fmt.Sprintf("The oldest message in the outbox has been due for %s.", at.Sub(oldest).Round(time.Minute)),
	})
}

// sinceLastLook says how far the wall clock has left the steady one since the
// last look, and whether the routes have changed.
func (w *Worker) sinceLastLook(at time.Time) (jump time.Duration, renotice bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.watched.IsZero() {
		// Sub uses the steady reading where both times have one; Round strips it.
		jump = at.Round(0).Sub(w.watched.Round(0)) - at.Sub(w.watched)
	}
	return jump, w.renotice
}

// clearOld ends the troubles that are events: they have been told.
func clearOld(tx *store.Tx, at time.Time) error {
	troubles, err := tx.Troubles()
	if err != nil {
		return err
	}
	for _, t := range troubles {
		age := at.Sub(t.Since)
		if (t.Name == usage.MessageDead && age >= deadTold) || (t.Name == usage.ClockJump && age >= jumpTold) {
			if err := tx.ClearTrouble(t.Name, t.Organization, t.Subject, at); err != nil {
				return err
			}
		}
	}
	return nil
}
