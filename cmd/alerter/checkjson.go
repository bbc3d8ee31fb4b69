package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/web"
)

// looked is a check for programs: what the first line says, and what that rests on.
type looked struct {
	AsOf          time.Time            `json:"as_of"`
	State         string               `json:"state"`   // ok, warning, critical or unknown
	Summary       string               `json:"summary"` // the first line, without the state
	Organizations []lookedOrganization `json:"organizations"`
	Series        []lookedSeries       `json:"series"` // all limits, those of the perfdata and the others
	Alerts        []web.Alert          `json:"alerts"` // what fires, worst first
}

// lookedOrganization is where the check looked.
type lookedOrganization struct {
	Name     string     `json:"name"`
	Source   string     `json:"source"` // the report that was read; empty: none could be
	DataAsOf *time.Time `json:"data_as_of"`
	Problem  string     `json:"problem"` // why nothing could be read, or empty
}

// lookedSeries is one limit, as the perfdata have it.
type lookedSeries struct {
	Labels     web.Labels      `json:"labels"`
	Value      evaluate.Number `json:"value"`   // what the first rule that judges it compares with its levels; null: not known
	Warning    evaluate.Number `json:"warning"` // that rule's levels; null: it has none
	Critical   evaluate.Number `json:"critical"`
	WhyUnknown string          `json:"why_unknown"` // why nothing can be said of it; empty where something can
}

// lookStates are the states by exit code.
var lookStates = [...]string{nagiosOK: "ok", nagiosWarning: "warning", nagiosCritical: "critical", nagiosUnknown: "unknown"}

// printLooked prints a check with the given exit code and first line as JSON.
func (p *program) printLooked(code int, line string, looks []look) error {
	_, summary, _ := strings.Cut(line, " - ")
	c := looked{
		AsOf: moment(p.now), State: lookStates[code], Summary: summary,
		Organizations: []lookedOrganization{}, Series: []lookedSeries{}, Alerts: []web.Alert{},
	}
	for _, l := range looks {
		c.add(l)
	}
	slices.SortStableFunc(c.Alerts, func(a, b web.Alert) int { return cmp.Compare(b.Severity.Rank(), a.Severity.Rank()) })
	if err := printJSON(p.out, c); err != nil {
		return err
	}
	return coded{code: code}
}

// add adds what one organization showed.
func (c *looked) add(l look) {
	o := lookedOrganization{Name: l.organization, Problem: l.problem}
	for _, s := range l.facts.Sources {
		o.Source = string(s.Kind)
		if !s.DataAsOf.IsZero() {
			o.DataAsOf = &s.DataAsOf
		}
	}
	c.Organizations = append(c.Organizations, o)
	for _, g := range l.gauges {
		c.Series = append(c.Series, lookedSeries{
			Labels: web.Labels(g.labels), Value: g.value.Rounded(), Warning: levelOf(g.levels[1]), Critical: levelOf(g.levels[2]),
			WhyUnknown: g.unknown,
		})
	}
	for _, a := range l.alerts {
		if a.State == evaluate.Firing {
			c.Alerts = append(c.Alerts, viewAlert(a, route.Standing{}))
		}
	}
}

// levelOf is a level, or unknown where there is none.
func levelOf(level float64) evaluate.Number {
	if level == 0 {
		return evaluate.Unknown()
	}
	return evaluate.Number(level)
}
