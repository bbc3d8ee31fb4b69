package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

// lookback is how much of the past a tick looks at, for rules and for the
// pictures in messages. A rule that needs more widens it.
const lookback = 2 * time.Hour

// Tick is one cycle of one organization: read, then in one transaction store,
// join, evaluate, route and enqueue. A failed read does not end it: what is
// known is evaluated, and the stale rule speaks of the rest. The same tick again
// changes nothing.
func (w *Worker) Tick(ctx context.Context, a *account, at time.Time) error {
	reading, cancel := w.deadline(ctx, w.Plan().Schedule.Usage)
	defer cancel()
	answers, readErr := w.read(reading, a, at)
	a.remember(at, readErr)
	err := w.step(ctx, a, at, answers)
	return errors.Join(readErr, err, w.tellKey(ctx, a, at, readErr))
}

// remember keeps how the read ended, for the source's status.
func (a *account) remember(at time.Time, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.problem = ""
	if err != nil {
		a.problem = err.Error()
		return
	}
	if !at.Before(a.rest["usage"]) {
		a.lastGood = at
	}
}

// stepped is what a step leads to, beyond what it stored.
type stepped struct {
	res       evaluate.Result
	unmatched usage.Unmatched
	buckets   int
	messages  int
	skipped   bool
}

// step stores the answers and moves the organization's alerts, in one transaction.
func (w *Worker) step(ctx context.Context, a *account, at time.Time, answers []usage.Answer) error {
	org := a.organization()
	if org.ID == "" {
		return nil // never reached yet: there is nothing to evaluate, and the job's failure is told
	}
	var done stepped
	err := w.Store.Update(ctx, func(tx *store.Tx) error {
		done = stepped{}
		for _, answer := range answers {
			if _, err := tx.PutMinutes(org.ID, answer.Minutes); err != nil {
				return err
			}
			for _, m := range answer.Minutes {
				done.buckets += len(m.Buckets)
			}
		}
		return w.evaluate(tx, a, org, at, &done)
	})
	if err != nil {
		a.forgetPrior()
		return fmt.Errorf("store and evaluate: %w", err)
	}
	if done.skipped {
		return nil
	}
	a.keepPrior(at, done.res.Alerts)
	w.tell(a, at, done)
	return nil
}

// evaluate joins what the transaction sees, steps the alerts, and writes what follows.
func (w *Worker) evaluate(tx *store.Tx, a *account, org usage.Organization, at time.Time, done *stepped) error {
	last, err := tx.LastTick(org.ID)
	if err != nil {
		return err
	}
	if at.Equal(last) {
		done.skipped = true
		return nil
	}
	rules, back, err := enabledRules(tx)
	if err != nil {
		return err
	}
	if err := tx.PutSource(a.source(org)); err != nil {
		return err
	}
	facts, unmatched, err := tx.Facts(org, at, back, a.Settle)
	if err != nil {
		return err
	}
	facts.SteppedAt = last
	if facts.Changes, err = tx.Changes(org.ID, last, at); err != nil {
		return err
	}
	prior, err := a.priorAlerts(tx, org.ID, last)
	if err != nil {
		return err
	}
	done.res, done.unmatched = evaluate.Step(at, rules, &facts, prior), unmatched
	notices := append(done.res.Notices, a.again(at, done.res)...)
	if done.messages, err = w.route(tx, at, org, notices, done.res.Alerts); err != nil {
		return err
	}
	return errors.Join(
		tx.PutAlerts(done.res.Changed),
		tx.PutTransitions(org.ID, done.res.Transitions),
		tx.PutTick(org.ID, at, a.problemText()),
	)
}

// enabledRules reads the rules that are in force and how much past they need.
func enabledRules(tx *store.Tx) ([]evaluate.Rule, time.Duration, error) {
	stored, err := tx.Rules()
	if err != nil {
		return nil, 0, err
	}
	back := lookback
	var rules []evaluate.Rule
	for _, r := range stored {
		if !r.Enabled {
			continue
		}
		rules = append(rules, r.Rule)
		back = max(back, r.Rule.Condition.Lookback()+time.Hour)
	}
	return rules, back, nil
}

// source says where the organization's usage comes from, as of now.
func (a *account) source(org usage.Organization) usage.Source {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.choice
	s.OrganizationID, s.Organization = org.ID, org.Name
	s.Since, s.Problem = a.since, a.problem
	return s
}

// priorAlerts are the alerts as the last step left them: from memory when this
// process made that step, else from the store.
func (a *account) priorAlerts(tx *store.Tx, orgID string, last time.Time) ([]evaluate.Alert, error) {
	a.mu.Lock()
	prior, at := a.prior, a.priorAt
	a.mu.Unlock()
	if !at.IsZero() && at.Equal(last) {
		return prior, nil
	}
	return tx.Alerts(orgID)
}

func (a *account) forgetPrior() { a.keepPrior(time.Time{}, nil) }

func (a *account) keepPrior(at time.Time, alerts []evaluate.Alert) {
	var live []evaluate.Alert
	for _, al := range alerts {
		if al.State == evaluate.Pending || al.State == evaluate.Firing {
			live = append(live, al)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.prior, a.priorAt = live, at
	if !at.IsZero() {
		a.renotice = false
	}
}

// again are notices for alerts that fire already, after the routes have
// changed: who is new to them shall hear of them. Routing leaves out who has heard.
func (a *account) again(at time.Time, res evaluate.Result) []evaluate.Notice {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.renotice {
		return nil
	}
	told := map[evaluate.Fingerprint]bool{}
	for _, n := range res.Notices {
		told[n.Alert.Fingerprint] = true
	}
	var notices []evaluate.Notice
	for _, al := range res.Alerts {
		if al.State == evaluate.Firing && !told[al.Fingerprint] {
			notices = append(notices, evaluate.Notice{At: at, Reason: evaluate.Fired, Alert: al})
		}
	}
	return notices
}

// tell logs what a step did and wakes the deliverer.
func (w *Worker) tell(a *account, at time.Time, done stepped) {
	for _, n := range done.res.Notices {
		w.Log.Info().Str("rule", n.Alert.Rule).Str("fingerprint", string(n.Alert.Fingerprint)).
			Str("organization", n.Alert.Labels.Organization).Str("workspace", n.Alert.Labels.Workspace).
			Str("group", n.Alert.Labels.ModelGroup).Str("limiter", n.Alert.Labels.Limiter).
			Str("state", string(n.Alert.State)).Str("severity", string(n.Alert.Severity)).
			Str("reason", string(n.Reason)).Msg("alert changed")
	}
	w.tellUnmatched(a, done.unmatched)
	w.Log.Info().Time("at", at).Str("organization", a.label()).Dur("took", w.Now().Sub(at)).
		Int("buckets", done.buckets).Int("alerts", len(done.res.Alerts)).Int("notices", len(done.res.Notices)).Msg("tick")
	w.Metrics.ticked(a.label(), at, w.Now().Sub(at))
	if done.messages > 0 {
		w.wake()
	}
}

// tellUnmatched logs each thing that could not be joined once.
func (w *Worker) tellUnmatched(a *account, u usage.Unmatched) {
	for _, m := range u.Models {
		if a.firstTime("model " + m.Model + m.Reason) {
			w.Log.Warn().Str("organization", a.label()).Str("model", m.Model).Str("reason", m.Reason).Msg("usage is in no limit")
		}
	}
	for _, l := range u.Limiters {
		if a.firstTime("limit " + l.WorkspaceID + l.GroupID + string(l.Limiter) + l.Reason) {
			w.Log.Info().Str("organization", a.label()).Str("workspace", l.WorkspaceID).Str("group", l.ModelGroup).
				Str("limiter", string(l.Limiter)).Str("reason", l.Reason).Msg("limit cannot be watched")
		}
	}
	a.mu.Lock()
	a.unmatched = u
	a.mu.Unlock()
}

func (a *account) firstTime(what string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.toldOf[what] {
		return false
	}
	a.toldOf[what] = true
	return true
}
