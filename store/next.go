package store

import (
	"database/sql"
	"fmt"
	"time"
)

// dueRows is which messages can be sent: of one receiver and group the earliest
// that is neither sent, dead nor superseded, once its time has come.
const dueRows = `
	o.sent_ms IS NULL AND o.dead_ms IS NULL AND o.superseded_by IS NULL AND o.next_ms <= ?
	AND NOT EXISTS (
		SELECT 1 FROM outbox e WHERE e.receiver = o.receiver AND e.group_key = o.group_key AND e.id < o.id
			AND e.sent_ms IS NULL AND e.dead_ms IS NULL AND e.superseded_by IS NULL)`

// DueReceivers names the receivers that have a message to be sent now.
func (tx *Tx) DueReceivers(at time.Time) ([]string, error) {
	var out []string
	err := tx.list(&out, "SELECT DISTINCT o.receiver FROM outbox o WHERE "+dueRows+" ORDER BY o.receiver", toMS(at))
	if err != nil {
		return nil, fmt.Errorf("list the receivers with messages: %w", err)
	}
	return out, nil
}

// OldestDue is since when the message that has been due for longest is due, and
// whether any is.
func (tx *Tx) OldestDue(at time.Time) (time.Time, bool, error) {
	var oldest sql.NullInt64
	_, err := tx.get(&oldest, "SELECT MIN(o.next_ms) FROM outbox o WHERE "+dueRows, toMS(at))
	if err != nil {
		return time.Time{}, false, fmt.Errorf("find the message that is due for longest: %w", err)
	}
	return fromNullMS(oldest), oldest.Valid, nil
}

// Next gives the message to send to the receiver now, longest due first, and
// whether there is one.
func (tx *Tx) Next(receiver string, at time.Time) (Delivery, bool, error) {
	var r deliveryRow
	found, err := tx.get(&r, `
		SELECT o.id, o.message_key, o.receiver, o.group_key, o.episode_ms, o.reason, o.system, o.body, o.attempts,
			o.send_ms, o.not_after_ms, o.last_error, c.receipt
		FROM outbox o LEFT JOIN cards c ON c.receiver = o.receiver AND c.group_key = o.group_key AND c.episode_ms = o.episode_ms
		WHERE `+dueRows+` AND o.receiver = ?
		ORDER BY o.next_ms, o.id LIMIT 1`, toMS(at), receiver)
	if err != nil {
		return Delivery{}, false, fmt.Errorf("find the next message for %s: %w", receiver, err)
	}
	if !found {
		return Delivery{}, false, nil
	}
	return fromDeliveryRow(r), true, nil
}
