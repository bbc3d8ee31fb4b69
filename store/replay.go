package store

import (
	"fmt"
	"time"

	"alerter/evaluate"
)

// Refusal is why a message that was given up is not sent again. The list is closed.
type Refusal string

// Why a message is not sent again.
const (
	ReplayUnknown  Refusal = "unknown"  // there is no such message
	ReplayNotDead  Refusal = "not_dead" // it was not given up
	ReplayOutdated Refusal = "outdated" // there is nothing left in it to tell, see [Tx.Outdated]
)

// Replayed is what came of sending a message again.
type Replayed struct {
	ID       int64
	Receiver string
	State    MessageState // as it is now
	Refused  Refusal      // empty: it waits to be sent
}

// Replay lets messages that were given up be sent again, from at on and for as long
// as they were worth sending at first; no ids are all that were given up, oldest
// first. They keep their keys, by which receivers throw repeats away.
func (tx *Tx) Replay(ids []int64, at time.Time) ([]Replayed, error) {
	if len(ids) == 0 {
		if err := tx.list(&ids, "SELECT id FROM outbox WHERE dead_ms IS NOT NULL ORDER BY id"); err != nil {
			return nil, fmt.Errorf("list the messages that were given up: %w", err)
		}
	}
	out := make([]Replayed, 0, len(ids))
	for _, id := range ids {
		r, err := tx.replay(id, toMS(at))
		if err != nil {
			return nil, fmt.Errorf("send message %d again: %w", id, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func (tx *Tx) replay(id, at int64) (Replayed, error) {
	list, err := tx.Outbox(OutboxFilter{ID: id, Limit: 1})
	if err != nil || len(list) == 0 {
		return Replayed{ID: id, Refused: ReplayUnknown}, err
	}
	r := Replayed{ID: id, Receiver: list[0].Receiver, State: list[0].State}
	if r.State != MessageDead {
		r.Refused = ReplayNotDead
		return r, nil
	}
	outdated, err := tx.Outdated(id)
	if err != nil {
		return r, err
	}
	if n := len(outdated); n > 0 && n == len(list[0].Fingerprints) {
		r.Refused = ReplayOutdated
		return r, nil
	}
	r.State = MessageWaiting
	_, err = tx.exec(`
		UPDATE outbox SET dead_ms = NULL, replayed_ms = ?, send_ms = ?, next_ms = ?, not_after_ms = ? + not_after_ms - send_ms WHERE id = ?`,
		at, at, at, at, id)
	return r, err
}

// Outdated lists the alerts of a message that its receiver must not hear of from it
// any more: it was sent something newer of them, or the message says that they
// fire, and they do not.
func (tx *Tx) Outdated(id int64) ([]evaluate.Fingerprint, error) {
	var out []evaluate.Fingerprint
	// What was over as soon as it began, such as a changed limit, stays news.
	err := tx.list(&out, `
		SELECT DISTINCT a.fingerprint FROM outbox_alerts a JOIN outbox o ON o.id = a.outbox_id
		WHERE a.outbox_id = ? AND (
			EXISTS (SELECT 1 FROM outbox n JOIN outbox_alerts b ON b.outbox_id = n.id
				WHERE n.receiver = o.receiver AND (n.id > o.id OR b.fired_ms > a.fired_ms) AND n.sent_ms IS NOT NULL AND b.fingerprint = a.fingerprint)
			OR a.reason NOT IN ('resolved', 'withdrawn') AND EXISTS (SELECT 1 FROM alerts l WHERE l.fingerprint = a.fingerprint
				AND (l.fired_ms > a.fired_ms OR l.fired_ms = a.fired_ms AND l.state <> 'firing' AND l.resolved_ms > l.fired_ms)))
		ORDER BY a.fingerprint`, id)
	if err != nil {
		return nil, fmt.Errorf("list what is outdated of message %d: %w", id, err)
	}
	return out, nil
}
