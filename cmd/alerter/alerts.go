package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"alerter/config"
	"alerter/store"
	"alerter/web"
)

type alertsCommand struct {
	All bool `help:"Also those that have ended."`
	database
	output
}

// Run lists the alerts in the database.
func (c alertsCommand) Run(p *program) error {
	return c.view(p, func(ctx context.Context, place config.Place, st *store.Store) error {
		alerts, err := c.read(ctx, p, lookInto(place, st))
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.out, map[string]any{"alerts": alerts})
		}
		if len(alerts) == 0 {
			fmt.Fprintln(p.out, "No alert is active.")
			return nil
		}
		at := moment(p.now)
		t := newTable("state", "severity", "alert", "when", "summary")
		for _, a := range alerts {
			t.row(stateWords(a), a.Severity, a.Labels["alertname"], lasted(a, at), joinWords("; ", a.Annotations["summary"], a.Annotations["hindsight"]))
		}
		t.lower(p.columns)
		t.print(p.out, p.columns)
		return nil
	})
}

// stateWords is the alert's state, and what people have done about it.
func stateWords(a web.Alert) string {
	return joinWords(", ", string(a.State), standing(a))
}

// standing is what people have done about the alert; empty: nothing.
func standing(a web.Alert) string {
	var words []string
	if a.Acknowledged {
		words = append(words, joinWords(" by ", "acknowledged", a.Annotations["acknowledged_by"]))
	}
	if a.Silenced {
		words = append(words, joinWords(" by ", "silenced", a.Annotations["silenced_by"]))
	}
	return strings.Join(words, ", ")
}

// read is what /api/v1/alerts answers: the active ones say who uses the limit.
func (c alertsCommand) read(ctx context.Context, p *program, look web.Look) ([]web.Alert, error) {
	if c.All {
		return look.Alerts(ctx, moment(p.now), true)
	}
	status, err := look.Status(ctx, moment(p.now))
	return status.Alerts, err
}

// lasted is when the alert began, and when it ended or how long ago it began.
func lasted(a web.Alert, at time.Time) string {
	began := since(a)
	switch {
	case began == nil:
		return "-"
	case a.ResolvedAt != nil && a.ResolvedAt.After(*began):
		return clockTime(began, at) + " to " + clockTime(a.ResolvedAt, at) + " (" + web.Span(a.ResolvedAt.Sub(*began)) + ")"
	}
	said := "since " + clockTime(began, at) + " (" + ago(began, at) + ")"
	if came := a.SeveritySince(); came != nil {
		said += ", " + string(a.Severity) + " since " + clockTime(came, at)
	}
	return said
}

// since is when the alert fired, or began to be pending.
func since(a web.Alert) *time.Time {
	if a.FiredAt != nil {
		return a.FiredAt
	}
	return a.PendingAt
}
