package main

import (
	"context"
	"fmt"
	"time"

	"alerter/config"
	"alerter/store"
	"alerter/web"
)

type alertsCommand struct {
	All bool `help:"Those that have ended too."`
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
		t := newTable(p.out, "state", "severity", "since", "ended", "alert", "summary")
		for _, a := range alerts {
			t.AppendRow([]any{a.State, a.Severity, when(since(a)), when(a.ResolvedAt), a.Labels["alertname"], a.Annotations["summary"]})
		}
		t.Render()
		return nil
	})
}

// read is what /api/v1/alerts answers: the active ones say who uses the limit.
func (c alertsCommand) read(ctx context.Context, p *program, look web.Look) ([]web.Alert, error) {
	if c.All {
		return look.Alerts(ctx, true)
	}
	status, err := look.Status(ctx, moment(p.now))
	return status.Alerts, err
}

// since is when the alert fired, or began to be pending.
func since(a web.Alert) *time.Time {
	if a.FiredAt != nil {
		return a.FiredAt
	}
	return a.PendingAt
}

type outboxCommand struct {
	List outboxListCommand `cmd:"" default:"1" help:"Messages that wait, were sent, or were given up."`
}

type outboxListCommand struct {
	database
	output
}

// Run lists the newest messages of the outbox.
func (c outboxListCommand) Run(p *program) error {
	return c.view(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		messages, err := web.Outbox(ctx, st)
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.out, map[string]any{"messages": messages})
		}
		t := newTable(p.out, "id", "receiver", "reason", "state", "attempts", "next", "sent", "last error")
		for _, m := range messages {
			t.AppendRow([]any{m.ID, m.Receiver, m.Reason, m.State, m.Attempts, when(m.NextAt), when(m.SentAt), m.LastError})
		}
		t.Render()
		return nil
	})
}
