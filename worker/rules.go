package worker

import (
	"context"
	"fmt"
	"strings"
	"time"

	"alerter/store"
)

// followRules acts, within seconds, on rules that another command has changed
// in the database: what is known is evaluated anew.
func (w *Worker) followRules(ctx context.Context, at time.Time) error {
	var now strings.Builder
	err := w.Store.View(ctx, func(tx *store.Tx) error {
		stored, err := tx.Rules()
		for _, r := range stored {
			fmt.Fprintf(&now, "%s %d %t\n", r.Rule.Alert, r.Revision, r.Enabled)
		}
		return err
	})
	if err != nil {
		return err
	}
	w.mu.Lock()
	before := w.rules
	w.rules = now.String()
	w.mu.Unlock()
	if before == "" || before == now.String() {
		return nil
	}
	w.Log.Info().Msg("rules changed in the database, evaluating anew")
	for _, a := range w.organizations() {
		evaluation := job{name: "usage", account: a}
		if !w.enter(evaluation) {
			continue // a tick is under way or next: it reads the rules itself
		}
		err := w.step(ctx, a, w.Now(), nil)
		w.leave(evaluation)
		if err != nil {
			return err
		}
	}
	return nil
}
