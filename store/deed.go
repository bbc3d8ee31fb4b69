package store

import (
	"fmt"
	"time"
)

// What people do to alerts. The list is closed.
const (
	DeedSilenceAdded   = "silence_added"
	DeedSilenceChanged = "silence_changed"
	DeedSilenceExpired = "silence_expired"
	DeedAcknowledged   = "acknowledged"
)

// Deed is what a person did to alerts, and when.
type Deed struct {
	At      time.Time
	Actor   string
	Deed    string // one of the Deed constants
	Subject string // a silence's id, an alert's fingerprint
	Detail  string // for people
}

type deedRow struct {
	AtMS    int64  `db:"at_ms"`
	Actor   string `db:"actor"`
	Deed    string `db:"deed"`
	Subject string `db:"subject"`
	Detail  string `db:"detail"`
}

func (tx *Tx) putDeed(d Deed) error {
	_, err := tx.exec("INSERT INTO deeds (at_ms, actor, deed, subject, detail) VALUES (?, ?, ?, ?, ?)", toMS(d.At), d.Actor, d.Deed, d.Subject, d.Detail)
	if err != nil {
		return fmt.Errorf("note that %s was %s: %w", d.Subject, d.Deed, err)
	}
	return nil
}

// Deeds lists what people did in [from, to), oldest first.
func (tx *Tx) Deeds(from, to time.Time) ([]Deed, error) {
	var rows []deedRow
	if err := tx.list(&rows, "SELECT at_ms, actor, deed, subject, detail FROM deeds WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms, id", toMS(from), toMS(to)); err != nil {
		return nil, fmt.Errorf("list what people did: %w", err)
	}
	list := make([]Deed, len(rows))
	for i, r := range rows {
		list[i] = Deed{At: fromMS(r.AtMS), Actor: r.Actor, Deed: r.Deed, Subject: r.Subject, Detail: r.Detail}
	}
	return list, nil
}
