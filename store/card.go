package store

import (
	"fmt"
	"time"

	"alerter/notify/route"
)

// Card is one thread of messages: of which group of alerts, and which of its runs.
type Card struct {
	Group   route.GroupRef
	Episode time.Time
}

// CardOf finds the thread whose first message was answered with that receipt,
// and whether there is one.
func (tx *Tx) CardOf(receipt []byte) (Card, bool, error) {
	var row struct {
		Receiver  string `db:"receiver"`
		GroupKey  string `db:"group_key"`
		EpisodeMS int64  `db:"episode_ms"`
	}
	found, err := tx.get(&row, "SELECT receiver, group_key, episode_ms FROM cards WHERE receipt = ?", string(receipt))
	if err != nil {
		return Card{}, false, fmt.Errorf("find the thread of a receipt: %w", err)
	}
	if !found {
		return Card{}, false, nil
	}
	return Card{Group: route.GroupRef{Receiver: row.Receiver, Key: row.GroupKey}, Episode: fromMS(row.EpisodeMS)}, true, nil
}
