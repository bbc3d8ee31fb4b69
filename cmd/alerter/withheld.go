package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"alerter/store"
	"alerter/web"
)

// withheld lists the newest decisions not to send.
func (c outboxListCommand) withheld(ctx context.Context, p *program, st *store.Store) error {
	list, err := web.NotSent(ctx, st)
	if err != nil {
		return err
	}
	if c.json() {
		return printJSON(p.out, map[string]any{"withheld": list})
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(p.out, "Nothing has been held back.")
		return err
	}
	printWithheld(p.out, list, moment(p.now), p.columns)
	return nil
}

// printWithheld prints a table; in a narrow terminal the reasons stand below the alerts.
func printWithheld(out io.Writer, list []web.Withheld, at time.Time, columns int) {
	t := newTable("time", "receiver", "alert", "not sent because")
	for _, w := range list {
		t.row(clockTime(&w.At, at), w.Receiver, withheldAlert(w), w.Detail)
	}
	t.lower(columns)
	t.print(out, columns)
}

// withheldAlert names the alert: LimitPressure Claude Opus 5 output tokens/min (prod).
func withheldAlert(w web.Withheld) string {
	if w.Alertname == "" {
		return w.Fingerprint // it has been pruned since
	}
	return joinWords(" ", w.Alertname, limitWords(w.Labels.ModelGroup, w.Labels.Limiter, w.Labels.Workspace))
}
