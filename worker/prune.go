package worker

import (
	"context"
	"fmt"
	"time"
)

const (
	// pruneStep is how many rows one transaction removes at most, so that no
	// tick waits long for it.
	pruneStep = 500
	// pruneSteps bounds one run; what is left is the next run's.
	pruneSteps = 200
)

// Prune removes what is older than the retention, in small steps.
func (w *Worker) Prune(ctx context.Context, at time.Time) error {
	before := at.Add(-w.Plan().Retention)
	for range pruneSteps {
		more, err := w.pruneOnce(ctx, before)
		if err != nil {
			return fmt.Errorf("prune what is older than %s: %w", before.Format(time.RFC3339), err)
		}
		if !more {
			return nil
		}
	}
	return nil
}

func (w *Worker) pruneOnce(ctx context.Context, before time.Time) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	_, more, err = w.Store.Prune(ctx, before, pruneStep)
	return more, err
}
