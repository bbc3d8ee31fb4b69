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
	if t.measures() || t.alert.Kind == kindLimitChange {
		add("Limit", t.limitName())
	} else {
		add("About", joinWords(", ", name(t.alert.Subject.Part), t.group(), name(t.alert.Labels.Organization)))
	}
	if t.measures() && t.reason != evaluate.ReasonWithdrawn {
		add(pick(t.over(), "Now", "Used"), t.usedOf())
	}
	if t.alert.Kind != kindLimitChange {
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

// since says when the episode began and how long ago.
func (t telling) since() string {
	a := t.alert
	switch {
	case a.FiredAt.IsZero():
		return ""
	case t.over() && !a.ResolvedAt.IsZero():
		return fmt.Sprintf("%s to %s (%s)", moment(a.FiredAt), clock(a.ResolvedAt, a.FiredAt), span(a.ResolvedAt.Sub(a.FiredAt)))
	}
	said := moment(a.FiredAt)
	if age := t.at.Sub(a.FiredAt); age >= 2*time.Minute {
		said += " (" + span(age) + ")"
	}
	return said
}

// oddsNotCounted stands where nothing was counted for a reading.
const oddsNotCounted = "how often such a reading leads to 429s has not been counted"

// odds says how often a reading like this one led to 429s, from counted history.
// A first warning has better odds than a minute at the same level, because most
// such minutes come after it.
func (t telling) odds() string {
	if !t.measures() || t.over() {
		return ""
	}
	o := t.alert.Reading.Odds
	if o == nil {
		return oddsNotCounted
	}
	said := fmt.Sprintf("followed such a minute within 15 min in %s of cases, within the hour in %s", percent(o.Within15), percent(o.Within60))
	if t.reason == evaluate.Fired && o.Warned60 > o.Within60 {
		said = fmt.Sprintf("followed a first warning like this one within the hour in %s of cases", percent(o.Warned60))
	}
	if source := name(o.Source); source != "" {
		said += " (" + source + ")"
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
