package worker

import (
	"context"
	"time"

	"alerter/store"
	"alerter/usage"
)

// Attribute reads who uses the limits, by API key: a slower query of its own,
// because one grouped by everything would be refused.
func (w *Worker) Attribute(ctx context.Context, a *account, at time.Time) error {
	org := a.organization()
	if org.ID == "" || a.resting("attribution", at) {
		return nil
	}
	ctx, cancel := w.deadline(ctx, w.Plan().Schedule.Attribution)
	defer cancel()
	answer, err := a.Source.Usage(ctx, usage.Query{
		Source: usage.SourceKeys, From: at.Add(-overlap).Truncate(time.Minute), To: at.Truncate(time.Minute),
		DefaultWorkspaceID: a.defaultWorkspace(),
	})
	a.note("attribution", at, err)
	if err != nil {
		return err
	}
	return w.Store.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.PutMinutes(org.ID, answer.Minutes)
		return err
	})
}
