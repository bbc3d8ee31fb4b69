package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"alerter/notify"
	"alerter/store"
)

// merge puts the first of a card's messages that are still to be sent into one,
// as many as can be told as one, and returns that. The others are superseded by it.
func merge(tx *store.Tx, list []store.Delivery, at time.Time) (*store.Delivery, error) {
	var unsent []notify.Unsent
	for i := range list {
		d := &list[i]
		m, err := message(d)
		if err != nil {
			break // it is told, or dies, by itself
		}
		if i > 0 && d.Attempts > 0 {
			break // sent again by hand: its id stands for what it says already
		}
		unsent = append(unsent, notify.Unsent{Message: m, MayBeHeard: d.Unsure > 0})
	}
	if len(unsent) < 2 {
		return &list[0], nil
	}
	m, n := notify.Merge(unsent)
	next := &list[n-1]
	if n == 1 {
		return next, nil
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("write message %s down: %w", next.Key, err)
	}
	next.Body, next.Reason = body, m.Reason
	for _, d := range list[:n-1] {
		if d.NotAfter.After(next.NotAfter) {
			next.NotAfter = d.NotAfter
		}
	}
	return next, tx.Supersede(list[:n-1], next, about(m), at)
}

// about are the alerts that a message is about.
func about(m notify.Message) []store.RowAlert {
	alerts := make([]store.RowAlert, 0, len(m.Items))
	for _, it := range m.Items {
		a := store.RowAlert{Fingerprint: it.Alert.Fingerprint, Reason: it.Reason}
		if it.Alert.FiredAt != nil {
			a.FiredAt = *it.Alert.FiredAt
		}
		alerts = append(alerts, a)
	}
	return alerts
}

// upToDate leaves out of messages that somebody has sent again what is over, or was
// told, since they were given up. Where nothing is left they are given up again.
func upToDate(tx *store.Tx, list []store.Delivery, at time.Time) (empty []burial, err error) {
	for i := range list {
		d := &list[i]
		if d.ReplayedAt.IsZero() {
			continue
		}
		outdated, err := tx.Outdated(d.ID)
		if err != nil {
			return nil, err
		}
		m, err := message(d)
		if err != nil || len(outdated) == 0 {
			continue // one that cannot be read dies by itself
		}
		less, some := m.Without(outdated)
		if !some {
			empty = append(empty, burial{of: *d, at: at, cause: errors.New("what it says is over, or was told, since it was given up")})
			continue
		}
		if d.Body, err = json.Marshal(less); err != nil {
			return nil, fmt.Errorf("write message %s down: %w", d.Key, err)
		}
		d.Reason = less.Reason
	}
	return empty, nil
}
