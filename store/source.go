package store

import (
	"database/sql"
	"fmt"
	"time"

	"alerter/usage"
)

type sourceRow struct {
	OrganizationID string           `db:"organization_id"`
	Organization   string           `db:"organization"`
	Source         usage.SourceKind `db:"source"`
	Why            string           `db:"why"`
	DataAsOfMS     sql.NullInt64    `db:"data_as_of_ms"`
	SinceMS        sql.NullInt64    `db:"since_ms"`
	Problem        string           `db:"problem"`
}

// PutSource stores where an organization's usage comes from; one per organization.
func (tx *Tx) PutSource(s usage.Source) error {
	_, err := tx.exec(`
		INSERT INTO sources (organization_id, organization, source, why, data_as_of_ms, since_ms, problem) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (organization_id) DO UPDATE SET organization = excluded.organization, source = excluded.source, why = excluded.why,
			data_as_of_ms = excluded.data_as_of_ms, since_ms = excluded.since_ms, problem = excluded.problem`,
		s.OrganizationID, s.Organization, s.Kind, s.Why, toNullMS(s.DataAsOf), toNullMS(s.Since), s.Problem)
	if err != nil {
		return fmt.Errorf("put the source of organization %s: %w", s.OrganizationID, err)
	}
	return nil
}

// Sources lists them by the organizations' names.
func (tx *Tx) Sources() ([]usage.Source, error) {
	var rows []sourceRow
	err := tx.list(&rows, `
		SELECT organization_id, organization, source, why, data_as_of_ms, since_ms, problem FROM sources
		ORDER BY organization, organization_id`)
	if err != nil {
		return nil, fmt.Errorf("list the sources: %w", err)
	}
	out := make([]usage.Source, len(rows))
	for i, r := range rows {
		out[i] = usage.Source{
			OrganizationID: r.OrganizationID, Organization: r.Organization, Kind: r.Source, Why: r.Why,
			DataAsOf: fromNullMS(r.DataAsOfMS), Since: fromNullMS(r.SinceMS), Problem: r.Problem,
		}
	}
	return out, nil
}

// PutTick notes that the organization was evaluated at that moment, with its
// source as it is stored, and in words what did not succeed; empty for nothing.
func (tx *Tx) PutTick(orgID string, at time.Time, problem string) error {
	_, err := tx.exec(`
		INSERT INTO ticks (at_ms, organization_id, problem, source, why)
		SELECT ?, ?, ?, COALESCE(MAX(source), ''), COALESCE(MAX(why), '') FROM sources WHERE organization_id = ?
		ON CONFLICT (at_ms, organization_id) DO UPDATE SET
			problem = excluded.problem, source = excluded.source, why = excluded.why`, toMS(at), orgID, problem, orgID)
	if err != nil {
		return fmt.Errorf("note the tick of organization %s: %w", orgID, err)
	}
	return nil
}

// LastTick is when the organization was last evaluated; zero for never.
func (tx *Tx) LastTick(orgID string) (time.Time, error) {
	var at int64
	found, err := tx.get(&at, "SELECT at_ms FROM ticks WHERE organization_id = ? ORDER BY at_ms DESC LIMIT 1", orgID)
	if err != nil {
		return time.Time{}, fmt.Errorf("find the last tick of organization %s: %w", orgID, err)
	}
	if !found {
		return time.Time{}, nil
	}
	return fromMS(at), nil
}

// Ticks lists when the organization was evaluated in [from, to), oldest first:
// a replay that steps at these moments sees what the service saw.
func (tx *Tx) Ticks(orgID string, from, to time.Time) ([]time.Time, error) {
	var rows []int64
	err := tx.list(&rows, "SELECT at_ms FROM ticks WHERE organization_id = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms",
		orgID, toMS(from), toMS(to))
	if err != nil {
		return nil, fmt.Errorf("list the ticks of organization %s: %w", orgID, err)
	}
	out := make([]time.Time, len(rows))
	for i, ms := range rows {
		out[i] = fromMS(ms)
	}
	return out, nil
}
