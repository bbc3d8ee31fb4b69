package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/store"
)

// Mirror tells every receiver that wants it, such as an Alertmanager, what fires
// of what it was told of. It is told from the alerts as they are, and not from the
// outbox: what it misses it hears a minute later.
func (w *Worker) Mirror(ctx context.Context, _ time.Time) error {
	plan := w.Plan()
	var errs []error
	for _, receiver := range plan.Receivers.Mirrored() {
		if err := w.mirror(ctx, plan, receiver); err != nil {
			errs = append(errs, fmt.Errorf("tell %s what fires: %w", receiver, err))
		}
	}
	return errors.Join(errs...)
}

func (w *Worker) mirror(ctx context.Context, plan *Plan, receiver string) error {
	var firing []evaluate.Alert
	err := w.view(ctx, func(tx *store.Tx) (err error) {
		firing, err = tx.FiringTold(receiver)
		return err
	})
	if err != nil {
		return err
	}
	alerts := make([]notify.Alert, len(firing))
	for i := range firing {
		alerts[i] = notify.View(firing[i])
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return plan.Receivers.Mirror(ctx, receiver, alerts, plan.ExternalURL)
}
