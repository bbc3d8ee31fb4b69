package store

import (
	"database/sql"
	"fmt"
	"time"

	"alerter/evaluate"
)

// Newest is the newest message of a card that was not given up: its episode and when
// it was to be sent at first. It reports false where there is none.
func (tx *Tx) Newest(receiver, groupKey string) (episode, sendAt time.Time, found bool, err error) {
	var row struct {
		EpisodeMS sql.NullInt64 `db:"episode_ms"`
		SendMS    int64         `db:"send_ms"`
	}
	found, err = tx.get(&row, `
		SELECT episode_ms, send_ms FROM outbox WHERE receiver = ? AND group_key = ? AND dead_ms IS NULL
		ORDER BY id DESC LIMIT 1`, receiver, groupKey)
	if err != nil {
		return episode, sendAt, false, fmt.Errorf("find the newest message %s for receiver %s: %w", groupKey, receiver, err)
	}
	return fromNullMS(row.EpisodeMS), fromMS(row.SendMS), found, nil
}

// Undelivered is what was given up in [from, to), by receiver.
func (tx *Tx) Undelivered(from, to time.Time) ([]evaluate.Undelivered, error) {
	var rows []struct {
		Receiver string         `db:"receiver"`
		Messages int            `db:"messages"`
		Problem  sql.NullString `db:"last_error"`
		NewestMS int64          `db:"newest_ms"`
	}
	// The error is that of the row with the newest time: https://www.sqlite.org/lang_select.html#bareagg
	err := tx.list(&rows, `
		SELECT receiver, COUNT(*) AS messages, last_error, MAX(dead_ms) AS newest_ms FROM outbox
		WHERE dead_ms >= ? AND dead_ms < ? GROUP BY receiver ORDER BY receiver`, toMS(from), toMS(to))
	if err != nil {
		return nil, fmt.Errorf("list what was given up: %w", err)
	}
	var out []evaluate.Undelivered
	for _, r := range rows {
		out = append(out, evaluate.Undelivered{Receiver: r.Receiver, Messages: r.Messages, Problem: r.Problem.String})
	}
	return out, nil
}

// Oldest is the start of the oldest minute in which a report has shown any row, of an
// organization; zero where there is none.
func (tx *Tx) Oldest(orgID string) (oldest time.Time, err error) {
	reports, err := tx.reports(orgID)
	if err != nil {
		return oldest, err
	}
	for _, r := range reports {
		var start sql.NullInt64
		if _, err := tx.get(&start, "SELECT MIN(start_ms) FROM minutes WHERE report = ?", r.ID); err != nil {
			return oldest, fmt.Errorf("find the oldest minute of organization %s, %s: %w", orgID, r.Source, err)
		}
		if t := fromNullMS(start); start.Valid && (oldest.IsZero() || t.Before(oldest)) {
			oldest = t
		}
	}
	return oldest, nil
}
