package web

import (
	"context"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
)

// past is how far back events are listed.
const past = 24 * time.Hour

// Event is one change of an alert's state or severity, what a person did, or what a
// receiver was not told.
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
	Deed  string `json:"deed,omitempty"`  // silence_added, acknowledged, …
	Actor string `json:"actor,omitempty"` // who
	// Of what a receiver was not told, in place of the states, severities and the value.
	Withheld string `json:"withheld,omitempty"` // why: silence, mute_time_interval, …
	Receiver string `json:"receiver,omitempty"`
	Detail   string `json:"detail,omitempty"` // of either, for people
}

// Events lists what happened in the last 24 hours, newest first, 500 at most. That info
// is not sent is left out: there may be as much of it as there are limits.
func Events(ctx context.Context, st *store.Store, at time.Time) ([]Event, error) {
	out := []Event{}
	err := st.View(ctx, func(tx *store.Tx) error {
		for _, read := range []func(*store.Tx, time.Time) ([]Event, error){changes, deeds, withheld} {
			events, err := read(tx, at)
			if err != nil {
				return err
			}
			out = append(out, events...)
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b Event) int { return b.At.Compare(a.At) })
	return out[:min(len(out), newest)], err
}

func changes(tx *store.Tx, at time.Time) (events []Event, err error) {
	list, err := tx.Transitions(at.Add(-past), at.Add(time.Minute))
	for _, t := range slices.Backward(list[max(0, len(list)-newest):]) {
		events = append(events, Event{
			At: t.At, Fingerprint: string(t.Fingerprint), Alertname: t.Rule, Labels: labelsOf(t.Labels),
			FromState: string(t.FromState), ToState: string(t.ToState),
			From: string(t.From), To: string(t.To), Value: t.Value,
		})
	}
	return events, err
}

func deeds(tx *store.Tx, at time.Time) (events []Event, err error) {
	list, err := tx.Deeds(at.Add(-past), at.Add(time.Minute))
	for _, d := range list {
		e := Event{At: d.At, Deed: d.Deed, Actor: d.Actor, Detail: d.Detail, Value: evaluate.Unknown()}
		if d.Deed == store.DeedAcknowledged {
			e.Fingerprint = d.Subject
		}
		events = append(events, e)
	}
	return events, err
}

func withheld(tx *store.Tx, at time.Time) (events []Event, err error) {
	list, err := tx.Withheld(store.WithheldFilter{Since: at.Add(-past), But: route.SuppressedInfo, Limit: newest})
	for _, w := range list {
		events = append(events, Event{
			At: w.At, Fingerprint: string(w.Fingerprint), Alertname: w.Rule, Labels: labelsOf(w.Labels),
			Withheld: w.Reason, Receiver: w.Receiver, Detail: withheldWords(w), Value: evaluate.Unknown(),
		})
	}
	return events, err
}
