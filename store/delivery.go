package store

import (
	"errors"
	"fmt"
	"time"

	"alerter/notify/route"
)

// Start notes that sending the messages begins: each has one more attempt. From
// here on they are not replaced or cancelled any more. One that has been sent or
// is dead meanwhile is left alone.
func (tx *Tx) Start(ids []int64, at time.Time) error {
	for _, id := range ids {
		if err := tx.start(id, toMS(at)); err != nil {
			return fmt.Errorf("start message %d: %w", id, err)
		}
	}
	return nil
}

func (tx *Tx) start(id, at int64) error {
	var attempt int
	found, err := tx.get(&attempt, `
		UPDATE outbox SET attempts = attempts + 1, unsure = unsure + 1, started_ms = ?
		WHERE id = ? AND sent_ms IS NULL AND dead_ms IS NULL RETURNING attempts`, at, id)
	if err != nil || !found {
		return err
	}
	// What is still open was under way when the service ended.
	_, err = tx.exec("UPDATE deliveries SET ended_ms = ?, outcome = 'interrupted' WHERE outbox_id = ? AND ended_ms IS NULL", at, id)
	if err != nil {
		return err
	}
	_, err = tx.exec("INSERT INTO deliveries (outbox_id, attempt, started_ms) VALUES (?, ?, ?)", id, attempt, at)
	return err
}

// Sent is a message that its receiver has accepted.
type Sent struct {
	ID      int64
	At      time.Time
	Receipt []byte // JSON, or empty where there is nothing to remember
	Anew    bool   // the receipt takes the place of the thread's first one
}

// MarkSent notes messages as sent. The first receipt of a thread (receiver,
// group and episode) is kept for the messages after it, until one begins it anew.
func (tx *Tx) MarkSent(sent []Sent) error {
	for _, s := range sent {
		if err := tx.markSent(s); err != nil {
			return fmt.Errorf("mark message %d as sent: %w", s.ID, err)
		}
	}
	return nil
}

func (tx *Tx) markSent(s Sent) error {
	at := toMS(s.At)
	ended, err := tx.end(s.ID, at, "sent", "")
	if err != nil || !ended {
		return err
	}
	if _, err := tx.exec("UPDATE outbox SET sent_ms = ?, last_error = NULL WHERE id = ?", at, s.ID); err != nil {
		return err
	}
	if len(s.Receipt) == 0 {
		return nil
	}
	_, err = tx.exec(`
		INSERT INTO cards (receiver, group_key, episode_ms, receipt, put_ms)
		SELECT receiver, group_key, episode_ms, ?, ? FROM outbox WHERE id = ? AND episode_ms IS NOT NULL
		ON CONFLICT (receiver, group_key, episode_ms) DO UPDATE SET receipt = excluded.receipt, put_ms = excluded.put_ms WHERE ?`,
		string(s.Receipt), at, s.ID, s.Anew)
	return err
}

// Failure is an attempt that did not succeed.
type Failure struct {
	ID      int64
	At      time.Time
	NextAt  time.Time // when to try again
	Problem string
	// Refused: the receiver has surely not taken the message in.
	Refused bool
	// RestUntil is until when the receiver wants to be left alone, with all
	// messages; zero: it does not say.
	RestUntil time.Time
}

// MarkFailed notes that an attempt did not succeed, why, and when to try again;
// what waits behind it on its card waits for that too. A message that is decided
// later gives its card another turn at its own time.
func (tx *Tx) MarkFailed(f Failure) error {
	if err := tx.markFailed(f); err != nil {
		return fmt.Errorf("mark message %d as failed: %w", f.ID, err)
	}
	return nil
}

func (tx *Tx) markFailed(f Failure) error {
	ended, err := tx.end(f.ID, toMS(f.At), "failed", f.Problem)
	if err != nil || !ended {
		return err
	}
	_, err = tx.exec("UPDATE outbox SET next_ms = ?, last_error = ?, unsure = unsure - ? WHERE id = ?", toMS(f.NextAt), f.Problem, f.Refused, f.ID)
	if err != nil {
		return err
	}
	if err := tx.holdBack(f); err != nil || f.RestUntil.IsZero() {
		return err
	}
	_, err = tx.exec(`
		INSERT INTO receiver_rests (receiver, until_ms) SELECT receiver, ? FROM outbox WHERE id = ?
		ON CONFLICT (receiver) DO UPDATE SET until_ms = excluded.until_ms`, toMS(f.RestUntil), f.ID)
	return err
}

// holdBack lets what waits behind a message that failed call for its turn at once
// only if it is new. Behind one that tells of several cards wait all cards' alerts
// and updates.
func (tx *Tx) holdBack(f Failure) error {
	_, err := tx.exec(`
		UPDATE outbox AS o SET next_ms = MAX(o.next_ms, f.next_ms) FROM outbox f
		WHERE f.id = ? AND o.receiver = f.receiver AND `+unsentRows+` AND (o.group_key = f.group_key AND o.id > f.id
			OR f.group_key = ? AND o.send_ms <= ? AND (o.reason = ? OR `+alertRows+`))`,
		f.ID, route.SummaryKey, toMS(f.At), route.ReasonUpdate)
	return err
}

// MarkDead gives a message up, and says why. It needs no attempt before.
func (tx *Tx) MarkDead(id int64, at time.Time, problem string) error {
	ended, err := tx.end(id, toMS(at), "dead", problem)
	if err == nil && ended {
		_, err = tx.exec("UPDATE outbox SET dead_ms = ?, last_error = ? WHERE id = ?", toMS(at), problem, id)
	}
	if err != nil {
		return fmt.Errorf("mark message %d as dead: %w", id, err)
	}
	return nil
}

// end closes the attempt under way. It reports false for a message that has been
// sent or given up before: then nothing more is to be noted.
func (tx *Tx) end(id, at int64, outcome, problem string) (bool, error) {
	var isOver bool
	found, err := tx.get(&isOver, "SELECT sent_ms IS NOT NULL OR dead_ms IS NOT NULL FROM outbox WHERE id = ?", id)
	if err != nil {
		return false, err
	}
	if !found {
		return false, errors.New("the outbox has no such message")
	}
	if isOver {
		return false, nil
	}
	_, err = tx.exec("UPDATE deliveries SET ended_ms = ?, outcome = ?, error = NULLIF(?, '') WHERE outbox_id = ? AND ended_ms IS NULL",
		at, outcome, problem, id)
	return err == nil, err
}
