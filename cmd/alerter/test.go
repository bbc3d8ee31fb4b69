package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/route"
)

type testCommand struct {
	Rules  testRulesCommand  `cmd:"" help:"Run rule tests: what should fire, and who should be told."`
	Notify testNotifyCommand `cmd:"" help:"Send one real test message to a receiver, the real way."`
	Routes testRoutesCommand `cmd:"" help:"Say which receivers would hear of an alert with these labels, and why."`
}

// testTime is what one test message may take.
const testTime = 30 * time.Second

type testNotifyCommand struct {
	Receiver string `arg:"" help:"The receiver's name."`
	output
}

// Run sends one test message through the channel's own code.
func (c testNotifyCommand) Run(p *program) error {
	conf, err := p.read()
	if err != nil {
		return err
	}
	plan, err := build{now: p.now, out: p.out}.plan(conf)
	if err != nil {
		return err
	}
	if _, ok := plan.Receivers[c.Receiver]; !ok {
		return coded{exitUsage, fmt.Sprintf("alerter: there is no receiver %q; there are: %s", c.Receiver, strings.Join(conf.Tree.Order, ", "))}
	}
	ctx, cancel := context.WithTimeout(context.Background(), testTime)
	defer cancel()
	at := p.now()
	receipt, err := plan.Receivers.Send(ctx, c.Receiver, notify.TestMessage(c.Receiver, "test "+at.Format(time.RFC3339Nano), conf.Web.ExternalURL, moment(p.now)))
	if err != nil {
		return fmt.Errorf("test message to %q: %w", c.Receiver, err)
	}
	if c.json() {
		return printJSON(p.out, map[string]any{"receiver": c.Receiver, "accepted_as": receipt.ID})
	}
	fmt.Fprintf(p.out, "The test message was accepted by %q", c.Receiver)
	if receipt.ID != "" {
		fmt.Fprintf(p.out, " as %s", receipt.ID)
	}
	_, err = fmt.Fprintln(p.out, ".")
	return err
}

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
	labels := map[string]string{}
	for _, l := range c.Labels {
		name, value, ok := strings.Cut(l, "=")
		if !ok || !isLabel(name) {
			return coded{exitUsage, fmt.Sprintf("alerter: %q is not LABEL=VALUE with a label of %s", l, strings.Join(labelNames, ", "))}
		}
		labels[name] = value
	}
	if conf.Tree.Root == nil {
		return coded{exitUsage, fmt.Sprintf("alerter: %s has no receivers, so that nobody would hear", conf.Path)}
	}
	explanations := conf.Tree.Explain(labels)
	if c.json() {
		return printJSON(p.out, map[string]any{"receivers": toHearers(explanations, labels)})
	}
	for _, h := range toHearers(explanations, labels) {
		fmt.Fprintf(p.out, "%s: by %s, in group %s\n", h.Receiver, strings.Join(h.Path, " → "), h.GroupKey)
		if !h.Sent {
			fmt.Fprintf(p.out, "  but this route does not send info: notify_info is false\n")
		}
	}
	return nil
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

func toHearers(explanations []route.Explanation, labels map[string]string) []hearer {
	out := []hearer{}
	for _, e := range explanations {
		out = append(out, hearer{
			Receiver: e.Node.Receiver, Path: e.Path, GroupKey: e.Group.Key, GroupLabels: e.GroupLabels,
			Sent:      labels["severity"] != string(evaluate.Info) || e.Node.NotifyInfo,
			GroupWait: evaluate.Duration(e.Node.GroupWait), GroupInterval: evaluate.Duration(e.Node.GroupInterval),
			RepeatInterval: evaluate.Duration(e.Node.RepeatInterval),
		})
	}
	return out
}

// labelNames are the labels of every alert.
var labelNames = []string{"alertname", "severity", "organization", "workspace", "model_group", "limiter"}

func isLabel(name string) bool {
	for _, l := range labelNames {
		if l == name {
			return true
		}
	}
	return false
}
