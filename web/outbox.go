package web

import (
	"context"
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
	NextAt       *time.Time `json:"next_at"` // of one that waits
	SentAt       *time.Time `json:"sent_at"`
	LastError    string     `json:"last_error"`
	Fingerprints []string   `json:"fingerprints"`
}

// Outbox lists the newest messages of the outbox, newest first, 500 at most.
func Outbox(ctx context.Context, st *store.Store) ([]OutboxMessage, error) {
	out := []OutboxMessage{}
	err := st.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Outbox(store.OutboxFilter{Limit: newest})
		for _, m := range list {
			row := OutboxMessage{
				ID: m.ID, Receiver: m.Receiver, Reason: string(m.Reason), State: string(m.State), Attempts: m.Attempts,
				SentAt: moment(m.SentAt), LastError: m.LastError, Fingerprints: []string{},
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
			out = append(out, row)
		}
		return err
	})
	return out, err
}
