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
func (w *Worker) Watch(ctx context.Context, at time.Time) error {
	messages := 0
	err := w.Store.Update(ctx, func(tx *store.Tx) error {
		if err := w.watchClock(tx, at); err != nil {
			return err
		}
		if err := watchOutbox(tx, at); err != nil {
			return err
		}
		if err := clearOld(tx, at); err != nil {
			return err
		}
		var err error
		messages, err = w.stepTroubles(tx, at)
		return err
	})
	if err != nil {
		return fmt.Errorf("watch the service itself: %w", err)
	}
	if messages > 0 {
		w.wake()
	}
	return nil
}

// stepTroubles moves the alerts about the service itself by one step.
func (w *Worker) stepTroubles(tx *store.Tx, at time.Time) (int, error) {
	troubles, err := tx.Troubles()
	if err != nil {
		return 0, err
	}
	prior, err := tx.Alerts("")
	if err != nil {
		return 0, err
	}
	last, err := tx.LastTick("")
	if err != nil || len(troubles)+len(prior) == 0 || at.Equal(last) {
		return 0, err
	}
	facts := usage.Facts{Troubles: troubles, SteppedAt: last}
	res := evaluate.Step(at, evaluate.SystemRules(), &facts, prior)
	messages, err := w.route(tx, at, usage.Organization{}, res.Notices, res.Alerts)
	if err != nil {
		return 0, err
	}
	if err := tx.PutAlerts(res.Changed); err != nil {
		return 0, err
	}
	if err := tx.PutTransitions("", res.Transitions); err != nil {
		return 0, err
	}
	for _, n := range res.Notices {
		w.Log.Warn().Str("rule", n.Alert.Rule).Str("state", string(n.Alert.State)).Str("reason", string(n.Reason)).Msg("the service itself")
	}
	return messages, tx.PutTick("", at, "")
}

// watchOutbox tells when messages stay overdue though nothing failed.
func watchOutbox(tx *store.Tx, at time.Time) error {
	oldest, ok, err := tx.OldestDue(at)
	if err != nil {
		return err
	}
	if !ok || at.Sub(oldest) < stuckAfter {
		return tx.ClearTrouble(OutboxStuck, "", "", at)
	}
	return tx.PutTrouble(usage.Trouble{
		Name: OutboxStuck, Severity: "critical", Since: at,
		Detail: fmt.Sprintf("The oldest message in the outbox has been due for %s. See `alerter outbox list` and the log of the deliveries.", at.Sub(oldest).Round(time.Minute)),
	})
}

// watchClock compares how far the wall clock and the steady clock have moved.
func (w *Worker) watchClock(tx *store.Tx, at time.Time) error {
	w.mu.Lock()
	before := w.watched
	w.watched = at
	w.mu.Unlock()
	if before.IsZero() {
		return nil
	}
	// Sub uses the monotonic reading where both times have one; Round strips it.
	jump := at.Round(0).Sub(before.Round(0)) - at.Sub(before)
	if jump.Abs() < jumpAtLeast {
		return nil
	}
	return tx.PutTrouble(usage.Trouble{
		Name: ClockJump, Severity: "warning", Since: at,
		Detail: fmt.Sprintf("The clock of this machine jumped by %s. Alerts may be early or late by that much; check its time synchronization.", jump.Round(time.Second)),
	})
}

// clearOld ends the troubles that are events: they have been told.
func clearOld(tx *store.Tx, at time.Time) error {
	troubles, err := tx.Troubles()
	if err != nil {
		return err
	}
	for _, t := range troubles {
		age := at.Sub(t.Since)
		if (t.Name == MessageDead && age >= deadTold) || (t.Name == ClockJump && age >= jumpTold) {
			if err := tx.ClearTrouble(t.Name, t.Organization, t.Subject, at); err != nil {
				return err
			}
		}
	}
	return nil
}
