package main

import (
	"context"
	"fmt"
	"slices"

	"alerter/config"
	"alerter/evaluate"
	"alerter/notify"
	"alerter/store"
)

type ackCommand struct {
	Alert []string `arg:"" help:"Which alerts: fingerprints, or alert names for all of that name that fire; see alerter alerts --output json."`
	author
	database
	output
}

// acked is an alert that was taken on, as the command prints it.
type acked struct {
	Fingerprint evaluate.Fingerprint `json:"fingerprint"`
	Alertname   string               `json:"alertname"`
	By          string               `json:"by"`
	summary     string
}

// Run acknowledges alerts that fire: all that are named, or none.
func (c ackCommand) Run(p *program) error {
	by, err := c.name(p)
	if err != nil {
		return err
	}
	return c.change(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		done := []acked{}
		err := st.Update(ctx, func(tx *store.Tx) error {
			named, err := c.named(tx)
			for _, a := range named {
				if _, err := tx.Acknowledge(a.Fingerprint, by, moment(p.now)); err != nil {
					return err
				}
				done = append(done, acked{a.Fingerprint, a.Rule, by, notify.View(a).Annotations["summary"]})
			}
			return err
		})
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.out, map[string]any{"acknowledged": done})
		}
		for _, a := range done {
			fmt.Fprintf(p.out, "%s %s: acknowledged by %s (%s)\n", a.Fingerprint, a.Alertname, a.By, a.summary)
		}
		_, err = fmt.Fprintln(p.out, heededSoon)
		return err
	})
}

// named are the firing alerts that the arguments name, each once.
func (c ackCommand) named(tx *store.Tx) ([]evaluate.Alert, error) {
	firing, err := tx.FiringAlerts()
	if err != nil {
		return nil, err
	}
	var all []evaluate.Alert
	for _, name := range c.Alert {
		found := false
		for _, a := range firing {
			if string(a.Fingerprint) != name && a.Rule != name {
				continue
			}
			found = true
			if !slices.ContainsFunc(all, func(b evaluate.Alert) bool { return a.Fingerprint == b.Fingerprint }) {
				all = append(all, a)
			}
		}
		if !found {
			return nil, fmt.Errorf("no alert that fires is called %q, or has that fingerprint; see `alerter alerts`", name)
		}
	}
	return all, nil
}
