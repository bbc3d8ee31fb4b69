package main

import (
	"context"
	"encoding/json"
	"fmt"

	"alerter/config"
	"alerter/store"
	"alerter/web"
)

type rulesCommand struct {
	List    rulesListCommand    `cmd:"" default:"1" help:"The rules in force, as the database has them."`
	Apply   rulesApplyCommand   `cmd:"" help:"Make the rules equal to those of a file, until rules.yaml is next reloaded."`
	Enable  rulesEnableCommand  `cmd:"" help:"Turn a rule on."`
	Disable rulesDisableCommand `cmd:"" help:"Turn a rule off; it stays off over restarts and reloads."`
}

type rulesListCommand struct {
	database
	output
}

// Run lists the rules in the database.
func (c rulesListCommand) Run(p *program) error {
	return c.view(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		rules, err := web.Rules(ctx, st)
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.out, map[string]any{"rules": rules})
		}
		t := newTable("rule", "kind", "enabled", "revision", "from", "applied")
		for _, r := range rules {
			enabled := "yes"
			if !r.Enabled {
				enabled = "DISABLED"
			}
			t.row(r.Alert, r.Kind, enabled, r.Revision, r.File, when(&r.AppliedAt))
		}
		t.print(p.out, p.columns)
		return nil
	})
}

type rulesApplyCommand struct {
	File string `arg:"" help:"A rules file, or one with nothing but rules; only its rules are applied."`
	database
	output
}

// Run makes the rules in the database equal to the file's.
func (c rulesApplyCommand) Run(p *program) error {
	from, err := config.LoadRules(c.File, p.env)
	if err != nil {
		return err
	}
	if len(from.Rules) == 0 {
		return coded{exitUsage, fmt.Sprintf("alerter: %s has no rules: nothing is applied; see `alerter rules disable` to turn rules off", c.File)}
	}
	return c.change(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		var changes []store.RuleChange
		err := st.Update(ctx, func(tx *store.Tx) (err error) {
			changes, err = tx.ApplyRules(from.Rules, c.File, p.now())
			return err
		})
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.out, map[string]any{"changes": toRuleChanges(changes)})
		}
		for _, change := range changes {
			fmt.Fprintf(p.out, "%s: %s\n", change.Name, whatChanged(change))
		}
		if len(changes) == 0 {
			fmt.Fprintln(p.out, "nothing changed")
		}
		_, err = fmt.Fprintln(p.out, "These rules hold until rules.yaml is next loaded (start or reload). A running service acts on them within ten seconds.")
		return err
	})
}

// ruleChange is what applying a file did to one rule. Before is null for an
// added one, After for a removed one.
type ruleChange struct {
	Rule     string          `json:"rule"`
	Change   string          `json:"change"` // added, changed or removed
	Revision int             `json:"revision"`
	Before   json.RawMessage `json:"before"`
	After    json.RawMessage `json:"after"`
}

func toRuleChanges(changes []store.RuleChange) []ruleChange {
	out := []ruleChange{}
	for _, c := range changes {
		out = append(out, ruleChange{c.Name, string(c.Kind), c.Revision, c.Before, c.After})
	}
	return out
}

type rulesEnableCommand struct {
	Rule string `arg:"" help:"The rule's alert name."`
	database
	output
}

// Run turns the rule on.
func (c rulesEnableCommand) Run(p *program) error { return c.setRule(p, c.Rule, true, c.output) }

type rulesDisableCommand struct {
	Rule string `arg:"" help:"The rule's alert name."`
	database
	output
}

// Run turns the rule off.
func (c rulesDisableCommand) Run(p *program) error { return c.setRule(p, c.Rule, false, c.output) }

func (d database) setRule(p *program, name string, enabled bool, how output) error {
	return d.change(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		found := false
		err := st.Update(ctx, func(tx *store.Tx) (err error) {
			found, err = tx.SetRuleEnabled(name, enabled, p.now())
			return err
		})
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("there is no rule %q in the database; see `alerter rules list`", name)
		}
		if how.json() {
			return printJSON(p.out, map[string]any{"rule": name, "enabled": enabled})
		}
		state := "enabled"
		if !enabled {
			state = "disabled; its alerts are withdrawn"
		}
		_, err = fmt.Fprintf(p.out, "%s: %s. %s\n", name, state, heededSoon)
		return err
	})
}
