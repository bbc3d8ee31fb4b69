package store

import (
	"fmt"
	"time"

	"alerter/usage"
)

// FactsKnown is [Tx.Facts] as the step at that moment saw them: minutes, limits
// and freshness as known then, and the source that was in use. Names are the
// present ones. Where no step was made at that moment, the source is that of the
// last one before.
func (tx *Tx) FactsKnown(org usage.Organization, at time.Time, back, settle time.Duration) (usage.Facts, usage.Unmatched, error) {
	source, err := tx.sourceKnown(org, at)
	if err != nil {
		return usage.Facts{}, usage.Unmatched{}, err
	}
	return tx.facts(source, toMS(at), org, at, back, settle)
}

type tickRow struct {
	Source  usage.SourceKind `db:"source"`
	Why     string           `db:"why"`
	Problem string           `db:"problem"`
}

// sourceKnown is the source of the last step up to at.
func (tx *Tx) sourceKnown(org usage.Organization, at time.Time) (usage.Source, error) {
	s, err := tx.source(org)
	if err != nil {
		return usage.Source{}, err
	}
	var r tickRow
	_, err = tx.get(&r, `
		SELECT source, why, problem FROM ticks WHERE organization_id = ? AND at_ms <= ?
		ORDER BY at_ms DESC LIMIT 1`, org.ID, toMS(at))
	if err != nil {
		return usage.Source{}, fmt.Errorf("find the source of organization %s at %s: %w", org.ID, at.UTC().Format(time.RFC3339), err)
	}
	s.Kind, s.Why, s.Problem = r.Source, r.Why, r.Problem
	return s, nil
}
