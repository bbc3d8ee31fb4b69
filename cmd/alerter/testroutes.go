package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"alerter/evaluate"
	"alerter/notify/route"
)

type testRoutesCommand struct {
	Labels []string `arg:"" help:"Labels, such as severity=critical workspace=prod." placeholder:"LABEL=VALUE"`
	output
}

// Run says who would hear of the labels.
func (c testRoutesCommand) Run(p *program) error {
	conf, err := p.readRules()
	if err != nil {
		return err
	}
	labels, err := c.labels()
	if err != nil {
		return err
	}
	if conf.Tree.Root == nil {
		return coded{exitUsage, fmt.Sprintf("alerter: %s has no receivers, so that nobody would hear", conf.Path)}
	}
	visits := conf.Tree.Walk(labels)
	if c.json() {
		return printJSON(p.out, map[string]any{"receivers": toHearers(visits, labels)})
	}
	printWalk(p.out, visits, labels)
	fmt.Fprintln(p.out)
	for _, v := range visits {
		if v.Outcome == route.Taken {
			printHearer(p.out, v, labels)
		}
	}
	if labels["severity"] == "" {
		fmt.Fprintln(p.out, "No severity is given. Every alert has one, and routes may ask for it.")
	}
	return nil
}

// labels reads the arguments. What no alert can have is refused: it would match
// nothing, and look like an answer.
func (c testRoutesCommand) labels() (map[string]string, error) {
	labels := map[string]string{}
	for _, l := range c.Labels {
		name, value, ok := strings.Cut(l, "=")
		switch {
		case !ok:
			return nil, coded{exitUsage, fmt.Sprintf("alerter: %q is not LABEL=VALUE, such as severity=critical", l)}
		case !slices.Contains(route.LabelNames[:], name):
			return nil, coded{exitUsage, fmt.Sprintf("alerter: no alert has a label %q; write one of %s", name, strings.Join(route.LabelNames[:], ", "))}
		case name == "severity" && evaluate.Severity(value).Rank() == 0:
			return nil, coded{exitUsage, fmt.Sprintf("alerter: there is no severity %q; write info, warning or critical", value)}
		}
		labels[name] = value
	}
	return labels, nil
}

// printWalk draws the tree, a line for each route that was looked at: whose it
// is, and what became of the alert there.
func printWalk(out io.Writer, visits []route.Visit, labels map[string]string) {
	t := newTable("route", "receiver", "outcome")
	for _, v := range visits {
		var matchers []string
		for _, m := range v.Node.Matchers {
			matchers = append(matchers, m.String())
		}
		name := strings.Join(matchers, ", ")
		if v.Depth == 0 {
			name = "(the root takes every alert)"
		}
		t.row(strings.Repeat("  ", v.Depth)+name, v.Node.Receiver, outcomeWords(v, labels))
	}
	t.print(out, 0)
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

// printHearer says what a receiver gets: with which other alerts, and when.
func printHearer(out io.Writer, v route.Visit, labels map[string]string) {
	n := v.Node
	first := "at once"
	if n.GroupWait > 0 {
		first = "after " + evaluate.Duration(n.GroupWait).String()
	}
	fmt.Fprintf(out, "%s: %s\n  the first message %s, further ones at least %s apart, a reminder after %s or as the rule says\n", n.Receiver,
		groupWords(v, labels), first, evaluate.Duration(n.GroupInterval), evaluate.Duration(n.RepeatInterval))
	if !sent(v, labels) {
		fmt.Fprintln(out, "  but this route does not send info: notify_info is false")
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
	var parts []string
	for _, name := range by {
		if labels[name] == "" {
			parts = append(parts, name+" (not given)")
			continue
		}
		parts = append(parts, fmt.Sprintf("%s=%q", name, labels[name]))
	}
	return "together with alerts of the same " + strings.Join(parts, ", ")
}

// sent reports whether the route sends alerts of that severity.
func sent(v route.Visit, labels map[string]string) bool {
	return labels["severity"] != string(evaluate.Info) || v.Node.NotifyInfo
}

// hearer is a receiver that an alert is routed to.
type hearer struct {
	Receiver       string            `json:"receiver"`
	Path           []string          `json:"path"` // the routes it goes by, from the root
	Sent           bool              `json:"sent"` // false: info, on a route without notify_info
	GroupKey       string            `json:"group_key"`
	GroupLabels    map[string]string `json:"group_labels"`
	GroupWait      evaluate.Duration `json:"group_wait"`
	GroupInterval  evaluate.Duration `json:"group_interval"`
	RepeatInterval evaluate.Duration `json:"repeat_interval"`
}

func toHearers(visits []route.Visit, labels map[string]string) []hearer {
	out := []hearer{}
	for _, v := range visits {
		if v.Outcome != route.Taken {
			continue
		}
		out = append(out, hearer{
			Receiver: v.Node.Receiver, Path: v.Path, GroupKey: v.Group.Key, GroupLabels: v.GroupLabels, Sent: sent(v, labels),
			GroupWait: evaluate.Duration(v.Node.GroupWait), GroupInterval: evaluate.Duration(v.Node.GroupInterval),
			RepeatInterval: evaluate.Duration(v.Node.RepeatInterval),
		})
	}
	return out
}
