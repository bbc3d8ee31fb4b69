package store

import (
	"errors"
	"fmt"
	"time"
)

// Supersede puts by in the place of earlier messages of its card, which are not
// sent any more. Nobody has begun to send it. From here on it has the Body, Reason
// and NotAfter of by and the given alerts, and is not replaced or cancelled any
// more. Its Unsure counts theirs too.
func (tx *Tx) Supersede(earlier []Delivery, by *Delivery, alerts []RowAlert, at time.Time) error {
	if err := tx.supersede(earlier, by, alerts, at); err != nil {
		return fmt.Errorf("put message %d in the place of earlier ones: %w", by.ID, err)
	}
	return nil
}

func (tx *Tx) supersede(earlier []Delivery, by *Delivery, alerts []RowAlert, at time.Time) error {
	for i := range earlier {
		by.Unsure += earlier[i].Unsure
	}
	changed, err := tx.exec(`
		UPDATE outbox SET body = ?, reason = ?, not_after_ms = ?, unsure = ?, started_ms = ?
		WHERE id = ? AND started_ms IS NULL AND sent_ms IS NULL AND dead_ms IS NULL AND superseded_by IS NULL`,
		string(by.Body), by.Reason, toMS(by.NotAfter), by.Unsure, toMS(at), by.ID)
	if err != nil {
		return err
	}
	if changed == 0 {
		return errors.New("somebody has begun to send it")
	}
	if err := tx.supersededBy(earlier, by.ID); err != nil {
		return err
	}
	return tx.putRowAlerts(by.ID, alerts)
}
