package web

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"alerter/store"
)

// OutboxMessage is one message of the outbox, without its text.
type OutboxMessage struct {
	ID           int64      `json:"id"`
	Receiver     string     `json:"receiver"`
	Reason       string     `json:"reason"`
	State        string     `json:"state"` // waiting, sent, dead or superseded
	SupersededBy *int64     `json:"superseded_by"`
	Attempts     int        `json:"attempts"`
	NextAt       *time.Time `json:"next_at"`  // of one that waits
	TriedAt      *time.Time `json:"tried_at"` // the newest attempt began
	SentAt       *time.Time `json:"sent_at"`
	DeadAt       *time.Time `json:"dead_at"`     // it was given up
	ReplayedAt   *time.Time `json:"replayed_at"` // somebody had it sent again
	LastError    string     `json:"last_error"`
	Fingerprints []string   `json:"fingerprints"`
	// Alertnames are those of the alerts it is about, each once, gravest first;
	// GroupLabels are the labels they have in common.
	Alertnames  []string          `json:"alertnames"`
	GroupLabels map[string]string `json:"group_labels"`
	Groups      int               `json:"groups"` // of how many groups they are; more than one in a summary
}

// about is what a stored message tells of its alerts.
type about struct {
	GroupLabels map[string]string `json:"group_labels"`
	Items       []struct {
		GroupKey string `json:"group_key"` // in a summary
		Alert    struct {
			Labels map[string]string `json:"labels"`
		} `json:"alert"`
	} `json:"items"`
}

// Outbox lists the newest messages of the outbox, newest first, 500 at most.
func Outbox(ctx context.Context, st *store.Store) ([]OutboxMessage, error) {
	out := []OutboxMessage{}
	err := st.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Outbox(store.OutboxFilter{Limit: newest})
		for _, m := range list {
			out = append(out, outboxMessage(m))
		}
		return err
	})
	return out, err
}

func outboxMessage(m store.Message) OutboxMessage {
	row := OutboxMessage{
		ID: m.ID, Receiver: m.Receiver, Reason: string(m.Reason), State: string(m.State), Attempts: m.Attempts,
		TriedAt: moment(m.StartedAt), SentAt: moment(m.SentAt), DeadAt: moment(m.DeadAt), ReplayedAt: moment(m.ReplayedAt), LastError: m.LastError,
		Fingerprints: []string{}, Alertnames: []string{}, GroupLabels: map[string]string{},
	}
	for _, f := range m.Fingerprints {
		row.Fingerprints = append(row.Fingerprints, string(f))
	}
	if m.SupersededBy != 0 {
		row.SupersededBy = &m.SupersededBy
	}
	if m.State == store.MessageWaiting {
		row.NextAt = moment(m.NextAt)
	}
	var a about
	if json.Unmarshal(m.Body, &a) != nil { // a message that cannot be read is listed, too
		return row
	}
	maps.Copy(row.GroupLabels, a.GroupLabels)
	groups := map[string]bool{}
	for _, item := range a.Items {
		groups[item.GroupKey] = true
		if name := item.Alert.Labels["alertname"]; !slices.Contains(row.Alertnames, name) {
			row.Alertnames = append(row.Alertnames, name)
		}
	}
	row.Groups = len(groups)
	return row
}
