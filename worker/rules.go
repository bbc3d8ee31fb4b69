package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"alerter/store"
)

// followOthers acts, within seconds, on what another command, or the page, has written
// to the database: changed rules, silences, acknowledgements. What is known is evaluated anew. Where a tick is under way it
// waits for it, so that nothing is stored that was read before the last step.
func (w *Worker) followOthers(ctx context.Context, at time.Time) error {
	now, err := w.written(ctx)
	if err != nil {
		return err
	}
	w.mu.Lock()
	before := w.heeded
	w.mu.Unlock()
	if before == now {
		return nil
	}
	w.Log.Info().Msg("rules, silences or acknowledgements changed in the database, evaluating anew")
	errs := []error{w.Watch(ctx, at)}
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
	w.heeded = now
	return nil
}

// written is what heeds says of the store.
func (w *Worker) written(ctx context.Context) (text string, err error) {
	err = w.view(ctx, func(tx *store.Tx) error {
		text, err = heeds(tx, w.moment())
		return err
	})
	return text, err
}

// heeds is a text that differs whenever something that others write has changed.
func heeds(tx *store.Tx, at time.Time) (string, error) {
	stored, err := tx.Rules()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, r := range stored {
		fmt.Fprintf(&b, "%s %d %t\n", r.Alert, r.Revision, r.Enabled)
	}
	wrote, err := peopleText(tx, at)
	return b.String() + wrote, err
}
