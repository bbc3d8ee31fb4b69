package worker

import (
	"context"
	"time"

	"alerter/store"
	"alerter/usage"
)

// Attribute reads who uses the limits, by API key: a slower query of its own,
// because one grouped by everything would be refused. While the report that
// tokens come from rests, so does this: they share their limit.
func (w *Worker) Attribute(ctx context.Context, a *account, at time.Time) error {
	if a.stranger() {
		return nil // limits or usage have to be read first
	}
	if a.resting(attributionJob, at) || a.resting(usageJob, at) {
		return errResting
	}
	calling, cancel := w.bounded(ctx, w.Plan().Schedule.Attribution, w.CallTimeout)
	defer cancel()
	answer, err := a.settings().Source.Usage(calling, usage.Query{
		Source: usage.SourceKeys, From: a.attributeFrom(at), To: at.Truncate(time.Minute),
		DefaultWorkspaceID: a.defaultWorkspace(),
	})
	a.note(attributionJob, at, err)
	if err != nil {
		return err
	}
	err = w.update(ctx, func(tx *store.Tx) error {
		_, err := tx.PutMinutes(a.organization().ID, answer.Minutes)
		return err
	})
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.attributedAt = at
	a.mu.Unlock()
	return nil
}

// attributeFrom is the first minute to read by key: what was read before is read
// again for late rows, and nothing is left out between two runs.
func (a *account) attributeFrom(at time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	span := overlap
	if !a.attributedAt.IsZero() {
		span = max(span, min(at.Sub(a.attributedAt)+overlap, longestQuery-time.Minute))
	}
	return at.Add(-span).Truncate(time.Minute)
}
