package store

import (
	"database/sql"
	"fmt"
	"time"

	"alerter/evaluate"
)

// MessageState is where a message stands.
type MessageState string

// The states of a message. One whose attempt did not succeed is waiting.
const (
	MessageWaiting    MessageState = "waiting"
	MessageSent       MessageState = "sent"
	MessageDead       MessageState = "dead"
	MessageSuperseded MessageState = "superseded"
)

// Message is an outbox row as people see it.
type Message struct {
	ID           int64
	Key          string
	Receiver     string
	GroupKey     string
	Reason       evaluate.Reason
	System       bool
	State        MessageState
	SupersededBy int64 // 0: not superseded
	Attempts     int
	SendAt       time.Time
	NextAt       time.Time // not before this the next attempt; zero unless waiting
	NotAfter     time.Time
	StartedAt    time.Time // the newest attempt began; zero: none has
	SentAt       time.Time
	DeadAt       time.Time
	ReplayedAt   time.Time // somebody last had it sent again after it was given up; zero: nobody had
	LastError    string
	Body         []byte // JSON
	Fingerprints []evaluate.Fingerprint
}

// OutboxFilter narrows [Tx.Outbox]. Zero fields accept everything.
type OutboxFilter struct {
	State    MessageState
	Receiver string
	ID       int64
	Limit    int // 0: no limit
}

type messageRow struct {
	ID           int64           `db:"id"`
	Key          string          `db:"message_key"`
	Receiver     string          `db:"receiver"`
	GroupKey     string          `db:"group_key"`
	Reason       evaluate.Reason `db:"reason"`
	System       bool            `db:"system"`
	State        MessageState    `db:"state"`
	SupersededBy sql.NullInt64   `db:"superseded_by"`
	Attempts     int             `db:"attempts"`
	SendMS       int64           `db:"send_ms"`
	NextMS       int64           `db:"next_ms"`
	NotAfterMS   int64           `db:"not_after_ms"`
	StartedMS    sql.NullInt64   `db:"started_ms"`
	SentMS       sql.NullInt64   `db:"sent_ms"`
	DeadMS       sql.NullInt64   `db:"dead_ms"`
	ReplayedMS   sql.NullInt64   `db:"replayed_ms"`
	LastError    sql.NullString  `db:"last_error"`
	Body         string          `db:"body"`
}

// Outbox lists messages, newest first.
func (tx *Tx) Outbox(f OutboxFilter) ([]Message, error) {
	limit := f.Limit
	if limit == 0 {
		limit = forever
	}
	var rows []messageRow
	err := tx.list(&rows, `
		SELECT * FROM (
			SELECT id, message_key, receiver, group_key, reason, system, superseded_by, attempts,
				send_ms, MAX(next_ms, COALESCE((SELECT until_ms FROM receiver_rests r WHERE r.receiver = outbox.receiver), 0)) AS next_ms, not_after_ms, started_ms, sent_ms, dead_ms, replayed_ms, last_error, body,
				CASE WHEN sent_ms IS NOT NULL THEN 'sent' WHEN dead_ms IS NOT NULL THEN 'dead'
					WHEN superseded_by IS NOT NULL THEN 'superseded' ELSE 'waiting' END AS state
			FROM outbox) m
		WHERE (m.state = ? OR ? = '') AND (m.receiver = ? OR ? = '') AND (m.id = ? OR ? = 0)
		ORDER BY m.id DESC LIMIT ?`, f.State, f.State, f.Receiver, f.Receiver, f.ID, f.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("list the outbox: %w", err)
	}
	out := make([]Message, len(rows))
	for i := range rows {
		out[i] = fromMessageRow(&rows[i])
		err := tx.list(&out[i].Fingerprints, "SELECT DISTINCT fingerprint FROM outbox_alerts WHERE outbox_id = ? ORDER BY fingerprint", rows[i].ID)
		if err != nil {
			return nil, fmt.Errorf("list the alerts of message %d: %w", rows[i].ID, err)
		}
	}
	return out, nil
}

func fromMessageRow(r *messageRow) Message {
	m := Message{
		ID: r.ID, Key: r.Key, Receiver: r.Receiver, GroupKey: r.GroupKey, Reason: r.Reason, System: r.System,
		State: r.State, SupersededBy: r.SupersededBy.Int64, Attempts: r.Attempts,
		SendAt: fromMS(r.SendMS), NotAfter: fromMS(r.NotAfterMS), StartedAt: fromNullMS(r.StartedMS),
		SentAt: fromNullMS(r.SentMS), DeadAt: fromNullMS(r.DeadMS), ReplayedAt: fromNullMS(r.ReplayedMS), LastError: r.LastError.String, Body: []byte(r.Body),
	}
	if m.State == MessageWaiting {
		m.NextAt = fromMS(r.NextMS)
	}
	return m
}

// OutboxCounts says how many messages are in each state.
type OutboxCounts struct {
	Waiting, Sent, Dead, Superseded int
}

// OutboxCounts counts the messages that are stored; sent ones are pruned in time.
func (tx *Tx) OutboxCounts() (OutboxCounts, error) {
	var c OutboxCounts
	for _, q := range []struct {
		into  *int
		query string // each is answered by an index alone
	}{
		{&c.Waiting, "SELECT COUNT(*) FROM outbox WHERE sent_ms IS NULL AND dead_ms IS NULL AND superseded_by IS NULL"},
		{&c.Sent, "SELECT COUNT(*) FROM outbox WHERE sent_ms IS NOT NULL"},
		{&c.Dead, "SELECT COUNT(*) FROM outbox WHERE dead_ms IS NOT NULL"},
		{&c.Superseded, "SELECT COUNT(*) FROM outbox WHERE superseded_by IS NOT NULL"},
	} {
		if _, err := tx.get(q.into, q.query); err != nil {
			return c, fmt.Errorf("count the outbox: %w", err)
		}
	}
	return c, nil
}
