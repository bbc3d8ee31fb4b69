package store

import (
	"database/sql"
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

type caseRow struct {
	Fingerprint    evaluate.Fingerprint `db:"fingerprint"`
	Severity       evaluate.Severity    `db:"severity"`
	AtMS           int64                `db:"at_ms"`
	OrganizationID string               `db:"organization_id"`
	WorkspaceID    string               `db:"workspace_id"`
	GroupID        string               `db:"group_id"`
	Limiter        usage.Limiter        `db:"limiter"`
	Level          float64              `db:"level"`
	ReachedMS      sql.NullInt64        `db:"reached_ms"`
	ClosedMS       sql.NullInt64        `db:"closed_ms"`
}

// PutCases stores warnings and what followed them; those that are void are
// deleted, others stay as they are.
func (tx *Tx) PutCases(cases []evaluate.Case) error {
	for i := range cases {
		if err := tx.putCase(&cases[i]); err != nil {
			return fmt.Errorf("put what followed a warning of alert %s: %w", cases[i].Fingerprint, err)
		}
	}
	return nil
}

func (tx *Tx) putCase(c *evaluate.Case) error {
	if c.Void {
		_, err := tx.exec("DELETE FROM cases WHERE fingerprint = ? AND severity = ? AND at_ms = ?", c.Fingerprint, c.Severity, toMS(c.At))
		return err
	}
	_, err := tx.exec(`
		INSERT INTO cases (fingerprint, severity, at_ms, organization_id, workspace_id, group_id, limiter, level, reached_ms, closed_ms)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (fingerprint, severity, at_ms) DO UPDATE SET reached_ms = excluded.reached_ms, closed_ms = excluded.closed_ms`,
		c.Fingerprint, c.Severity, toMS(c.At), c.ID.OrganizationID, c.ID.WorkspaceID, c.ID.GroupID, c.ID.Limiter,
		float64(c.Level), toNullMS(c.ReachedAt), toNullMS(c.ClosedAt))
	return err
}

// Cases gives an organization's warnings from since on and what followed them,
// oldest first.
func (tx *Tx) Cases(orgID string, since time.Time) ([]evaluate.Case, error) {
	var rows []caseRow
	err := tx.list(&rows, `
		SELECT fingerprint, severity, at_ms, organization_id, workspace_id, group_id, limiter, level, reached_ms, closed_ms
		FROM cases WHERE organization_id = ? AND at_ms >= ? ORDER BY at_ms, fingerprint, severity`, orgID, toMS(since))
	if err != nil {
		return nil, fmt.Errorf("list what followed warnings: %w", err)
	}
	cases := make([]evaluate.Case, len(rows))
	for i, r := range rows {
		cases[i] = evaluate.Case{
			Fingerprint: r.Fingerprint, Severity: r.Severity, Level: evaluate.Number(r.Level), At: fromMS(r.AtMS),
			ID:        usage.ID{OrganizationID: r.OrganizationID, WorkspaceID: r.WorkspaceID, GroupID: r.GroupID, Limiter: r.Limiter},
			ReachedAt: fromNullMS(r.ReachedMS), ClosedAt: fromNullMS(r.ClosedMS),
		}
	}
	return cases, nil
}
