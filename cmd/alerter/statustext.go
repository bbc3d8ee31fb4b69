package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/web"
)

// statusView prints a status for people, in a hundred columns.
type statusView struct {
	out     io.Writer
	columns int  // of the terminal; 0: it is none, and nothing is cut
	wide    bool // nothing is cut or left out
	status  web.Status
}

func (v statusView) print() {
	v.organizations()
	if len(v.status.Series) > 0 {
		fmt.Fprintln(v.out)
		v.series()
	}
	v.alerts()
	v.unmatched()
}

// longest is how long a reason in a line of its own may be.
const longest = 90

// inBrackets is what a reason quotes in brackets, such as an answer of the API.
var inBrackets = regexp.MustCompile(` \(.*\)`)

// organizations says of each where its data come from, and how old they are.
func (v statusView) organizations() {
	if len(v.status.Organizations) == 0 {
		fmt.Fprintln(v.out, "No organization has been read yet.")
	}
	for _, o := range v.status.Organizations {
		said := o.Name + ": no data yet"
		if o.DataAsOf != nil {
			said = fmt.Sprintf("%s: data as of %s (%s)", o.Name, clockTime(o.DataAsOf, v.status.AsOf), ago(o.DataAsOf, v.status.AsOf))
		}
		why := o.Why
		if !v.wide {
			why = text.Snip(inBrackets.ReplaceAllString(why, ""), longest, "…")
		}
		if o.Source != "" {
			said += ", from " + o.Source
		}
		switch {
		case why == "":
			v.line("%s", said)
		case len(o.Name+o.Source+why) < longest/2:
			v.line("%s: %s", said, why)
		default:
			v.line("%s", said)
			v.line("  %s", why)
		}
		if o.Problem != "" {
			v.line("  the last read did not succeed: %s", o.Problem)
		}
	}
}

// The columns of the table of limits that are left out or cut where a terminal
// is narrow.
const (
	limitColumn = 0
	hourColumn  = 5
)

// series is the table of limits: below each, who uses it, if that matters.
func (v statusView) series() {
	t := v.limits(false)
	if v.columns > 0 && !v.wide && t.total() > v.columns {
		t = v.limits(true)
		t.fit(v.columns, limitColumn, hourColumn)
	}
	t.print(v.out, 0)
	v.unknowns()
}

// limits makes the table of limits. Where a terminal is narrow the workspaces stand below
// their limits, since what stands at the end of a limit would be cut first.
func (v statusView) limits(narrow bool) *plainTable {
	t := newTable("limit", "used", "of", "full", "pressure", "last hour", "state")
	t.numbers = []int{1, 2, 3, 4}
	for _, s := range v.status.Series {
		who := v.who(s)
		if narrow && s.Labels.Workspace != "" {
			who = text.Snip(joinWords("; used by ", "workspace "+s.Labels.Workspace, who), v.columns-len(gap), "…")
			s.Labels.Workspace = ""
		}
		t.row(v.limit(s), mark(web.Amount(s.Used)), mark(web.Amount(s.Limit)), mark(web.Percent(s.Utilization)),
			mark(web.Percent(s.Pressure)), sparkline(s.History), s.State)
		t.below = append(t.below, who)
	}
	return t
}

// limit names a limit.
func (v statusView) limit(s web.Series) string {
	name := limitWords(s.Labels.ModelGroup, s.Labels.Limiter, s.Labels.Workspace)
	if v.wide {
		name = joinWords(" ", s.Labels.ModelGroup, s.Labels.Limiter, s.Labels.Workspace)
	}
	if len(v.status.Organizations) > 1 {
		name = s.Labels.Organization + ": " + name
	}
	return name
}

// who names those who use a limit that something is said of: the largest of each
// kind. A wide view has all, of all limits.
func (v statusView) who(s web.Series) string {
	most := map[string]int{"workspace": 1, "key": 1}
	switch {
	case v.wide:
		most = map[string]int{"workspace": len(s.Top), "key": len(s.Top), "model": len(s.Top)}
	case evaluate.Severity(s.State).Rank() == 0:
		return ""
	}
	return web.Who(s.Top, most)
}

// unknowns explains the question marks: each reason once.
func (v statusView) unknowns() {
	var reasons []string
	for _, s := range v.status.Series {
		if s.WhyUnknown != "" && !slices.Contains(reasons, s.WhyUnknown) {
			reasons = append(reasons, s.WhyUnknown)
		}
	}
	for _, reason := range reasons {
		var limits []string
		for _, s := range v.status.Series {
			if s.WhyUnknown == reason {
				limits = append(limits, v.limit(s))
			}
		}
		if len(limits) > 2 && !v.wide {
			limits = []string{limits[0], fmt.Sprintf("%d more", len(limits)-1)}
		}
		v.line("? %s: %s", strings.Join(limits, ", "), reason)
	}
}

// line prints a line, broken between words where the terminal is narrower; its
// beginning says how far in it goes on.
func (v statusView) line(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	indent := len(line) - len(strings.TrimLeft(line, " "))
	fmt.Fprintln(v.out, notify.Wrap(line, v.columns, indent+len(gap)))
}

// alerts lists what is pending and firing, the worst first, two lines each.
func (v statusView) alerts() {
	if len(v.status.Alerts) == 0 {
		fmt.Fprintln(v.out, "\nNo alert is active.")
		return
	}
	fmt.Fprintln(v.out, "\nAlerts:")
	for _, a := range v.status.Alerts {
		state := joinWords(", ", string(a.Severity), standing(a))
		if a.State == evaluate.Pending {
			state = joinWords(", ", string(a.Severity), "pending", standing(a))
		}
		name := a.Labels["alertname"]
		if len(v.status.Organizations) > 1 {
			name = joinWords(", ", name, a.Labels["organization"])
		}
		v.line("  %s: %s %s", state, name, lasted(a, v.status.AsOf))
		v.line("    %s", a.Annotations["summary"])
	}
}

// unmatched lists what is not watched, each reason once.
func (v statusView) unmatched() {
	u := v.status.Unmatched
	if len(u.Models)+len(u.Limiters) == 0 {
		return
	}
	fmt.Fprintln(v.out, "\nNot watched:")
	for _, m := range u.Models {
		v.line("  %s: %s", orUsage(m.Model), m.Reason)
	}
	for _, l := range u.Limiters {
		v.line("  %s, limit %s: %s",
			limitWords(l.ModelGroup, l.Limiter, l.Workspace), web.Amount(evaluate.Number(l.Value)), l.Reason)
	}
}
