package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"alerter/evaluate"
)

// StoredRule is a rule as the table holds it.
type StoredRule struct {
	evaluate.Rule
	Revision  int       // counts the rule's changes, from 1
	Enabled   bool      // as a person set it; true for a new rule
	File      string    // the file it was last applied from
	AppliedAt time.Time // when this revision was applied
	EnabledAt time.Time // when Enabled was last set by a person; zero: never
}

// RuleChangeKind says what applying a file did to a rule.
type RuleChangeKind string

// What can happen to a rule.
const (
	RuleAdded   RuleChangeKind = "added"
	RuleChanged RuleChangeKind = "changed"
	RuleRemoved RuleChangeKind = "removed"
)

// RuleChange is one new revision.
type RuleChange struct {
	Name     string
	Kind     RuleChangeKind
	Revision int             // the new one
	Before   json.RawMessage // the rule's JSON; nil for an added rule
	After    json.RawMessage // nil for a removed rule
}

type ruleRow struct {
	Name      string        `db:"name"`
	Revision  int           `db:"revision"`
	Kind      string        `db:"kind"`
	Spec      string        `db:"spec"`
	Enabled   bool          `db:"enabled"`
	Position  int           `db:"position"`
	File      string        `db:"file"`
	AppliedMS int64         `db:"applied_ms"`
	EnabledMS sql.NullInt64 `db:"enabled_ms"`
}

// ApplyRules makes the table equal to the rules of a file and gives the changes,
// each of them a new revision. Whether a rule is enabled is left alone. A rule
// that is not in rules is removed; its revisions stay, and if it ever comes back
// it is enabled and goes on counting.
func (tx *Tx) ApplyRules(rules []evaluate.Rule, file string, at time.Time) ([]RuleChange, error) {
	stored, err := tx.ruleRows()
	if err != nil {
		return nil, err
	}
	prior := make(map[string]ruleRow, len(stored))
	for _, r := range stored {
		prior[r.Name] = r
	}
	var changes []RuleChange
	for i, rule := range rules {
		spec, err := json.Marshal(rule)
		if err != nil {
			return nil, fmt.Errorf("apply rule %s: %w", rule.Alert, err)
		}
		next := ruleRow{
			Name: rule.Alert, Kind: rule.Condition.Kind(), Spec: string(spec),
			Position: i, File: file, AppliedMS: toMS(at),
		}
		old, had := prior[next.Name]
		delete(prior, next.Name)
		change, err := tx.applyRule(next, old, had)
		if err != nil {
			return nil, fmt.Errorf("apply rule %s: %w", next.Name, err)
		}
		if change != nil {
			changes = append(changes, *change)
		}
	}
	for _, old := range stored {
		if _, isGone := prior[old.Name]; !isGone {
			continue
		}
		change, err := tx.removeRule(old, file, at)
		if err != nil {
			return nil, fmt.Errorf("remove rule %s: %w", old.Name, err)
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// applyRule gives nil where the rule is as it was.
func (tx *Tx) applyRule(next, old ruleRow, had bool) (*RuleChange, error) {
	if had && old.Spec == next.Spec {
		_, err := tx.exec("UPDATE rules SET position = ?, file = ? WHERE name = ?", next.Position, next.File, next.Name)
		return nil, err
	}
	change := &RuleChange{Name: next.Name, Kind: RuleAdded, After: json.RawMessage(next.Spec)}
	if had {
		change.Kind, change.Before = RuleChanged, json.RawMessage(old.Spec)
	}
	var err error
	if next.Revision, err = tx.addRevision(next, false); err != nil {
		return nil, err
	}
	change.Revision = next.Revision
	_, err = tx.exec(`
		INSERT INTO rules (name, revision, kind, spec, position, file, applied_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET revision = excluded.revision, kind = excluded.kind, spec = excluded.spec,
			position = excluded.position, file = excluded.file, applied_ms = excluded.applied_ms`,
		next.Name, next.Revision, next.Kind, next.Spec, next.Position, next.File, next.AppliedMS)
	return change, err
}

func (tx *Tx) removeRule(old ruleRow, file string, at time.Time) (RuleChange, error) {
	change := RuleChange{Name: old.Name, Kind: RuleRemoved, Before: json.RawMessage(old.Spec)}
	old.File, old.AppliedMS = file, toMS(at)
	var err error
	if change.Revision, err = tx.addRevision(old, true); err != nil {
		return change, err
	}
	_, err = tx.exec("DELETE FROM rules WHERE name = ?", old.Name)
	return change, err
}

// addRevision returns its number.
func (tx *Tx) addRevision(r ruleRow, removed bool) (int, error) {
	var last int
	if _, err := tx.get(&last, "SELECT COALESCE(MAX(revision), 0) FROM rule_revisions WHERE name = ?", r.Name); err != nil {
		return 0, err
	}
	_, err := tx.exec(`
		INSERT INTO rule_revisions (name, revision, kind, spec, removed, file, applied_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		r.Name, last+1, r.Kind, r.Spec, removed, r.File, r.AppliedMS)
	return last + 1, err
}

func (tx *Tx) ruleRows() ([]ruleRow, error) {
	var rows []ruleRow
	err := tx.list(&rows, `
		SELECT name, revision, kind, spec, enabled, position, file, applied_ms, enabled_ms FROM rules ORDER BY position, name`)
	if err != nil {
		return nil, fmt.Errorf("list the rules: %w", err)
	}
	return rows, nil
}

// Rules lists the rules in the order of their file, disabled ones included.
func (tx *Tx) Rules() ([]StoredRule, error) {
	rows, err := tx.ruleRows()
	if err != nil {
		return nil, err
	}
	out := make([]StoredRule, len(rows))
	for i, r := range rows {
		out[i] = StoredRule{
			Revision: r.Revision, Enabled: r.Enabled, File: r.File,
			AppliedAt: fromMS(r.AppliedMS), EnabledAt: fromNullMS(r.EnabledMS),
		}
		if err := json.Unmarshal([]byte(r.Spec), &out[i].Rule); err != nil {
			return nil, fmt.Errorf("read rule %s, revision %d, from the database: %w; apply rules.yaml again", r.Name, r.Revision, err)
		}
	}
	return out, nil
}

// SetRuleEnabled turns a rule on or off and reports whether there is such a rule.
// Applying a file does not change it.
func (tx *Tx) SetRuleEnabled(name string, enabled bool, at time.Time) (bool, error) {
	n, err := tx.exec("UPDATE rules SET enabled = ?, enabled_ms = ? WHERE name = ?", enabled, toMS(at), name)
	if err != nil {
		return false, fmt.Errorf("enable or disable rule %s: %w", name, err)
	}
	return n > 0, nil
}
