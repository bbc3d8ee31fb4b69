package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"alerter/store"
)

// followRules acts, within seconds, on rules that another command has changed
// in the database: what is known is evaluated anew. Where a tick is under way it
// waits for it, so that nothing is stored that was read before the last step.
func (w *Worker) followRules(ctx context.Context, _ time.Time) error {
	now, err := w.rulesInForce(ctx)
	if err != nil {
		return err
	}
	w.mu.Lock()
	before := w.rules
	w.mu.Unlock()
	if before == now {
		return nil
	}
	w.Log.Info().Msg("rules changed in the database, evaluating anew")
	var errs []error
	all := true
	for _, a := range w.organizations() {
		evaluation := job{name: usageJob, account: a}
		if !w.enter(evaluation) {
			all = false
			continue
		}
		_, err := w.step(ctx, a, nil)
		w.leave(evaluation)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil || !all {
		return err // the next run tries again
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rules = now
	return nil
}

// rulesInForce is what rulesText says of the rules in the store.
func (w *Worker) rulesInForce(ctx context.Context) (text string, err error) {
	err = w.Store.View(ctx, func(tx *store.Tx) error {
		text, err = rulesText(tx)
		return err
	})
	return text, err
}

// rulesText is a text that differs whenever the rules do.
func rulesText(tx *store.Tx) (string, error) {
	stored, err := tx.Rules()
	var b strings.Builder
	for _, r := range stored {
		fmt.Fprintf(&b, "%s %d %t\n", r.Alert, r.Revision, r.Enabled)
	}
	return b.String(), err
}
