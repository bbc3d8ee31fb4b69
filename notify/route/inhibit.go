package route

import "alerter/evaluate"

// InhibitRule keeps alerts from being told while another fires, as in Alertmanager
// (https://prometheus.io/docs/alerting/latest/configuration/#inhibition-related-settings).
// Alerts about the service itself are inhibited only by a rule that names them, by
// a matcher alertname="…" among its Target.
type InhibitRule struct {
	Source []Matcher // the alert that must fire
	Target []Matcher // the alerts that are then not told
	Equal  []string  // labels that must be the same in both; one that both lack is the same
}

// inhibits reports whether source, which fires, keeps target quiet. As in
// Alertmanager, alerts that match both sides do not keep each other quiet.
func (r *InhibitRule) inhibits(source, target *labelled) bool {
	if source.alert.Fingerprint == target.alert.Fingerprint ||
		!matchesAlert(r.Target, target.alert, target.labels) || !MatchesAll(r.Source, source.labels) {
		return false
	}
	if MatchesAll(r.Source, target.labels) && MatchesAll(r.Target, source.labels) {
		return false
	}
	for _, name := range r.Equal {
		if source.labels[name] != target.labels[name] {
			return false
		}
	}
	return true
}

// Inhibitions are the rules that are about an alert, in their order: those by which
// another one that fires may keep it quiet, and those by which it may keep others
// quiet while it fires.
func (t Tree) Inhibitions(a evaluate.Alert) (targetOf, sourceOf []InhibitRule) {
	labels := Labels(a)
	for _, r := range t.Inhibit {
		if matchesAlert(r.Target, &a, labels) {
			targetOf = append(targetOf, r)
		}
		if MatchesAll(r.Source, labels) {
			sourceOf = append(sourceOf, r)
		}
	}
	return targetOf, sourceOf
}

// labelled is an alert and what matchers see of it.
type labelled struct {
	alert  *evaluate.Alert
	labels map[string]string
}

// MatchesAll reports whether the labels fulfil every condition; nil labels are all empty.
func MatchesAll(matchers []Matcher, labels map[string]string) bool {
	return against(matchers, labels) == nil
}
