package store

import (
	"database/sql"
	"fmt"
	"time"

	"alerter/evaluate"
)

// Row is a message to be sent: one message for one receiver and group.
type Row struct {
	Key      string // with Receiver: the same message has the same key
	Receiver string
	GroupKey string // what one receiver hears of one group, it hears in order
	Episode  time.Time
	Reason   evaluate.Reason
	Body     []byte // JSON
	SendAt   time.Time
	NotAfter time.Time // useless after this
	System   bool      // about the service itself
	Unsure   int       // as in [Delivery]; 0 but for one that takes the place of others
	Alerts   []RowAlert
}

// RowAlert is an alert that a message is about.
type RowAlert struct {
	Fingerprint evaluate.Fingerprint
	FiredAt     time.Time // its episode
	Reason      evaluate.Reason
}

// Enqueue adds messages to the outbox. A key that the receiver has already is
// the same message: while nobody has begun to send it, it is replaced, and after
// that it is left alone.
func (tx *Tx) Enqueue(rows []Row) error {
	for i := range rows {
		if err := tx.enqueue(&rows[i]); err != nil {
			return fmt.Errorf("enqueue message %s for receiver %s: %w", rows[i].Key, rows[i].Receiver, err)
		}
	}
	return nil
}

func (tx *Tx) enqueue(r *Row) error {
	changed, err := tx.exec(`
		INSERT INTO outbox (message_key, receiver, group_key, episode_ms, reason, system, body, unsure, send_ms, next_ms, not_after_ms)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (message_key, receiver) DO UPDATE SET
			group_key = excluded.group_key, episode_ms = excluded.episode_ms, reason = excluded.reason, system = excluded.system,
			body = excluded.body, send_ms = excluded.send_ms, next_ms = excluded.next_ms, not_after_ms = excluded.not_after_ms
		WHERE outbox.started_ms IS NULL AND outbox.dead_ms IS NULL AND outbox.superseded_by IS NULL`,
		r.Key, r.Receiver, r.GroupKey, toNullMS(r.Episode), r.Reason, r.System, string(r.Body), r.Unsure,
		toMS(r.SendAt), toMS(r.SendAt), toMS(r.NotAfter))
	if err != nil || changed == 0 {
		return err
	}
	var id int64
	if _, err := tx.get(&id, "SELECT id FROM outbox WHERE message_key = ? AND receiver = ?", r.Key, r.Receiver); err != nil {
		return err
	}
	return tx.putRowAlerts(id, r.Alerts)
}

// putRowAlerts says what the message is about, in place of what was said before.
func (tx *Tx) putRowAlerts(id int64, alerts []RowAlert) error {
	if _, err := tx.exec("DELETE FROM outbox_alerts WHERE outbox_id = ?", id); err != nil {
		return err
	}
	for _, a := range alerts {
		_, err := tx.exec(`
			INSERT INTO outbox_alerts (outbox_id, fingerprint, fired_ms, reason) VALUES (?, ?, ?, ?)
			ON CONFLICT (outbox_id, fingerprint, fired_ms) DO UPDATE SET reason = excluded.reason`,
			id, a.Fingerprint, toMS(a.FiredAt), a.Reason)
		if err != nil {
			return fmt.Errorf("alert %s: %w", a.Fingerprint, err)
		}
	}
	return nil
}

// Cancel takes waiting messages back. One that somebody has begun to send stays,
// and so does one that was sent or given up.
func (tx *Tx) Cancel(keys []string) error {
	for _, key := range keys {
		_, err := tx.exec("DELETE FROM outbox WHERE message_key = ? AND started_ms IS NULL AND sent_ms IS NULL AND dead_ms IS NULL", key)
		if err != nil {
			return fmt.Errorf("cancel message %s: %w", key, err)
		}
	}
	return nil
}

// Drop removes a message that nobody misses.
func (tx *Tx) Drop(id int64) error {
	if _, err := tx.exec("DELETE FROM outbox WHERE id = ?", id); err != nil {
		return fmt.Errorf("drop message %d: %w", id, err)
	}
	return nil
}

// Delivery is a message whose time has come.
type Delivery struct {
	ID       int64
	Key      string
	Receiver string
	GroupKey string
	Episode  time.Time
	Reason   evaluate.Reason
	System   bool
	Body     []byte // JSON
	Attempts int    // made so far
	// Unsure is after how many of them, and of those of messages that it superseded,
	// the receiver may have it though it did not say so.
	Unsure   int
	SendAt   time.Time
	NotAfter time.Time
	// ReplayedAt is when somebody last had it sent again after it was given up;
	// zero: nobody had.
	ReplayedAt time.Time
	// FailingSince is since when people are told that its receiver takes no messages;
	// zero: they are not, or the message is about one card, for which nobody asks.
	FailingSince time.Time
	// LastError is why the newest attempt did not succeed; empty before the first.
	LastError string
	Receipt   []byte // JSON: what the first message of this thread was answered; nil where there is none
}

type deliveryRow struct {
	ID         int64           `db:"id"`
	Key        string          `db:"message_key"`
	Receiver   string          `db:"receiver"`
	GroupKey   string          `db:"group_key"`
	EpisodeMS  sql.NullInt64   `db:"episode_ms"`
	Reason     evaluate.Reason `db:"reason"`
	System     bool            `db:"system"`
	Body       string          `db:"body"`
	Attempts   int             `db:"attempts"`
	Unsure     int             `db:"unsure"`
	SendMS     int64           `db:"send_ms"`
	NotAfterMS int64           `db:"not_after_ms"`
	ReplayedMS sql.NullInt64   `db:"replayed_ms"`
	LastError  sql.NullString  `db:"last_error"`
	Receipt    sql.NullString  `db:"receipt"`
}

func fromDeliveryRow(r *deliveryRow) Delivery {
	d := Delivery{
		ID: r.ID, Key: r.Key, Receiver: r.Receiver, GroupKey: r.GroupKey, Episode: fromNullMS(r.EpisodeMS),
		Reason: r.Reason, System: r.System, Body: []byte(r.Body), Attempts: r.Attempts, Unsure: r.Unsure,
		ReplayedAt: fromNullMS(r.ReplayedMS),
		SendAt:     fromMS(r.SendMS), NotAfter: fromMS(r.NotAfterMS), LastError: r.LastError.String,
	}
	if r.Receipt.Valid {
		d.Receipt = []byte(r.Receipt.String)
	}
	return d
}
