package store

import (
	"database/sql"
	"fmt"
	"time"
)

// unsentRows is which messages are still to be sent, under way or not.
const unsentRows = "o.sent_ms IS NULL AND o.dead_ms IS NULL AND o.superseded_by IS NULL"

// dueRows is which messages call for their card's turn: those whose time has come,
// unless their receiver wants to be left alone. It takes that moment three times.
// A message past its time is due whatever its receiver wants: it is given up.
const dueRows = unsentRows + ` AND o.next_ms <= ?
	AND (o.not_after_ms < ? OR NOT EXISTS (SELECT 1 FROM receiver_rests r WHERE r.receiver = o.receiver AND r.until_ms > ?))`

// DueReceivers names the receivers that have a message to be sent now.
func (tx *Tx) DueReceivers(at time.Time) ([]string, error) {
	var out []string
	ms := toMS(at)
	err := tx.list(&out, "SELECT DISTINCT o.receiver FROM outbox o WHERE "+dueRows+" ORDER BY o.receiver", ms, ms, ms)
	if err != nil {
		return nil, fmt.Errorf("list the receivers with messages: %w", err)
	}
	return out, nil
}

// OldestDue is since when the message that has been due for longest is due, and
// whether any is.
func (tx *Tx) OldestDue(at time.Time) (time.Time, bool, error) {
	var oldest sql.NullInt64
	ms := toMS(at)
	_, err := tx.get(&oldest, "SELECT MIN(o.next_ms) FROM outbox o WHERE "+dueRows, ms, ms, ms)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("find the message that is due for longest: %w", err)
	}
	return fromNullMS(oldest), oldest.Valid, nil
}

// Next gives the card (receiver and group) whose turn it is: all its messages that
// are still to be sent, in the order in which they were decided; none where
// nothing is due. The turn is that of the message that has been due for longest,
// whichever of the card's it is. What is to be sent goes in this order: the first
// one, or one in place of the first few, see [Tx.Supersede].
func (tx *Tx) Next(receiver string, at time.Time) ([]Delivery, error) {
	var group string
	ms := toMS(at)
	found, err := tx.get(&group, "SELECT o.group_key FROM outbox o WHERE "+dueRows+" AND o.receiver = ? ORDER BY o.next_ms, o.id LIMIT 1",
		ms, ms, ms, receiver)
	if err != nil {
		return nil, fmt.Errorf("find the next message for %s: %w", receiver, err)
	}
	if !found {
		return nil, nil
	}
	return tx.deliveries(receiver, "o.group_key = ? ORDER BY o.id", group)
}

// deliveries lists messages for a receiver that are still to be sent, as the rest of
// the query says.
func (tx *Tx) deliveries(receiver, rest string, args ...any) ([]Delivery, error) {
	var rows []deliveryRow
	err := tx.list(&rows, `
		SELECT o.id, o.message_key, o.receiver, o.group_key, o.episode_ms, o.reason, o.system, o.body, o.attempts, o.unsure,
			o.send_ms, o.not_after_ms, o.last_error, o.replayed_ms, c.receipt
		FROM outbox o LEFT JOIN cards c ON c.receiver = o.receiver AND c.group_key = o.group_key AND c.episode_ms = o.episode_ms
		WHERE `+unsentRows+" AND o.receiver = ? AND "+rest, append([]any{receiver}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("list the messages for %s: %w", receiver, err)
	}
	out := make([]Delivery, len(rows))
	for i := range rows {
		out[i] = fromDeliveryRow(&rows[i])
	}
	return out, nil
}

// EndRests lets every receiver be sent to again, whatever it asked for.
func (tx *Tx) EndRests() error {
	if _, err := tx.exec("DELETE FROM receiver_rests"); err != nil {
		return fmt.Errorf("end the rests of receivers: %w", err)
	}
	return nil
}

// Hasten lets everything that was put off since its receiver failed be sent now.
func (tx *Tx) Hasten(receiver string, at time.Time) error {
	_, err := tx.exec(`
		UPDATE outbox AS o SET next_ms = MAX(o.send_ms, ?) WHERE o.receiver = ? AND o.next_ms > MAX(o.send_ms, ?) AND `+unsentRows,
		toMS(at), receiver, toMS(at))
	if err != nil {
		return fmt.Errorf("send to %s what was put off: %w", receiver, err)
	}
	return nil
}
