package store

import (
	"errors"
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
)

// ErrNotFiring is for an alert that cannot be acknowledged: it does not fire.
var ErrNotFiring = errors.New("no such alert is firing")

type ackRow struct {
	Fingerprint evaluate.Fingerprint `db:"fingerprint"`
	FiredMS     int64                `db:"fired_ms"`
	AtMS        int64                `db:"at_ms"`
	By          string               `db:"by_whom"`
	Worst       evaluate.Severity    `db:"worst"`
}

// Acknowledge notes that somebody takes on what an alert's episode has come to,
// and returns that. It is nothing new where one of theirs holds already. One that
// does not fire is [ErrNotFiring].
func (tx *Tx) Acknowledge(print evaluate.Fingerprint, by string, at time.Time) (route.Ack, error) {
	list, err := tx.alertsWhere("SELECT "+alertColumns+" FROM alerts WHERE fingerprint = ? AND state = 'firing'", print)
	if err != nil {
		return route.Ack{}, err
	}
	if len(list) == 0 {
		return route.Ack{}, fmt.Errorf("acknowledge %s: %w", print, ErrNotFiring)
	}
	a := list[0]
	had, err := tx.acksWhere(selectAcks+" WHERE fingerprint = ? AND fired_ms = ? AND by_whom = ?", print, toMS(a.FiredAt), by)
	if err != nil {
		return route.Ack{}, err
	}
	for _, k := range had {
		if k.Holds(a) {
			return k, nil
		}
	}
	k := route.Ack{Fingerprint: print, FiredAt: a.FiredAt, Worst: a.Worst, At: at.UTC(), By: by}
	_, err = tx.exec(`INSERT INTO acknowledgements (fingerprint, fired_ms, at_ms, by_whom, worst) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (fingerprint, fired_ms, at_ms) DO UPDATE SET by_whom = excluded.by_whom`,
		print, toMS(k.FiredAt), toMS(k.At), k.By, k.Worst)
	if err != nil {
		return k, fmt.Errorf("acknowledge %s: %w", print, err)
	}
	return k, tx.putDeed(Deed{At: at, Actor: by, Deed: DeedAcknowledged, Subject: string(print), Detail: a.Rule + " at " + string(a.Worst)})
}

const selectAcks = "SELECT fingerprint, fired_ms, at_ms, by_whom, worst FROM acknowledgements"

// Acks lists the acknowledgements of the episodes of alerts that fire now, the
// ended ones among them too: see [route.Ack.Holds].
func (tx *Tx) Acks() ([]route.Ack, error) {
	return tx.acksWhere(`SELECT k.fingerprint, k.fired_ms, k.at_ms, k.by_whom, k.worst FROM acknowledgements k
		JOIN alerts a ON a.fingerprint = k.fingerprint AND a.fired_ms = k.fired_ms
		WHERE a.state = 'firing' ORDER BY k.fingerprint, k.at_ms`)
}

// AcksAsOf lists the acknowledgements that had been written by a moment, whether or not
// their episodes lasted then.
func (tx *Tx) AcksAsOf(at time.Time) ([]route.Ack, error) {
	return tx.acksWhere(selectAcks+" WHERE at_ms <= ? ORDER BY fingerprint, at_ms", toMS(at))
}

func (tx *Tx) acksWhere(query string, args ...any) ([]route.Ack, error) {
	var rows []ackRow
	if err := tx.list(&rows, query, args...); err != nil {
		return nil, fmt.Errorf("list the acknowledgements: %w", err)
	}
	list := make([]route.Ack, len(rows))
	for i, r := range rows {
		list[i] = route.Ack{Fingerprint: r.Fingerprint, FiredAt: fromMS(r.FiredMS), At: fromMS(r.AtMS), By: r.By, Worst: r.Worst}
	}
	return list, nil
}
