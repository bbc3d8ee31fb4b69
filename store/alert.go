package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// alertRow is an alert: columns for what people ask for, JSON for the rest.
type alertRow struct {
	Fingerprint      evaluate.Fingerprint `db:"fingerprint"`
	Rule             string               `db:"rule"`
	Kind             string               `db:"kind"`
	OrganizationID   string               `db:"organization_id"`
	WorkspaceID      string               `db:"workspace_id"`
	GroupID          string               `db:"group_id"`
	Limiter          usage.Limiter        `db:"limiter"`
	Part             string               `db:"part"`
	Organization     string               `db:"organization"`
	Workspace        string               `db:"workspace"`
	ModelGroup       string               `db:"model_group"`
	LimiterLabel     string               `db:"limiter_label"`
	State            evaluate.State       `db:"state"`
	Severity         evaluate.Severity    `db:"severity"`
	Worst            evaluate.Severity    `db:"worst"`
	PendingMS        sql.NullInt64        `db:"pending_ms"`
	FiredMS          sql.NullInt64        `db:"fired_ms"`
	ResolvedMS       sql.NullInt64        `db:"resolved_ms"`
	SteppedMS        sql.NullInt64        `db:"stepped_ms"`
	RepeatIntervalMS int64                `db:"repeat_interval_ms"`
	Peak             sql.NullFloat64      `db:"peak"`
	Why              string               `db:"why"`
	Detail           string               `db:"detail"`
}

// alertDetail is what the JSON column holds.
type alertDetail struct {
	Levels       [3]evaluate.Level     `json:"levels"`
	Reached      [3]evaluate.Reached   `json:"reached"`
	LimitReached evaluate.LimitReached `json:"limit_reached,omitzero"`
	Reading      evaluate.Reading      `json:"reading"`
}

// PutAlerts stores alerts by their fingerprints; others stay as they are. An
// inactive one is deleted: nobody has heard of it.
func (tx *Tx) PutAlerts(alerts []evaluate.Alert) error {
	for i := range alerts {
		if err := tx.putAlert(&alerts[i]); err != nil {
			return fmt.Errorf("put alert %s (%s): %w", alerts[i].Fingerprint, alerts[i].Rule, err)
		}
	}
	return nil
}

func (tx *Tx) putAlert(a *evaluate.Alert) error {
	if a.State == evaluate.Inactive {
		_, err := tx.exec("DELETE FROM alerts WHERE fingerprint = ?", a.Fingerprint)
		return err
	}
	detail, err := json.Marshal(alertDetail{a.Levels, a.Reached, a.LimitReached, a.Reading})
	if err != nil {
		return err
	}
	_, err = tx.exec(`
		INSERT INTO alerts (fingerprint, rule, kind, organization_id, workspace_id, group_id, limiter, part,
			organization, workspace, model_group, limiter_label, state, severity, worst,
			pending_ms, fired_ms, resolved_ms, stepped_ms, repeat_interval_ms, peak, why, detail)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (fingerprint) DO UPDATE SET rule = excluded.rule, kind = excluded.kind,
			organization_id = excluded.organization_id, workspace_id = excluded.workspace_id, group_id = excluded.group_id,
			limiter = excluded.limiter, part = excluded.part, organization = excluded.organization, workspace = excluded.workspace,
			model_group = excluded.model_group, limiter_label = excluded.limiter_label,
			state = excluded.state, severity = excluded.severity, worst = excluded.worst, pending_ms = excluded.pending_ms,
			fired_ms = excluded.fired_ms, resolved_ms = excluded.resolved_ms, stepped_ms = excluded.stepped_ms,
			repeat_interval_ms = excluded.repeat_interval_ms, peak = excluded.peak, why = excluded.why, detail = excluded.detail`,
		a.Fingerprint, a.Rule, a.Kind, a.Subject.OrganizationID, a.Subject.WorkspaceID, a.Subject.GroupID, a.Subject.Limiter, a.Subject.Part,
		a.Labels.Organization, a.Labels.Workspace, a.Labels.ModelGroup, a.Labels.Limiter, a.State, a.Severity, a.Worst,
		toNullMS(a.PendingAt), toNullMS(a.FiredAt), toNullMS(a.ResolvedAt), toNullMS(a.SteppedAt),
		a.RepeatInterval.Milliseconds(), toNullFloat(a.Peak), a.Why, string(detail))
	return err
}

const alertColumns = `fingerprint, rule, kind, organization_id, workspace_id, group_id, limiter, part,
	organization, workspace, model_group, limiter_label, state, severity, worst,
	pending_ms, fired_ms, resolved_ms, stepped_ms, repeat_interval_ms, peak, why, detail`

// Alerts gives an organization's pending and firing alerts, by fingerprint. The
// service's own have the organization id "".
func (tx *Tx) Alerts(orgID string) ([]evaluate.Alert, error) {
	return tx.alertsWhere("SELECT "+alertColumns+` FROM alerts
		WHERE organization_id = ? AND state IN ('pending', 'firing') ORDER BY fingerprint`, orgID)
}

// FiringAlerts gives the firing alerts of every organization and of the service
// itself, by fingerprint.
func (tx *Tx) FiringAlerts() ([]evaluate.Alert, error) {
	return tx.alertsWhere("SELECT " + alertColumns + " FROM alerts WHERE state = 'firing' ORDER BY fingerprint")
}

// AllAlerts gives every organization's alerts, ended ones included: those that
// are pending or firing first, then by how recently they ended; at most limit.
func (tx *Tx) AllAlerts(limit int) ([]evaluate.Alert, error) {
	return tx.alertsWhere("SELECT "+alertColumns+` FROM alerts
		ORDER BY CASE WHEN state IN ('pending', 'firing') THEN 0 ELSE 1 END, COALESCE(resolved_ms, 0) DESC, fingerprint LIMIT ?`, limit)
}

func (tx *Tx) alertsWhere(query string, args ...any) ([]evaluate.Alert, error) {
	var rows []alertRow
	if err := tx.list(&rows, query, args...); err != nil {
		return nil, fmt.Errorf("list the alerts: %w", err)
	}
	out := make([]evaluate.Alert, len(rows))
	for i := range rows {
		var err error
		if out[i], err = fromAlertRow(&rows[i]); err != nil {
			return nil, fmt.Errorf("read alert %s (%s): %w", rows[i].Fingerprint, rows[i].Rule, err)
		}
	}
	return out, nil
}

func fromAlertRow(r *alertRow) (evaluate.Alert, error) {
	var detail alertDetail
	if err := json.Unmarshal([]byte(r.Detail), &detail); err != nil {
		return evaluate.Alert{}, err
	}
	return evaluate.Alert{
		Fingerprint: r.Fingerprint, Rule: r.Rule, Kind: r.Kind,
		Subject: evaluate.Subject{
			ID:   usage.ID{OrganizationID: r.OrganizationID, WorkspaceID: r.WorkspaceID, GroupID: r.GroupID, Limiter: r.Limiter},
			Part: r.Part,
		},
		Labels: usage.Labels{Organization: r.Organization, Workspace: r.Workspace, ModelGroup: r.ModelGroup, Limiter: r.LimiterLabel},
		State:  r.State, Severity: r.Severity, Worst: r.Worst, Levels: detail.Levels, Reached: detail.Reached,
		PendingAt: fromNullMS(r.PendingMS), FiredAt: fromNullMS(r.FiredMS),
		ResolvedAt: fromNullMS(r.ResolvedMS), SteppedAt: fromNullMS(r.SteppedMS),
		RepeatInterval: time.Duration(r.RepeatIntervalMS) * time.Millisecond,
		Reading:        detail.Reading, LimitReached: detail.LimitReached, Peak: fromNullFloat(r.Peak), Why: r.Why,
	}, nil
}

// toNullFloat stores NaN as NULL: it is not known.
func toNullFloat(f float64) sql.NullFloat64 {
	return sql.NullFloat64{Float64: f, Valid: !math.IsNaN(f)}
}

func fromNullFloat(f sql.NullFloat64) float64 {
	if !f.Valid {
		return math.NaN()
	}
	return f.Float64
}
