package web

import (
	"context"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/store"
)

// past is how far back events are listed.
const past = 24 * time.Hour

// Event is one change of an alert's state or severity.
type Event struct {
	At          time.Time `json:"at"`
	Fingerprint string    `json:"fingerprint"`
	// Alertname and the labels are those of the alert now; empty once it has been
	// pruned.
	Alertname string          `json:"alertname"`
	Labels    Labels          `json:"labels"`
	FromState string          `json:"from_state"`
	ToState   string          `json:"to_state"`
	From      string          `json:"from_severity"` // empty: none
	To        string          `json:"to_severity"`
	Value     evaluate.Number `json:"value"` // what the rule compared with its levels
}

// Events lists the changes of the last 24 hours, newest first, 500 at most.
func Events(ctx context.Context, st *store.Store, at time.Time) ([]Event, error) {
	out := []Event{}
	err := st.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Transitions(at.Add(-past), at.Add(time.Minute))
		for _, t := range slices.Backward(list[max(0, len(list)-newest):]) {
			out = append(out, Event{
				At: t.At, Fingerprint: string(t.Fingerprint), Alertname: t.Rule, Labels: labelsOf(t.Labels),
				FromState: string(t.FromState), ToState: string(t.ToState),
				From: string(t.From), To: string(t.To), Value: t.Value,
			})
		}
		return err
	})
	return out, err
}
