package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"alerter/evaluate"
	"alerter/notify/route"
)

// print says who hears, why, and when not.
func (t *routesTest) print(out io.Writer) {
	if t.aboutService() {
		fmt.Fprintln(out, "An alert about the service itself does not go by the routes but to system_receiver, or while that fails to the next receiver that works.")
	} else {
		t.printWalk(out)
	}
	fmt.Fprintln(out)
	for _, v := range t.taken {
		t.printHearer(out, v)
	}
	t.printInhibitions(out, "\nHeld back while another alert fires (inhibit_rules) with", t.targetOf, func(r route.InhibitRule) []route.Matcher { return r.Source })
	t.printInhibitions(out, "\nWhile it fires, it holds back (inhibit_rules) alerts with", t.sourceOf, func(r route.InhibitRule) []route.Matcher { return r.Target })
	if name := t.labels["alertname"]; name != "" && len(t.rules) > 0 && t.rule() == nil && !t.aboutService() {
		fmt.Fprintf(out, "\nThe file has no rule %q.\n", name)
	}
	if t.labels["severity"] == "" {
		fmt.Fprintln(out, "\nNo severity is given. Every alert has one, and routes may ask for it.")
	}
}

// printWalk draws the tree, a line for each route that was looked at: whose it
// is, and what became of the alert there.
func (t *routesTest) printWalk(out io.Writer) {
	table := newTable("route", "receiver", "outcome")
	for _, v := range t.visits {
		name := strings.Join(matcherTexts(v.Node.Matchers), ", ")
		if v.Depth == 0 {
			name = "(the root takes every alert)"
		}
		table.row(strings.Repeat("  ", v.Depth)+name, v.Node.Receiver, outcomeWords(v, t.labels))
	}
	table.print(out, 0)
}

// outcomeWords says what became of an alert at a route, and why.
func outcomeWords(v route.Visit, labels map[string]string) string {
	further := ""
	if v.Node.Continue {
		further = "; the routes after it are tried too (continue)"
	}
	switch v.Outcome {
	case route.Refused:
		if labels[v.Against.Name] == "" {
			return "does not match: " + v.Against.Name + " is empty"
		}
		return fmt.Sprintf("does not match: %s is %q", v.Against.Name, labels[v.Against.Name])
	case route.Skipped:
		return "not tried: a route before it matches"
	case route.Passed:
		return "matches, and a route below it takes the alert" + further
	}
	return "TAKES THE ALERT" + further
}

// printHearer says what a receiver gets: with which other alerts, and when; and who
// hears of it later.
func (t *routesTest) printHearer(out io.Writer, v route.Visit) {
	n := v.Node
	first := "at once"
	if n.GroupWait > 0 {
		first = "after " + evaluate.Duration(n.GroupWait).String()
	}
	fmt.Fprintf(out, "%s: %s\n  the first message %s, further ones at least %s apart, %s\n", n.Receiver,
		groupWords(v, t.labels), first, evaluate.Duration(n.GroupInterval), t.reminder(n))
	if !t.sent(n) {
		fmt.Fprintln(out, "  but this route does not send info: notify_info is false")
		return
	}
	if n.EscalateTo != "" {
		also := "is told too"
		if slices.ContainsFunc(t.taken, func(o route.Visit) bool { return o.Node.Receiver == n.EscalateTo && t.sent(o.Node) }) {
			also = "would be told too, but hears of it anyway"
		}
		fmt.Fprintf(out, "  if nobody acknowledges it within %s of that, %s %s (escalate_to)\n", evaluate.Duration(n.EscalateAfter), n.EscalateTo, also)
	}
	t.printTimes(out, n)
}

// reminder says when the alert is spoken of again, as far as its rule is known.
func (t *routesTest) reminder(n *route.Node) string {
	r := t.rule()
	switch {
	case r != nil && r.Condition.Kind() == "limit_change":
		return "no reminder"
	case r != nil && r.RepeatInterval > 0:
		return fmt.Sprintf("a reminder after %s (the rule's repeat_interval)", evaluate.Duration(r.RepeatInterval))
	case r != nil || t.aboutService():
		return "a reminder after " + evaluate.Duration(n.RepeatInterval).String()
	}
	return fmt.Sprintf("a reminder after %s or as the rule says", evaluate.Duration(n.RepeatInterval))
}

// printTimes says when the route tells nothing.
func (t *routesTest) printTimes(out io.Writer, n *route.Node) {
	if len(n.MuteTimeIntervals) > 0 {
		fmt.Fprintf(out, "  not told in %s (mute_time_intervals)\n", strings.Join(n.MuteTimeIntervals, ", "))
	}
	if len(n.ActiveTimeIntervals) > 0 {
		fmt.Fprintf(out, "  told only in %s (active_time_intervals)\n", strings.Join(n.ActiveTimeIntervals, ", "))
	}
	if t.at.IsZero() {
		return
	}
	by := t.tree.MutedBy(&n.Terms, t.at)
	switch {
	case len(by) == 0:
		fmt.Fprintf(out, "  at %s it is told\n", when(&t.at))
	case slices.Contains(n.MuteTimeIntervals, by[0]):
		fmt.Fprintf(out, "  at %s it is HELD BACK: that is in %s; it is told afterwards if it still fires\n", when(&t.at), strings.Join(by, ", "))
	default:
		fmt.Fprintf(out, "  at %s it is HELD BACK: that is not in %s; it is told afterwards if it still fires\n", when(&t.at), strings.Join(by, ", "))
	}
}

// groupWords says which alerts share a message.
func groupWords(v route.Visit, labels map[string]string) string {
	by := v.Node.GroupBy
	switch {
	case len(by) == 0:
		return "together with all alerts of this route"
	case by[0] == "...":
		return "each alert by itself"
	}
	return "together with alerts of " + sameWords(by, labels)
}

// sameWords says which labels must be the same, and what they are.
func sameWords(names []string, labels map[string]string) string {
	var parts []string
	for _, name := range names {
		if labels[name] == "" {
			parts = append(parts, name+" (not given)")
			continue
		}
		parts = append(parts, fmt.Sprintf("%s=%q", name, labels[name]))
	}
	return "the same " + strings.Join(parts, ", ")
}

// printInhibitions lists the other side of inhibit rules.
func (t *routesTest) printInhibitions(out io.Writer, title string, rules []route.InhibitRule, other func(route.InhibitRule) []route.Matcher) {
	for i, r := range rules {
		if i == 0 {
			fmt.Fprintln(out, title)
		}
		line := strings.Join(matcherTexts(other(r)), ", ")
		if len(r.Equal) > 0 {
			line += " and " + sameWords(r.Equal, t.labels)
		}
		fmt.Fprintln(out, "  "+line)
	}
}
