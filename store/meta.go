package store

import (
	"fmt"
	"time"
)

// Meta is one small remembered value: what a command asks the running service,
// what the service has answered.
type Meta struct {
	Value string
	PutAt time.Time
}

type metaRow struct {
	Value string `db:"value"`
	PutMS int64  `db:"put_ms"`
}

// PutMeta remembers a value under a key, in place of what was there.
func (tx *Tx) PutMeta(key, value string, at time.Time) error {
	_, err := tx.exec(`
		INSERT INTO meta (key, value, put_ms) VALUES (?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, put_ms = excluded.put_ms`, key, value, toMS(at))
	if err != nil {
		return fmt.Errorf("remember %s: %w", key, err)
	}
	return nil
}

// Meta gives the value and reports whether there is one.
func (tx *Tx) Meta(key string) (Meta, bool, error) {
	var r metaRow
	found, err := tx.get(&r, "SELECT value, put_ms FROM meta WHERE key = ?", key)
	if err != nil {
		return Meta{}, false, fmt.Errorf("recall %s: %w", key, err)
	}
	if !found {
		return Meta{}, false, nil
	}
	return Meta{Value: r.Value, PutAt: fromMS(r.PutMS)}, true, nil
}
