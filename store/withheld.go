package store

import (
	"database/sql"
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

// Withheld is a decision not to send: what a receiver might expect to be told of
// an alert and was not.
type Withheld struct {
	route.Suppression
	At time.Time // of the step that decided it
	// Rule and Labels are those of the alert now; empty where it has been pruned.
	Rule   string
	Labels usage.Labels
	// ByRule and ByLabels are those of the alert that inhibits it; empty for every
	// other reason.
	ByRule   string
	ByLabels usage.Labels
}

// WithheldFilter narrows [Tx.Withheld]. Zero fields accept everything.
type WithheldFilter struct {
	Since time.Time
	But   string // a reason to leave out
	Limit int    // 0: no limit
}

type withheldRow struct {
	AtMS        int64                `db:"at_ms"`
	Receiver    string               `db:"receiver"`
	Fingerprint evaluate.Fingerprint `db:"fingerprint"`
	FiredMS     int64                `db:"fired_ms"`
	Reason      string               `db:"reason"`
	GroupKey    string               `db:"group_key"`
	Cause       string               `db:"cause"`
	Alert       namesRow             `db:"alert"`
	By          namesRow             `db:"by"`
}

// namesRow is what people call an alert; empty of one that is not there.
type namesRow struct {
	Rule         sql.NullString `db:"rule"`
	Organization sql.NullString `db:"organization"`
	Workspace    sql.NullString `db:"workspace"`
	ModelGroup   sql.NullString `db:"model_group"`
	Limiter      sql.NullString `db:"limiter_label"`
}

func (r namesRow) labels() usage.Labels {
	return usage.Labels{
		Organization: r.Organization.String, Workspace: r.Workspace.String, ModelGroup: r.ModelGroup.String, Limiter: r.Limiter.String,
	}
}

// PutWithheld notes what a step did not send, and gives what is new of it: the same
// step again adds nothing, and neither does an episode at info to what its receiver
// was not told of it before.
func (tx *Tx) PutWithheld(at time.Time, list []route.Suppression) (fresh []route.Suppression, err error) {
	for _, s := range list {
		added, err := tx.exec(`
			INSERT INTO withheld (at_ms, receiver, fingerprint, fired_ms, reason, group_key, cause)
			VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			toMS(at), s.Receiver, s.Fingerprint, toMS(s.FiredAt), s.Reason, s.GroupKey, s.Cause)
		if err != nil {
			return nil, fmt.Errorf("note that receiver %s is not told of alert %s: %w", s.Receiver, s.Fingerprint, err)
		}
		if added > 0 {
			fresh = append(fresh, s)
		}
	}
	return fresh, nil
}

// Withheld lists decisions not to send, newest first.
func (tx *Tx) Withheld(f WithheldFilter) ([]Withheld, error) {
	limit := f.Limit
	if limit == 0 {
		limit = forever
	}
	var rows []withheldRow
	err := tx.list(&rows, `
		SELECT w.at_ms, w.receiver, w.fingerprint, w.fired_ms, w.reason, w.group_key, w.cause,
			a.rule AS "alert.rule", a.organization AS "alert.organization", a.workspace AS "alert.workspace",
			a.model_group AS "alert.model_group", a.limiter_label AS "alert.limiter_label",
			b.rule AS "by.rule", b.organization AS "by.organization", b.workspace AS "by.workspace",
			b.model_group AS "by.model_group", b.limiter_label AS "by.limiter_label"
		FROM withheld w
			LEFT JOIN alerts a ON a.fingerprint = w.fingerprint
			LEFT JOIN alerts b ON b.fingerprint = w.cause AND w.reason = 'inhibition'
		WHERE w.at_ms >= ? AND w.reason <> ?
		ORDER BY w.at_ms DESC, w.receiver, w.fingerprint, w.fired_ms, w.reason, w.group_key LIMIT ?`,
		toMS(f.Since), f.But, limit)
	if err != nil {
		return nil, fmt.Errorf("list what was not sent: %w", err)
	}
	out := make([]Withheld, len(rows))
	for i := range rows {
		out[i] = fromWithheldRow(&rows[i])
	}
	return out, nil
}

func fromWithheldRow(r *withheldRow) Withheld {
	return Withheld{
		Suppression: route.Suppression{
			Receiver: r.Receiver, GroupKey: r.GroupKey, Fingerprint: r.Fingerprint, FiredAt: fromMS(r.FiredMS), Reason: r.Reason, Cause: r.Cause,
		},
		At: fromMS(r.AtMS), Rule: r.Alert.Rule.String, Labels: r.Alert.labels(), ByRule: r.By.Rule.String, ByLabels: r.By.labels(),
	}
}
