package store

import (
	"database/sql"
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// Transition is a recorded change of an alert, with what is known of the alert
// now: the other fields are empty where it has been pruned.
type Transition struct {
	evaluate.Transition
	OrganizationID string
	Rule, Kind     string
	Labels         usage.Labels
	Subject        usage.ID
}

type transitionRow struct {
	OrganizationID string               `db:"organization_id"`
	AtMS           int64                `db:"at_ms"`
	Fingerprint    evaluate.Fingerprint `db:"fingerprint"`
	FromState      evaluate.State       `db:"from_state"`
	ToState        evaluate.State       `db:"to_state"`
	FromSeverity   evaluate.Severity    `db:"from_severity"`
	ToSeverity     evaluate.Severity    `db:"to_severity"`
	Value          sql.NullFloat64      `db:"value"`
	Rule           string               `db:"rule"`
	Kind           string               `db:"kind"`
	WorkspaceID    string               `db:"workspace_id"`
	GroupID        string               `db:"group_id"`
	Limiter        usage.Limiter        `db:"limiter"`
	Organization   string               `db:"organization"`
	Workspace      string               `db:"workspace"`
	ModelGroup     string               `db:"model_group"`
	LimiterLabel   string               `db:"limiter_label"`
}

// PutTransitions records changes of an organization's alerts. One that is
// recorded already stays as it is.
func (tx *Tx) PutTransitions(orgID string, transitions []evaluate.Transition) error {
	for _, t := range transitions {
		_, err := tx.exec(`
			INSERT INTO transitions (organization_id, at_ms, fingerprint, from_state, to_state, from_severity, to_severity, value)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			orgID, toMS(t.At), t.Fingerprint, t.FromState, t.ToState, t.From, t.To, toNullFloat(float64(t.Value)))
		if err != nil {
			return fmt.Errorf("put a transition of alert %s: %w", t.Fingerprint, err)
		}
	}
	return nil
}

// Transitions gives the changes recorded in [from, to), oldest first.
func (tx *Tx) Transitions(from, to time.Time) ([]Transition, error) {
	var rows []transitionRow
	err := tx.list(&rows, `
		SELECT t.organization_id, t.at_ms, t.fingerprint, t.from_state, t.to_state, t.from_severity, t.to_severity, t.value,
			COALESCE(a.rule, '') AS rule, COALESCE(a.kind, '') AS kind, COALESCE(a.workspace_id, '') AS workspace_id,
			COALESCE(a.group_id, '') AS group_id, COALESCE(a.limiter, '') AS limiter, COALESCE(a.organization, '') AS organization, COALESCE(a.workspace, '') AS workspace,
			COALESCE(a.model_group, '') AS model_group, COALESCE(a.limiter_label, '') AS limiter_label
		FROM transitions t LEFT JOIN alerts a ON a.fingerprint = t.fingerprint
		WHERE t.at_ms >= ? AND t.at_ms < ? ORDER BY t.at_ms, t.id`, toMS(from), toMS(to))
	if err != nil {
		return nil, fmt.Errorf("list the transitions: %w", err)
	}
	out := make([]Transition, len(rows))
	for i, r := range rows {
		out[i] = Transition{
			Transition: evaluate.Transition{
				At: fromMS(r.AtMS), Fingerprint: r.Fingerprint, FromState: r.FromState, ToState: r.ToState,
				From: r.FromSeverity, To: r.ToSeverity, Value: evaluate.Number(fromNullFloat(r.Value)),
			},
			OrganizationID: r.OrganizationID, Rule: r.Rule, Kind: r.Kind,
			Labels: usage.Labels{Organization: r.Organization, Workspace: r.Workspace, ModelGroup: r.ModelGroup, Limiter: r.LimiterLabel},
		}
		if r.Rule != "" {
			out[i].Subject = usage.ID{OrganizationID: r.OrganizationID, WorkspaceID: r.WorkspaceID, GroupID: r.GroupID, Limiter: r.Limiter}
		}
	}
	return out, nil
}
