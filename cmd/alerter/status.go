package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"alerter/config"
	"alerter/evaluate"
	"alerter/store"
	"alerter/web"
)

type statusCommand struct {
	database
	output
}

// Run prints how full every limit is, from the database.
func (c statusCommand) Run(p *program) error {
	return c.view(p, func(ctx context.Context, place config.Place, st *store.Store) error {
		status, err := lookInto(place, st).Status(ctx, moment(p.now))
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.out, status)
		}
		p.printStatus(status)
		return nil
	})
}

// moment is now, as precisely as moments are kept and shown.
func moment(now func() time.Time) time.Time { return now().Truncate(time.Millisecond) }

func lookInto(place config.Place, st *store.Store) web.Look {
	return web.Look{Store: st, View: viewAlert, Settle: place.Settle}
}

func (p *program) printStatus(st web.Status) {
	for _, o := range st.Organizations {
		fmt.Fprintf(p.out, "%s: data as of %s", o.Name, when(o.DataAsOf))
		if o.LagSeconds != nil {
			fmt.Fprintf(p.out, " (%.0f s ago)", *o.LagSeconds)
		}
		if o.Source != "" {
			fmt.Fprintf(p.out, ", from %s: %s", o.Source, o.Why)
		}
		fmt.Fprintln(p.out)
		if o.Problem != "" {
			fmt.Fprintf(p.out, "  the last read did not succeed: %s\n", o.Problem)
		}
	}
	if len(st.Organizations) == 0 {
		fmt.Fprintln(p.out, "No organization has been read yet.")
	}
	if len(st.Series) > 0 {
		fmt.Fprintln(p.out)
		t := newTable(p.out, "model group", "limiter", "workspace", "used", "limit", "full", "pressure", "last hour", "state", "who")
		for _, s := range st.Series {
			t.AppendRow([]any{
				s.Labels.ModelGroup, s.Labels.Limiter, s.Labels.Workspace, amount(s.Used), amount(s.Limit),
				percent(s.Utilization), percent(s.Pressure), sparkline(s.History), s.State, who(s.Top),
			})
		}
		t.Render()
	}
	p.printActive(st.Alerts)
	printUnmatched(p, st.Unmatched)
}

// who names the largest consumer of each kind, which fits a line; JSON has them all.
func who(top []web.Consumer) string {
	var parts []string
	seen := map[string]bool{}
	for _, c := range top {
		if !seen[c.Kind] && c.Kind != "model" {
			parts = append(parts, fmt.Sprintf("%s %.0f %%", c.Name, evaluate.Percent(c.Share)))
		}
		seen[c.Kind] = true
	}
	return strings.Join(parts, ", ")
}

func (p *program) printActive(alerts []web.Alert) {
	if len(alerts) == 0 {
		fmt.Fprintln(p.out, "\nNo alert is active.")
		return
	}
	fmt.Fprintln(p.out, "\nAlerts:")
	for _, a := range alerts {
		fmt.Fprintf(p.out, "  %s %s since %s: %s\n", a.State, a.Severity, when(since(a)), a.Annotations["summary"])
	}
}

func printUnmatched(p *program, u web.Unmatched) {
	if len(u.Models)+len(u.Limiters) == 0 {
		return
	}
	fmt.Fprintln(p.out, "\nNot watched:")
	for _, m := range u.Models {
		fmt.Fprintf(p.out, "  %s: %s\n", orUsage(m.Model), m.Reason)
	}
	for _, l := range u.Limiters {
		fmt.Fprintf(p.out, "  %s %s = %d: %s\n", l.ModelGroup, l.Limiter, l.Value, l.Reason)
	}
}

func orUsage(model string) string {
	if model == "" {
		return "usage"
	}
	return model
}
