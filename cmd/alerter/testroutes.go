package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

type testRoutesCommand struct {
	Labels []string `arg:"" help:"Labels, such as severity=critical workspace=prod." placeholder:"LABEL=VALUE"`
	At     string   `help:"Also say whether mute_time_intervals and active_time_intervals hold it back at this time, RFC 3339." placeholder:"T"`
	output
}

// Run says who would hear of the labels.
func (c testRoutesCommand) Run(p *program) error {
	conf, err := p.readRules()
	if err != nil {
		return err
	}
	t := routesTest{tree: conf.Tree, rules: conf.Rules}
	if t.labels, err = c.labels(); err != nil {
		return err
	}
	if t.at, err = givenTime(c.At, time.Time{}); err != nil {
		return err
	}
	if t.tree.Root == nil {
		return coded{exitUsage, fmt.Sprintf("alerter: %s has no receivers, so that nobody would hear", conf.Path)}
	}
	t.look()
	if c.json() {
		return printJSON(p.out, t.document())
	}
	t.print(p.out)
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

// routesTest is what becomes of an alert with some labels.
type routesTest struct {
	tree   route.Tree
	rules  []evaluate.Rule
	labels map[string]string
	at     time.Time // zero: not asked for
	// visits are the routes that were looked at; none for an alert about the service
	// itself, which does not go by them.
	visits             []route.Visit
	taken              []route.Visit // whose receivers hear of it
	targetOf, sourceOf []route.InhibitRule
}

// look finds out.
func (t *routesTest) look() {
	a := evaluate.Alert{State: evaluate.Firing, Rule: t.labels["alertname"], Severity: evaluate.Severity(t.labels["severity"])}
	a.Labels = usage.Labels{
		Organization: t.labels["organization"], Workspace: t.labels["workspace"], ModelGroup: t.labels["model_group"], Limiter: t.labels["limiter"],
	}
	if t.aboutService() {
		a.Kind = evaluate.KindSystem
		system := *t.tree.Root
		g := route.Statuses(t.at, t.tree, route.Input{Alerts: []evaluate.Alert{a}})[0].Groups[0]
		system.Receiver = g.Receiver
		t.taken = []route.Visit{{Outcome: route.Taken, Explanation: route.Explanation{Node: &system, Path: []string{}, Group: g.GroupRef, GroupLabels: g.Labels}}}
	} else {
		t.visits = t.tree.Walk(t.labels)
		t.taken = slices.DeleteFunc(slices.Clone(t.visits), func(v route.Visit) bool { return v.Outcome != route.Taken })
	}
	t.targetOf, t.sourceOf = t.tree.Inhibitions(a)
}

// aboutService reports whether it is an alert about the service itself: rules may not
// have such names.
func (t *routesTest) aboutService() bool { return strings.HasPrefix(t.labels["alertname"], "Alerter") }

// rule is the one that the alert is of; nil where the file has none of that name.
func (t *routesTest) rule() *evaluate.Rule {
	i := slices.IndexFunc(t.rules, func(r evaluate.Rule) bool { return r.Alert == t.labels["alertname"] })
	if i < 0 {
		return nil
	}
	return &t.rules[i]
}

// sent reports whether the route sends alerts of that severity.
func (t *routesTest) sent(n *route.Node) bool {
	return t.labels["severity"] != string(evaluate.Info) || n.NotifyInfo
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
	EscalateAfter  evaluate.Duration `json:"escalate_after"`
	EscalateTo     string            `json:"escalate_to"` // empty: nobody
	Mute           []string          `json:"mute_time_intervals"`
	Active         []string          `json:"active_time_intervals"`
	MutedBy        []string          `json:"muted_by"` // the intervals that hold it back at that time; null where none is asked for
}

// inhibition is an inhibit rule as it is written in rules.yaml.
type inhibition struct {
	Source []string `json:"source_matchers"`
	Target []string `json:"target_matchers"`
	Equal  []string `json:"equal"`
}

// routesAnswer is who hears of an alert, and which inhibit rules are about it.
type routesAnswer struct {
	Receivers   []hearer     `json:"receivers"`
	InhibitedBy []inhibition `json:"inhibited_by"` // it is held back while an alert of source_matchers fires
	Inhibits    []inhibition `json:"inhibits"`     // while it fires, alerts of target_matchers are held back
}

// document is the answer in JSON.
func (t *routesTest) document() routesAnswer {
	hearers := []hearer{}
	for _, v := range t.taken {
		n := v.Node
		h := hearer{
			Receiver: n.Receiver, Path: v.Path, GroupKey: v.Group.Key, GroupLabels: v.GroupLabels, Sent: t.sent(n),
			GroupWait: evaluate.Duration(n.GroupWait), GroupInterval: evaluate.Duration(n.GroupInterval), RepeatInterval: evaluate.Duration(n.RepeatInterval),
			EscalateAfter: evaluate.Duration(n.EscalateAfter), EscalateTo: n.EscalateTo,
			Mute: append([]string{}, n.MuteTimeIntervals...), Active: append([]string{}, n.ActiveTimeIntervals...),
		}
		if !t.at.IsZero() {
			h.MutedBy = append([]string{}, t.tree.MutedBy(&n.Terms, t.at)...)
		}
		hearers = append(hearers, h)
	}
	return routesAnswer{hearers, toInhibitions(t.targetOf), toInhibitions(t.sourceOf)}
}

func toInhibitions(rules []route.InhibitRule) []inhibition {
	out := []inhibition{}
	for _, r := range rules {
		out = append(out, inhibition{matcherTexts(r.Source), matcherTexts(r.Target), append([]string{}, r.Equal...)})
	}
	return out
}

// matcherTexts writes matchers as rules.yaml has them.
func matcherTexts(matchers []route.Matcher) []string {
	texts := []string{}
	for _, m := range matchers {
		texts = append(texts, m.String())
	}
	return texts
}
