package route_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
)

// A script is what a case says: trees to use and what happens when. The tree
// section has a line for each receiver, in the order of the file, and one for
// each route, indented below its parent:
//
//	receiver team
//	receiver mail send_resolved=false
//	system team
//	route team group_by=alertname wait=10s interval=5m repeat=4h
//	  route mail matcher=severity="critical" continue notify_info notify_eased
//
//	  route mail mute=night active=day escalate=15m:boss backoff=2 flap=3/1h
//	interval night 22:00-24:00 0:00-6:00
//	inhibit source=severity="critical" target=severity="warning" equal=model_group
//
// What a route leaves out is its parent's, but for mute and active. The notices section has a line for
// each thing that happens; lines of one time are one step:
//
//	12:00:00 fired a1 warning model_group=Opus repeat=1h
//	12:00:00 look                  a step without a notice
//	12:01:00 fired a2 info over    it fires and ends at once
//	12:02:00 taken                 the deliverer took what waits before its time
//	12:03:00 failing team          that receiver fails from here on
//	12:04:00 tree later            the section "tree later" holds from here on
//	12:05:00 silence s1 2h alertname="X"   from here on for so long; again: it is as this line says
//	12:06:00 expire s1
//	12:07:00 ack a1 anna
//	12:08:00 data a1 12:03:00      the newest data are as of then; no notice
//
// An alert keeps what an earlier line said of it; a fired one after an end is a new episode.
type script struct {
	trees  map[string]route.Tree
	events []event
}

type event struct {
	at   time.Time
	verb string
	args []string
}

func parseScript(t *testing.T, sections map[string]string) script {
	t.Helper()
	s := script{trees: map[string]route.Tree{}}
	for name, text := range sections {
		if which, ok := strings.CutPrefix(name, "tree"); ok {
			s.trees[strings.TrimSpace(which)] = parseTree(t, text)
		}
	}
	for line := range strings.Lines(sections["notices"]) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) < 2 {
			t.Fatalf("notices: got %q, want a time and a verb", line)
		}
		s.events = append(s.events, event{at: parseClock(t, fields[0]), verb: fields[1], args: fields[2:]})
	}
	return s
}

// parseClock reads 12:00:00, or 1+12:00:00 for the day after.
func parseClock(t *testing.T, text string) time.Time {
	t.Helper()
	day, clock, later := strings.Cut(text, "+")
	if !later {
		day, clock = "0", text
	}
	at, err := time.Parse(time.TimeOnly, clock)
	n, dayErr := strconv.Atoi(day)
	if err != nil || dayErr != nil {
		t.Fatalf("got time %q, want hh:mm:ss", text)
	}
	return time.Date(2026, 11, 23+n, at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
}

func showClock(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	if day := at.Day() - 23; day > 0 {
		return fmt.Sprintf("%d+%s", day, at.Format(time.TimeOnly))
	}
	return at.Format(time.TimeOnly)
}

func parseTree(t *testing.T, text string) route.Tree {
	t.Helper()
	tree := route.Tree{Receivers: map[string]route.ReceiverOptions{}, Intervals: map[string][]route.TimeInterval{}}
	var above []*route.Node // the last route of each depth
	for line := range strings.Lines(text) {
		depth := (len(line) - len(strings.TrimLeft(line, " "))) / 2
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		switch fields[0] {
		case "receiver":
			tree.Receivers[fields[1]] = route.ReceiverOptions{
				SendResolved: !slices.Contains(fields, "send_resolved=false"), Edits: slices.Contains(fields, "edits"),
			}
			tree.Order = append(tree.Order, fields[1])
		case "interval":
			tree.Intervals[fields[1]] = []route.TimeInterval{parseTimes(t, fields[2:])}
		case "inhibit":
			tree.Inhibit = append(tree.Inhibit, parseInhibit(t, fields[1:]))
		case "system":
			tree.SystemReceiver = fields[1]
		case "route":
			n := parseNode(t, above[:depth], fields[1:])
			above = append(above[:depth], n)
			if depth == 0 {
				tree.Root = n
			} else {
				above[depth-1].Routes = append(above[depth-1].Routes, n)
			}
		default:
			t.Fatalf("tree: got %q, want receiver, system or route", line)
		}
	}
	if err := tree.Check(); err != nil {
		t.Fatalf("tree: %v", err)
	}
	return tree
}

func parseNode(t *testing.T, above []*route.Node, fields []string) *route.Node {
	t.Helper()
	n := &route.Node{GroupWait: 10 * time.Second, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour}
	if len(above) > 0 {
		*n = *above[len(above)-1]
		n.Matchers, n.Continue, n.Routes, n.MuteTimeIntervals, n.ActiveTimeIntervals = nil, false, nil, nil, nil
	}
	n.Receiver = fields[0]
	for _, f := range fields[1:] {
		key, value, _ := strings.Cut(f, "=")
		switch key {
		case "matcher":
			n.Matchers = append(n.Matchers, parseMatcher(t, value))
		case "group_by":
			n.GroupBy = strings.FieldsFunc(value, func(r rune) bool { return r == ',' })
		case "wait":
			n.GroupWait = parseSpan(t, value)
		case "interval":
			n.GroupInterval = parseSpan(t, value)
		case "repeat":
			n.RepeatInterval = parseSpan(t, value)
		case "continue":
			n.Continue = true
		case "notify_info":
			n.NotifyInfo = true
		case "notify_eased":
			n.NotifyEased = true
		default:
			parseTerms(t, &n.Terms, key, value)
		}
	}
	return n
}

func parseTerms(t *testing.T, terms *route.Terms, key, value string) {
	t.Helper()
	first, second, _ := strings.Cut(value, ":")
	var err error
	switch key {
	case "mute":
		terms.MuteTimeIntervals = []string{value}
	case "active":
		terms.ActiveTimeIntervals = []string{value}
	case "escalate":
		terms.EscalateAfter, terms.EscalateTo = parseSpan(t, first), second
	case "backoff":
		terms.ReminderBackoff, err = strconv.ParseFloat(value, 64)
	case "flap":
		changes, span, _ := strings.Cut(value, "/")
		terms.Flap.Within = parseSpan(t, span)
		terms.Flap.Changes, err = strconv.Atoi(changes)
	default:
		t.Fatalf("route: got unknown %q", key)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func parseMatcher(t *testing.T, text string) route.Matcher {
	t.Helper()
	m, err := route.ParseMatcher(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// parseTimes reads times of day such as 22:00-24:00.
func parseTimes(t *testing.T, texts []string) (ti route.TimeInterval) {
	t.Helper()
	for _, text := range texts {
		var h1, m1, h2, m2 int
		if _, err := fmt.Sscanf(text, "%d:%d-%d:%d", &h1, &m1, &h2, &m2); err != nil {
			t.Fatalf("interval: got %q: %v", text, err)
		}
		ti.Times = append(ti.Times, route.Range{First: 60*h1 + m1, Last: 60*h2 + m2})
	}
	return ti
}

func parseInhibit(t *testing.T, fields []string) (r route.InhibitRule) {
	t.Helper()
	for _, f := range fields {
		switch key, value, _ := strings.Cut(f, "="); key {
		case "source":
			r.Source = append(r.Source, parseMatcher(t, value))
		case "target":
			r.Target = append(r.Target, parseMatcher(t, value))
		case "equal":
			r.Equal = append(r.Equal, value)
		default:
			t.Fatalf("inhibit: got unknown %q", f)
		}
	}
	return r
}

func parseSpan(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// notice changes the alert that the event is about and says what became of it.
func notice(t *testing.T, e event, alerts map[string]*evaluate.Alert) evaluate.Notice {
	t.Helper()
	name := e.args[0]
	a := alerts[name]
	if a == nil {
		a = &evaluate.Alert{Fingerprint: evaluate.Fingerprint(name), Rule: "LimitPressure", Kind: "pressure"}
		a.Labels.Organization, a.Labels.ModelGroup = "acme", "Opus"
		alerts[name] = a
	}
	reason := evaluate.Reason(e.verb)
	switch reason {
	case evaluate.Fired:
		if a.State != evaluate.Firing {
			a.State, a.FiredAt, a.ResolvedAt, a.Worst = evaluate.Firing, e.at, time.Time{}, evaluate.None
		}
	case evaluate.ReasonResolved:
		a.State, a.ResolvedAt = evaluate.Resolved, e.at
	case evaluate.ReasonWithdrawn:
		a.State, a.ResolvedAt = evaluate.Withdrawn, e.at
	case evaluate.Escalated, evaluate.Eased:
	default:
		t.Fatalf("notices: got %q, want a reason", e.verb)
	}
	for _, arg := range e.args[1:] {
		describe(t, a, arg, e.at)
	}
	if a.Severity.Rank() > a.Worst.Rank() {
		a.Worst = a.Severity
	}
	return evaluate.Notice{At: e.at, Reason: reason, Alert: *a}
}

func describe(t *testing.T, a *evaluate.Alert, arg string, at time.Time) {
	t.Helper()
	key, value, _ := strings.Cut(arg, "=")
	switch key {
	case "info", "warning", "critical":
		a.Severity = evaluate.Severity(key)
	case "over":
		a.State, a.ResolvedAt = evaluate.Resolved, at
	case "pending":
		a.State = evaluate.Pending
	case "alertname":
		a.Rule = value
	case "organization":
		a.Labels.Organization = value
	case "workspace":
		a.Labels.Workspace = value
	case "model_group":
		a.Labels.ModelGroup = value
	case "limiter":
		a.Labels.Limiter = value
	case "kind":
		a.Kind = value
	case "repeat":
		a.RepeatInterval = parseSpan(t, value)
	case "fired":
		a.FiredAt = parseClock(t, value)
	case "read":
		a.Reading.To = parseClock(t, value)
	default:
		t.Fatalf("notices: got unknown %q", arg)
	}
}
