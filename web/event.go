package web

import (
	"context"
	"math"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/store"
)

// past is how far back events are listed.
const past = 24 * time.Hour

// Event is one change of an alert's state or severity, or what a person did.
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
	// Of what a person did, in place of the above but for At and, of an
	// acknowledgement, Fingerprint.
	Deed   string `json:"deed,omitempty"`   // silence_added, acknowledged, …
	Actor  string `json:"actor,omitempty"`  // who
	Detail string `json:"detail,omitempty"` // for people
}

// Events lists what happened in the last 24 hours, newest first, 500 at most.
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
		if err != nil {
			return err
		}
		deeds, err := tx.Deeds(at.Add(-past), at.Add(time.Minute))
		for _, d := range deeds {
			e := Event{At: d.At, Deed: d.Deed, Actor: d.Actor, Detail: d.Detail, Value: evaluate.Number(math.NaN())}
			if d.Deed == store.DeedAcknowledged {
				e.Fingerprint = d.Subject
			}
			out = append(out, e)
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b Event) int { return b.At.Compare(a.At) })
	return out[:min(len(out), newest)], err
}
