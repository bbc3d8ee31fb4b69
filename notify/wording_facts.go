package notify

import (
	"fmt"
	"math"
	"time"

	"alerter/evaluate"
)

// facts is what is known, in the order it is asked for: which limit, how full,
// since when, how often this led to 429s, data as of.
func (t telling) facts() []Fact {
	var facts []Fact
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, Fact{Name: name, Value: value})
		}
	}
	switch {
	case t.measures() || t.grows() || t.alert.Kind == kindLimitChange:
		add("Limit", t.limitName())
	case t.service().title == "": // else the title says it
		add("About", joinWords(", ", t.part(), t.group(), name(t.alert.Labels.Organization)))
	}
	if t.measures() && t.reason != evaluate.ReasonWithdrawn {
		add(pick(t.over(), "Now", "Used"), t.usedOf())
	}
	if t.grows() && !t.over() {
		add("Peak now", t.peakNow())
		add("Grows by", t.pace())
	}
	if t.alert.Kind != kindLimitChange && t.reason != evaluate.ReasonResolved { // whose first sentence says it
		add(pick(t.over(), "Was firing", "Since"), t.since())
	}
	if t.measures() && !t.over() {
		add("429s", t.odds())
	}
	add("Data as of", t.dataAsOf())
	return facts
}

// limitName says which limit: limiter, group, whose.
func (t telling) limitName() string {
	what := t.words().full()
	if t.alert.Labels.Limiter == "" {
		what = "all limits"
	}
	whose := t.scope()
	if organization := name(t.alert.Labels.Organization); organization != "" {
		whose += pick(t.alert.Labels.Workspace == "", " ", " of ") + organization
	}
	return joinWords(", ", what, t.group(), whose)
}

// usedOf compares what was used in the newest minute with the limit.
func (t telling) usedOf() string {
	r, w := t.alert.Reading, t.words()
	if !r.Used.Known() {
		return "not known"
	}
	used := float64(r.Used)
	if !r.Limit.Known() {
		return fmt.Sprintf("%s %s; the limit is not known", amount(used), w.unit)
	}
	limit := float64(r.Limit)
	said := fmt.Sprintf("%s of %s %s", beside(used, limit), amount(limit), w.unit)
	if w.per != "per day" {
		said += " in the newest complete minute"
	}
	if r.Utilization.Known() {
		said += " (" + percent(float64(r.Utilization)) + ")"
	}
	if used >= limit {
		return said + ", nothing left"
	}
	return said + ", " + beside(math.Max(limit-used, 0), limit) + " left"
}

// began is when the episode came to the mildest level that every route tells of, a
// warning. One that only was watched until then had not begun for those who read
// of it. Where it never came to such a level, it is when it fired.
func (t telling) began() time.Time {
	for _, severity := range []evaluate.Severity{evaluate.Warning, evaluate.Critical} {
		if r := t.alert.Reached[severity.Rank()-1]; !r.At.IsZero() {
			return r.At
		}
	}
	return t.alert.FiredAt
}

// since says when the episode began, how long ago, and when it became critical.
func (t telling) since() string {
	a, began := t.alert, t.began()
	switch {
	case began.IsZero():
		return ""
	case t.over() && !a.ResolvedAt.IsZero():
		return fmt.Sprintf("%s to %s (%s)", moment(began), clock(a.ResolvedAt, began), span(a.ResolvedAt.Sub(began)))
	}
	said := moment(began)
	if age := t.at.Sub(began); age >= 2*time.Minute {
		said += " (" + span(age) + ")"
	}
	if worse := a.Reached[evaluate.Critical.Rank()-1].At; worse.After(began) {
		said += ", critical " + pick(a.Severity == evaluate.Critical, "since ", "at ") + clock(worse, began)
	}
	return said
}

// dataAsOf says how old the reading is.
func (t telling) dataAsOf() string {
	asOf := t.alert.Reading.DataAsOf
	if asOf.IsZero() {
		return ""
	}
	said := clock(asOf, t.at)
	if age := t.at.Sub(asOf); age > 0 {
		said += ", " + span(age) + " old"
	}
	return said
}
