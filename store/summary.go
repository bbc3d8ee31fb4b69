package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"alerter/notify/route"
	"alerter/usage"
)

// alertRows is which messages tell of alerts: no digests, no updates of cards, and
// nothing about the service itself.
const alertRows = "o.system = 0 AND EXISTS (SELECT 1 FROM outbox_alerts a WHERE a.outbox_id = o.id)"

// Crowd is what waits for a receiver.
type Crowd struct {
	// Cards is how many cards have messages about alerts whose time has come, tried
	// or not.
	Cards int
	// Summary: one of them tells of several cards, see [Tx.Summarize].
	Summary bool
	// FailingSince is since when people are told that the receiver takes no messages;
	// zero: they are not.
	FailingSince time.Time
}

// Crowd says how much waits for a receiver.
func (tx *Tx) Crowd(receiver string, at time.Time) (Crowd, error) {
	var row struct {
		Cards     int           `db:"cards"`
		Summaries int           `db:"summaries"`
		FailingMS sql.NullInt64 `db:"failing_ms"`
	}
	_, err := tx.get(&row, `
		SELECT COUNT(DISTINCT o.group_key) AS cards, COUNT(CASE WHEN o.group_key = ? THEN 1 END) AS summaries,
			(SELECT t.since_ms FROM troubles t WHERE t.name = ? AND t.organization = '' AND t.subject = ? AND t.until_ms IS NULL) AS failing_ms
		FROM outbox o WHERE `+unsentRows+" AND o.receiver = ? AND o.send_ms <= ? AND "+alertRows,
		route.SummaryKey, usage.DeliveryFailing, receiver, receiver, toMS(at))
	if err != nil {
		return Crowd{}, fmt.Errorf("count the cards that wait for %s: %w", receiver, err)
	}
	return Crowd{Cards: row.Cards, Summary: row.Summaries > 0, FailingSince: fromNullMS(row.FailingMS)}, nil
}

// Backlog gives all messages that are still to be sent of the cards that
// [Tx.Crowd] counts, in the order in which what they say was decided: what a
// summary says is older than what it left waiting.
func (tx *Tx) Backlog(receiver string, at time.Time) ([]Delivery, error) {
	return tx.deliveries(receiver, `o.system = 0 AND o.group_key IN (
			SELECT o.group_key FROM outbox o WHERE `+unsentRows+" AND o.receiver = ? AND o.send_ms <= ? AND "+alertRows+`)
		ORDER BY o.group_key <> ?, o.id`, receiver, toMS(at), route.SummaryKey)
}

// Summarize enqueues a message in the place of some of several cards, which are not
// sent any more, and returns it. Its Unsure counts theirs.
func (tx *Tx) Summarize(earlier []Delivery, by Row) (*Delivery, error) {
	for i := range earlier {
		by.Unsure += earlier[i].Unsure
	}
	if err := tx.Enqueue([]Row{by}); err != nil {
		return nil, err
	}
	list, err := tx.deliveries(by.Receiver, "o.group_key = ? AND o.message_key = ?", by.GroupKey, by.Key)
	if err == nil && len(list) == 0 {
		err = errors.New("there was one of its key")
	}
	if err == nil {
		err = tx.supersededBy(earlier, list[0].ID)
	}
	if err != nil {
		return nil, fmt.Errorf("put message %s in the place of others: %w", by.Key, err)
	}
	return &list[0], nil
}

// supersededBy notes that the message says what earlier ones do, which are not sent
// any more.
func (tx *Tx) supersededBy(earlier []Delivery, by int64) error {
	for i := range earlier {
		if _, err := tx.exec("UPDATE outbox SET superseded_by = ? WHERE id = ?", by, earlier[i].ID); err != nil {
			return err
		}
	}
	return nil
}
