package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"alerter/notify"
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
