package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"alerter/usage"
)

type limitRow struct {
	WorkspaceID string        `db:"workspace_id"`
	GroupID     string        `db:"group_id"`
	Limiter     usage.Limiter `db:"limiter"`
	Value       int64         `db:"value"`
	FromMS      sql.NullInt64 `db:"from_ms"`
	UntilMS     sql.NullInt64 `db:"until_ms"`
	Assumed     bool          `db:"assumed"`
	ReadMS      sql.NullInt64 `db:"read_ms"`
}

type memberRow struct {
	GroupID string        `db:"group_id"`
	Model   string        `db:"model"`
	FromMS  sql.NullInt64 `db:"from_ms"`
	UntilMS sql.NullInt64 `db:"until_ms"`
}

type limitGroupRow struct {
	ID     string         `db:"id"`
	Type   string         `db:"type"`
	Name   string         `db:"name"`
	Models sql.NullString `db:"models"`
}

// PutLimits stores groups, limits and memberships: a period that is stored
// already (same workspace, group, limiter and From) is replaced, others stay.
func (tx *Tx) PutLimits(orgID string, l usage.Limits) error {
	for _, g := range l.Groups {
		if err := tx.putLimitGroup(orgID, g); err != nil {
			return fmt.Errorf("put group %s of organization %s: %w", g.ID, orgID, err)
		}
	}
	if err := tx.putLimitReads(orgID, l.Read); err != nil {
		return err
	}
	for _, v := range l.Limits {
		_, err := tx.exec(`
			INSERT INTO limits (organization_id, workspace_id, group_id, limiter, value, from_ms, until_ms, assumed, read_ms)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (organization_id, workspace_id, group_id, limiter, COALESCE(from_ms, -1)) DO UPDATE SET
				value = excluded.value, until_ms = excluded.until_ms, assumed = excluded.assumed, read_ms = excluded.read_ms`,
			orgID, v.WorkspaceID, v.GroupID, v.Limiter, v.Value, toNullMS(v.From), toNullMS(v.Until), v.Assumed, toNullMS(v.ReadAt))
		if err != nil {
			return fmt.Errorf("put limit %s of group %s, organization %s: %w", v.Limiter, v.GroupID, orgID, err)
		}
	}
	for _, m := range l.Members {
		_, err := tx.exec(`
			INSERT INTO limit_members (organization_id, group_id, model, from_ms, until_ms) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (organization_id, group_id, model, COALESCE(from_ms, -1)) DO UPDATE SET until_ms = excluded.until_ms`,
			orgID, m.GroupID, m.Model, toNullMS(m.From), toNullMS(m.Until))
		if err != nil {
			return fmt.Errorf("put model %s of group %s, organization %s: %w", m.Model, m.GroupID, orgID, err)
		}
	}
	return nil
}

func (tx *Tx) putLimitGroup(orgID string, g usage.Group) error {
	var models sql.NullString
	if g.Models != nil {
		b, err := json.Marshal(g.Models)
		if err != nil {
			return err
		}
		models = sql.NullString{String: string(b), Valid: true}
	}
	_, err := tx.exec(`
		INSERT INTO limit_groups (organization_id, id, type, name, models) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (organization_id, id) DO UPDATE SET type = excluded.type, name = excluded.name, models = excluded.models`,
		orgID, g.ID, g.Type, g.Name, models)
	return err
}

// Limits gives the limits and memberships of which some part is in force at or
// after from, and every group. The zero time asks for all there is.
func (tx *Tx) Limits(orgID string, from time.Time) (usage.Limits, error) {
	return tx.limits(orgID, toMS(from), forever)
}

// LimitsKnown is [Tx.Limits] as known at the given moment: without values that
// were first read later, and with those that ended later still in force. An
// assumed limit is not known before it was first read, though it reaches
// further back.
func (tx *Tx) LimitsKnown(orgID string, from, at time.Time) (usage.Limits, error) {
	return tx.limits(orgID, toMS(from), toMS(at))
}

func (tx *Tx) limits(orgID string, from, at int64) (usage.Limits, error) {
	l := usage.Limits{Groups: make(map[string]usage.Group)}
	var groups []limitGroupRow
	if err := tx.list(&groups, "SELECT id, type, name, models FROM limit_groups WHERE organization_id = ?", orgID); err != nil {
		return l, fmt.Errorf("list the groups of organization %s: %w", orgID, err)
	}
	for _, g := range groups {
		group := usage.Group{ID: g.ID, Type: g.Type, Name: g.Name}
		if g.Models.Valid {
			if err := json.Unmarshal([]byte(g.Models.String), &group.Models); err != nil {
				return l, fmt.Errorf("read the models of group %s of organization %s: %w", g.ID, orgID, err)
			}
		}
		l.Groups[g.ID] = group
	}
	var err error
	if l.Read, err = tx.limitReads(orgID, at); err != nil {
		return l, err
	}
	if l.Limits, err = tx.limitPeriods(orgID, from, at); err != nil {
		return l, fmt.Errorf("list the limits of organization %s: %w", orgID, err)
	}
	if l.Members, err = tx.memberPeriods(orgID, from, at); err != nil {
		return l, fmt.Errorf("list the models of organization %s: %w", orgID, err)
	}
	return l, nil
}

func (tx *Tx) limitPeriods(orgID string, from, at int64) ([]usage.Limit, error) {
	var rows []limitRow
	err := tx.list(&rows, `
		SELECT workspace_id, group_id, limiter, value, from_ms, until_ms, assumed, read_ms FROM limits
		WHERE organization_id = ? AND (until_ms IS NULL OR until_ms > ?) AND (read_ms IS NULL OR read_ms <= ?)
		ORDER BY workspace_id, group_id, limiter, COALESCE(from_ms, -1)`, orgID, from, at)
	if err != nil {
		return nil, err
	}
	out := make([]usage.Limit, len(rows))
	for i, r := range rows {
		out[i] = usage.Limit{
			WorkspaceID: r.WorkspaceID, GroupID: r.GroupID, Limiter: r.Limiter, Value: r.Value,
			From: fromNullMS(r.FromMS), Until: endKnown(r.UntilMS, at), Assumed: r.Assumed, ReadAt: fromNullMS(r.ReadMS),
		}
	}
	return out, nil
}

func (tx *Tx) memberPeriods(orgID string, from, at int64) ([]usage.Membership, error) {
	var rows []memberRow
	err := tx.list(&rows, `
		SELECT group_id, model, from_ms, until_ms FROM limit_members
		WHERE organization_id = ? AND (until_ms IS NULL OR until_ms > ?) AND (from_ms IS NULL OR from_ms <= ?)
		ORDER BY group_id, model, COALESCE(from_ms, -1)`, orgID, from, at)
	if err != nil {
		return nil, err
	}
	out := make([]usage.Membership, len(rows))
	for i, r := range rows {
		out[i] = usage.Membership{GroupID: r.GroupID, Model: r.Model, From: fromNullMS(r.FromMS), Until: endKnown(r.UntilMS, at)}
	}
	return out, nil
}

// endKnown hides an end that came later.
func endKnown(until sql.NullInt64, at int64) time.Time {
	if until.Valid && until.Int64 > at {
		return time.Time{}
	}
	return fromNullMS(until)
}

type limitChangeRow struct {
	AtMS        int64            `db:"at_ms"`
	Kind        usage.ChangeKind `db:"kind"`
	WorkspaceID string           `db:"workspace_id"`
	GroupID     string           `db:"group_id"`
	Limiter     usage.Limiter    `db:"limiter"`
	Old         int64            `db:"old_value"`
	New         int64            `db:"new_value"`
	Model       string           `db:"model"`
	FromGroupID string           `db:"from_group_id"`
}

// PutChanges stores changes of limits. One that is stored already stays as it is.
func (tx *Tx) PutChanges(orgID string, changes []usage.Change) error {
	for _, c := range changes {
		_, err := tx.exec(`
			INSERT INTO limit_changes (organization_id, at_ms, kind, workspace_id, group_id, limiter, model, from_group_id, old_value, new_value)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			orgID, toMS(c.At), c.Kind, c.WorkspaceID, c.GroupID, c.Limiter, c.Model, c.FromGroupID, c.Old, c.New)
		if err != nil {
			return fmt.Errorf("put the change (%s) of group %s of organization %s: %w", c.Kind, c.GroupID, orgID, err)
		}
	}
	return nil
}

// Changes gives the changes seen after the one moment and up to the other, that
// one included, oldest first.
func (tx *Tx) Changes(orgID string, after, upTo time.Time) ([]usage.Change, error) {
	var rows []limitChangeRow
	err := tx.list(&rows, `
		SELECT at_ms, kind, workspace_id, group_id, limiter, old_value, new_value, model, from_group_id FROM limit_changes
		WHERE organization_id = ? AND at_ms > ? AND at_ms <= ?
		ORDER BY at_ms, kind, workspace_id, group_id, limiter, model, from_group_id`, orgID, toMS(after), toMS(upTo))
	if err != nil {
		return nil, fmt.Errorf("list the changes of limits of organization %s: %w", orgID, err)
	}
	out := make([]usage.Change, len(rows))
	for i, r := range rows {
		out[i] = usage.Change{
			At: fromMS(r.AtMS), Kind: r.Kind, WorkspaceID: r.WorkspaceID, GroupID: r.GroupID,
			Limiter: r.Limiter, Old: r.Old, New: r.New, Model: r.Model, FromGroupID: r.FromGroupID,
		}
	}
	return out, nil
}
