package web

import (
	"context"
	"encoding/json"
	"time"

	"alerter/store"
)

// Rule is a rule as the database has it.
type Rule struct {
	Alert     string          `json:"alert"`
	Kind      string          `json:"kind"`
	Revision  int             `json:"revision"` // counts its changes, from 1
	Enabled   bool            `json:"enabled"`
	File      string          `json:"file"` // it was last applied from
	AppliedAt time.Time       `json:"applied_at"`
	Spec      json.RawMessage `json:"spec"` // all its parameters, defaults included
}

// Rules reads the rules in the database, disabled ones included, in the order of
// their file.
func Rules(ctx context.Context, st *store.Store) ([]Rule, error) {
	out := []Rule{}
	err := st.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Rules()
		for _, r := range list {
			spec, err := json.Marshal(r.Rule)
			if err != nil {
				return err
			}
			out = append(out, Rule{
				Alert: r.Alert, Kind: r.Condition.Kind(), Revision: r.Revision, Enabled: r.Enabled,
				File: r.File, AppliedAt: r.AppliedAt, Spec: spec,
			})
		}
		return err
	})
	return out, err
}
