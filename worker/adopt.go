package worker

import (
	"context"
	"fmt"
	"strings"
	"time"

	"alerter/store"
)

// adopt makes plan the one in force: its rules into the store, its
// organizations into accounts. Running state of organizations that stay is kept.
// It returns what that changed in the store's rules.
func (w *Worker) adopt(ctx context.Context, plan Plan) (changes []store.RuleChange, err error) {
	at := w.moment()
	accounts := w.accountsOf(plan, at)
	heeded := ""
	err = w.update(ctx, func(tx *store.Tx) (err error) {
		if changes, err = tx.ApplyRules(plan.Rules, plan.RulesFile, at); err != nil {
			return err
		}
		if heeded, err = heeds(tx, at); err != nil {
			return err
		}
		for _, a := range accounts {
			if err := recall(tx, a); err != nil {
				return err
			}
		}
		if w.Plan() != nil { // a reload: what a receiver asked for may have been meant for another address or key
			if err := tx.EndRests(); err != nil {
				return err
			}
		}
		return dropTroubles(tx, plan, accounts, at)
	})
	if err != nil {
		return nil, fmt.Errorf("apply the rules of %s: %w", plan.RulesFile, err)
	}
	for i, a := range accounts {
		a.follow(plan.Organizations[i])
	}
	w.mu.Lock()
	w.accounts, w.heeded, w.renotice, w.adopted = accounts, heeded, true, at
	clear(w.closed)
	w.mu.Unlock()
	w.adoptLanes(plan)
	if before := w.Plan(); before != nil {
		w.Metrics.forget(before.Receivers, plan.Receivers)
	}
	w.Metrics.expect(plan.Receivers)
	w.plan.Store(&plan)
	return changes, nil
}

// begin makes the first plan the one in force, and says what that changed since
// the process before.
func (w *Worker) begin(ctx context.Context, plan Plan) error {
	changes, err := w.adopt(ctx, plan)
	if err == nil && len(changes) > 0 {
		w.Log.Info().Str("changes", strings.Join(RuleChanges(changes), ", ")).Msg("rules applied")
	}
	return err
}

// RuleChanges says each change in a few words: "rule LimitPressure changed".
func RuleChanges(changes []store.RuleChange) []string {
	texts := make([]string, len(changes))
	for i, c := range changes {
		texts[i] = "rule " + c.Name + " " + string(c.Kind)
	}
	return texts
}

// accountsOf gives the accounts of a plan's organizations, in their order: those
// there are, and new ones.
func (w *Worker) accountsOf(plan Plan, at time.Time) []*account {
	known := map[string]*account{}
	for _, a := range w.organizations() {
		known[a.slot] = a
	}
	var accounts []*account
	for _, o := range plan.Organizations {
		a := known[o.Slot]
		if a == nil {
			a = newAccount(o, w.BackfillPages, at)
		}
		accounts = append(accounts, a)
	}
	return accounts
}

// recall finds in the store what an earlier process knew of an organization, so
// that it is evaluated, and its silence told, also before the API answers.
func recall(tx *store.Tx, a *account) error {
	if a.organization().ID != "" {
		return nil
	}
	org, found, err := tx.OrganizationByConfig(a.slot)
	if err != nil || !found {
		return err
	}
	sources, err := tx.Sources()
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.org = org
	for _, s := range sources {
		if s.OrganizationID != org.ID {
			continue
		}
		a.choice.Kind, a.choice.Why = s.Kind, s.Why
		if !s.Since.IsZero() && s.Since.Before(a.since) {
			a.since = s.Since
		}
	}
	return nil
}

// follow takes over the organization's part of a new plan. A changed key or
// configuration deserves a fresh try.
func (a *account) follow(o Organization) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conf, a.met, a.probed, a.renotice = o, false, time.Time{}, true
	if o.Name != "" && a.org.ID != "" {
		a.org.Name = o.Name
	}
	clear(a.rest)
}

// organizations are those of the plan in force.
func (w *Worker) organizations() []*account {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.accounts
}
