package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/usage"
	"alerter/web"
)

// finding is one thing that a check has to say.
type finding struct {
	severity evaluate.Severity // None: it is not known how bad it is
	stale    bool
	excess   float64 // how far above its level, to order those of one severity
	rule     string  // empty: no rule says it
	text     string
}

// rank orders what a check says: what is known to be bad comes before what is not
// known, and that before what is only worth a look.
func (f finding) rank() int {
	switch f.severity {
	case evaluate.Critical:
		return 3
	case evaluate.Warning:
		return 2
	case evaluate.None:
		return 1
	}
	return 0
}

// class is what a finding is counted as.
func (f finding) class() string { return cmp.Or(string(f.severity), "unknown") }

// judge prints the first line with its perfdata, and everything below it.
func (p *program) judge(looks []look) error {
	findings := worstFindings(looks)
	code, line := headline(findings, looks)
	data, left := perfdata(looks)
	lines := []string{line}
	for _, f := range findings {
		if len(findings) == 1 && f.rule == "" {
			break // the first line has said it all
		}
		lines = append(lines, joinWords(": ", f.class(), f.rule, f.text))
	}
	if left > 0 {
		lines = append(lines, fmt.Sprintf("The perfdata leave out %s.", count(left, "limit")))
	}
	for i, text := range lines {
		text = strings.ReplaceAll(text, "|", "/") // a bar begins the perfdata
		if i == 0 && data != "" {
			text += " | " + data
		}
		fmt.Fprintln(p.out, text)
	}
	return coded{code: code}
}

// worstFindings lists what there is to say, the worst first. Stale data come
// before other alerts of their severity, which rest on them.
func worstFindings(looks []look) []finding {
	var all []finding
	for _, l := range looks {
		all = append(all, l.findings()...)
	}
	slices.SortStableFunc(all, func(a, b finding) int {
		if a.stale != b.stale && a.rank() == b.rank() {
			if a.stale {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.rank(), a.rank()), cmp.Compare(b.excess, a.excess))
	})
	return all
}

// findings are what fires in one organization, and what nothing can be said of.
func (l look) findings() []finding {
	if l.problem != "" {
		return []finding{{text: l.organization + ": " + l.problem}}
	}
	var out []finding
	for _, a := range l.alerts {
		if a.State == evaluate.Firing {
			out = append(out, alertFinding(a))
		}
	}
	return append(out, l.unknown()...)
}

func alertFinding(a evaluate.Alert) finding {
	f := finding{severity: a.Severity, rule: a.Rule, text: notify.View(a).Annotations["summary"], stale: a.Kind == "stale"}
	if f.stale {
		f.text += ", " + ageOfData(a.Reading)
	}
	if r := a.Reading; r.Threshold > 0 {
		f.excess = float64(r.Value / r.Threshold)
	}
	if a.Kind == "pressure" && usage.Limiter(a.Labels.Limiter).Period() == time.Minute { // a day has no bucket
		f.text += ", pressure " + web.Percent(a.Reading.Pressure)
	}
	return f
}

// ageOfData says how old the newest usage data are of which stale data were read.
func ageOfData(r evaluate.Reading) string {
	age := web.Span(time.Duration(float64(r.Value) * float64(time.Second)))
	if r.DataAsOf.IsZero() {
		return "none has come in " + age
	}
	return "the newest is " + age + " old (" + r.DataAsOf.UTC().Format("15:04 UTC") + ")"
}

// unknown are the limits that rules judge and of which nothing can be said: one
// finding where that is all of them. What the report in use does not count is
// no news.
func (l look) unknown() []finding {
	var out []finding
	known := 0
	why := "it has no limit that can be watched"
	for _, g := range l.gauges {
		switch {
		case g.unknown == "":
			known++
		case g.counted:
			why = "no limit can be judged: " + g.unknown
			if g.judged {
				out = append(out, finding{text: limitWords(g.labels.ModelGroup, g.labels.Limiter, g.labels.Workspace) + ": " + g.unknown})
			}
		}
	}
	if known == 0 {
		return []finding{{text: l.organization + ": " + why}}
	}
	return out
}

// headline is the exit code and the worst finding, with a count of the others.
func headline(findings []finding, looks []look) (code int, line string) {
	if len(findings) == 0 {
		return nagiosOK, "OK - " + watched(looks) + ", none near"
	}
	worst, others := findings[0], others(findings[1:])
	switch worst.severity {
	case evaluate.Critical:
		return nagiosCritical, "CRITICAL - " + worst.text + others
	case evaluate.Warning:
		return nagiosWarning, "WARNING - " + worst.text + others
	case evaluate.None:
		return nagiosUnknown, "UNKNOWN - " + worst.text + others
	}
	return nagiosOK, "OK - " + watched(looks) + "; at info: " + worst.text + others
}

// watched counts the limits that some rule judges.
func watched(looks []look) string {
	n, uncounted := 0, 0
	for _, l := range looks {
		for _, g := range l.gauges {
			switch {
			case g.judged && g.counted:
				n++
			case g.judged:
				uncounted++
			}
		}
	}
	said := count(n, "limit") + " watched"
	switch {
	case uncounted == 1:
		said += " (1 more is not counted by the report in use)"
	case uncounted > 1:
		said += fmt.Sprintf(" (%d more are not counted by the report in use)", uncounted)
	}
	return said
}

// others counts the findings after the first: "; 13 more: 12 warning, 1 unknown".
func others(findings []finding) string {
	if len(findings) == 0 {
		return ""
	}
	counts := map[string]int{}
	for _, f := range findings {
		counts[f.class()]++
	}
	var parts []string
	for _, class := range []string{"critical", "warning", "unknown", "info"} {
		if counts[class] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[class], class))
		}
	}
	return fmt.Sprintf("; %d more: %s", len(findings), strings.Join(parts, ", "))
}
