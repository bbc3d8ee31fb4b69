package evaluate

import "alerter/usage"

// absence says why no verdict names an alert. It is only made when one is missing.
type absence struct {
	rules  map[string]bool // by alertname
	ends   map[string]bool // kinds whose alerts end by it
	series map[usage.ID]bool
}

func newAbsence(rules []Rule, facts *usage.Facts) absence {
	why := absence{
		rules: make(map[string]bool, len(rules)), ends: make(map[string]bool),
		series: make(map[usage.ID]bool, len(facts.Series)),
	}
	for _, r := range rules {
		why.rules[r.Alert] = true
		if _, ok := r.Condition.(interface{ endsByAbsence() }); ok {
			why.ends[r.Condition.Kind()] = true
		}
	}
	for i := range facts.Series {
		why.series[facts.Series[i].ID] = true
	}
	return why
}

// text is why the alert is withdrawn, for people.
func (w *absence) text(a *Alert) string {
	switch {
	case !w.rules[a.Rule]:
		return "the rule was removed or disabled"
	case w.series[a.Subject.ID]:
		return "the rule no longer applies to this limit"
	case a.Subject.GroupID != "":
		return "the limit is no longer configured"
	}
	return "it is no longer watched"
}

// depart ends an alert that no verdict names.
func (s *stepper) depart(a Alert, why *absence) {
	to := Withdrawn
	if why.ends[a.Kind] {
		to = Resolved
	}
	s.end(&a, to, Unknown())
	if a.State == Withdrawn {
		a.Why = why.text(&a)
	}
	s.keep(a, true)
}
