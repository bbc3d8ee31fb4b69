package store

import (
	"fmt"
	"time"

	"alerter/usage"
)

type troubleRow struct {
	Name         string `db:"name"`
	Organization string `db:"organization"`
	Subject      string `db:"subject"`
	Severity     string `db:"severity"`
	Detail       string `db:"detail"`
	SinceMS      int64  `db:"since_ms"`
}

// PutTrouble stores what is wrong with the service. Trouble of the same name,
// organization and subject that has not been cleared is the same: its severity
// and detail are replaced, and Since stays.
func (tx *Tx) PutTrouble(t usage.Trouble) error {
	_, err := tx.exec(`
		INSERT INTO troubles (name, organization, subject, severity, detail, since_ms) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (name, organization, subject) WHERE until_ms IS NULL DO UPDATE SET
			severity = excluded.severity, detail = excluded.detail`,
		t.Name, t.Organization, t.Subject, t.Severity, t.Detail, toMS(t.Since))
	if err != nil {
		return fmt.Errorf("put trouble %s (%s): %w", t.Name, t.Subject, err)
	}
	return nil
}

// ClearTrouble notes that it is over. Clearing what is not there does nothing.
func (tx *Tx) ClearTrouble(name, organization, subject string, at time.Time) error {
	_, err := tx.exec("UPDATE troubles SET until_ms = ? WHERE name = ? AND organization = ? AND subject = ? AND until_ms IS NULL",
		toMS(at), name, organization, subject)
	if err != nil {
		return fmt.Errorf("clear trouble %s (%s): %w", name, subject, err)
	}
	return nil
}

// Troubles lists what is wrong now, by name, organization and subject.
func (tx *Tx) Troubles() ([]usage.Trouble, error) {
	var rows []troubleRow
	err := tx.list(&rows, `
		SELECT name, organization, subject, severity, detail, since_ms FROM troubles
		WHERE until_ms IS NULL ORDER BY name, organization, subject`)
	if err != nil {
		return nil, fmt.Errorf("list the troubles: %w", err)
	}
	out := make([]usage.Trouble, len(rows))
	for i, r := range rows {
		out[i] = usage.Trouble{
			Name: r.Name, Organization: r.Organization, Subject: r.Subject,
			Severity: r.Severity, Detail: r.Detail, Since: fromMS(r.SinceMS),
		}
	}
	return out, nil
}
