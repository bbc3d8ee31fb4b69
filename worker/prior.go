package worker

import (
	"time"

	"alerter/evaluate"
	"alerter/store"
)

// enabledRules reads the rules that are in force and how much past they need.
func enabledRules(tx *store.Tx) ([]evaluate.Rule, time.Duration, error) {
	stored, err := tx.Rules()
	if err != nil {
		return nil, 0, err
	}
	var rules []evaluate.Rule
	for _, r := range stored {
		if !r.Enabled {
			continue
		}
		rules = append(rules, r.Rule)
	}
	return rules, evaluate.LiveLookback(rules), nil
}

// prior are the alerts as the last step left them, and what followed their
// warnings: from memory when this process made that step, else from the store.
func (w *Worker) prior(tx *store.Tx, a *account, orgID string, last time.Time) ([]evaluate.Alert, *evaluate.Records, error) {
	a.mu.Lock()
	prior, records, at := a.prior, a.records, a.priorAt
	a.mu.Unlock()
	if !at.IsZero() && at.Equal(last) {
		return prior, records, nil
	}
	records = &evaluate.Records{Reach: w.Plan().Retention}
	cases, err := tx.Cases(orgID, last.Add(-records.Reach))
	if err != nil {
		return nil, nil, err
	}
	records.Keep(cases)
	prior, err = tx.Alerts(orgID)
	return prior, records, err
}

// keepPrior remembers what a stored step left. A step that was not stored leaves
// what was there, which is still what the store says.
func (a *account) keepPrior(done *stepped) {
	done.records.Keep(done.cases)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.prior, a.records, a.priorAt, a.growth, a.renotice = done.res.Live(), done.records, done.at, done.growth, false
}

// renotices reports whether the routes have changed since the last step.
func (a *account) renotices() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.renotice
}

// again are notices for alerts that fire already, after the routes have
// changed: who is new to them shall hear of them. Routing leaves out who has heard.
func again(at time.Time, res evaluate.Result) []evaluate.Notice {
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
