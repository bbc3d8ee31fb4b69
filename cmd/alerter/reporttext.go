package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/evaluate/replay"
)

// printReport prints a line for each rule and limit that something came of.
func printReport(out io.Writer, r replay.Report) {
	fmt.Fprintf(out, "%s to %s: %s, %d series\n", when(&r.From), when(&r.To), count(r.Ticks, "step"), r.Series)
	scores := r.Scores()
	if len(scores) == 0 {
		fmt.Fprintln(out, "Nothing fired, and no limit was reached.")
		return
	}
	fmt.Fprintln(out)
	t := newTable("rule", "limit", "fired", "notified", "lasted", "flaps", "at limit", "right", "wrong", "missed", "lead")
	for _, s := range scores {
		row := []any{orDash(s.Alertname), limitName(s.Labels), s.Fired, s.Notified, span(s.Lasted), s.Flaps, span(time.Duration(s.MinutesAtLimit) * time.Minute)}
		if !s.Judged {
			t.row(append(row, "-", "-", "-", "-")...)
			continue
		}
		lead := "-"
		if s.Lead > 0 {
			lead = span(s.Lead)
		}
		t.row(append(row, s.Right, s.Wrong, s.Missed, lead)...)
	}
	t.print(out, 0)
	fmt.Fprintf(out, "\n%d fired, %d notified, %s at a limit.\n", r.Summary.Fired, r.Summary.Notified, count(r.Summary.MinutesAtLimit, "minute"))
	fmt.Fprintln(out, "right: notified, and the limit was reached within an hour; wrong: it was not; missed: it was, with no word in the hour before; lead: the median of the time in between.")
}

// limitName is a limit in a few words.
func limitName(l replay.Labels) string {
	var parts []string
	for _, part := range []string{l.ModelGroup, l.Limiter} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if l.Workspace != "" {
		parts = append(parts, "("+l.Workspace+")")
	}
	if len(parts) == 0 {
		return l.Organization
	}
	return strings.Join(parts, " ")
}

// span is a time in whole minutes.
func span(d time.Duration) string { return evaluate.Duration(d.Round(time.Minute)).String() }

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
