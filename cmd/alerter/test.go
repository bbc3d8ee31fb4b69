package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"alerter/config"
	"alerter/notify"
)

type testCommand struct {
	Rules  testRulesCommand  `cmd:"" help:"Run rule tests: what should fire, and who should be told."`
	Notify testNotifyCommand `cmd:"" help:"Send one real test message, or a sample digest, to a receiver, the real way."`
	Routes testRoutesCommand `cmd:"" help:"Say which receivers would hear of an alert with these labels, and why."`
}

// testTime is what one test message may take.
const testTime = 30 * time.Second

type testNotifyCommand struct {
	Receiver string `arg:"" help:"The receiver's name."`
	Digest   bool   `help:"Instead, a sample digest, of limits that are invented."`
	output
}

// Run sends one test message through the channel's own code. With JSON, what a
// console receiver prints goes to standard error.
func (c testNotifyCommand) Run(p *program) error {
	conf, err := p.read()
	if err != nil {
		return err
	}
	b := build{now: p.now, out: p.out}
	if c.json() {
		b.out = p.err
	}
	plan, err := b.plan(conf)
	if err != nil {
		return err
	}
	if err := c.refuse(conf); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), testTime)
	defer cancel()
	what, compose := "test message", notify.TestMessage
	if c.Digest {
		what, compose = "sample digest", notify.SampleDigest
	}
	at := p.now()
	receipt, err := plan.Receivers.Send(ctx, c.Receiver, compose(c.Receiver, "test "+at.Format(time.RFC3339Nano), conf.Web.ExternalURL, moment(p.now)))
	if err != nil {
		return fmt.Errorf("%s to %q: %w", what, c.Receiver, err)
	}
	if c.json() {
		return printJSON(p.out, map[string]any{"receiver": c.Receiver, "accepted_as": receipt.ID})
	}
	fmt.Fprintf(p.out, "The %s was accepted by %q", what, c.Receiver)
	if receipt.ID != "" {
		fmt.Fprintf(p.out, " as %s", receipt.ID)
	}
	_, err = fmt.Fprintln(p.out, ".")
	return err
}

// refuse says why the receiver is not sent what was asked for; nil: it is.
func (c testNotifyCommand) refuse(conf *config.Config) error {
	i := slices.IndexFunc(conf.Receivers, func(r config.Receiver) bool { return r.Name == c.Receiver })
	switch {
	case i < 0:
		return coded{exitUsage, fmt.Sprintf("alerter: there is no receiver %q; there are: %s", c.Receiver, strings.Join(conf.Tree.Order, ", "))}
	case c.Digest && !notify.TakesDigest(conf.Receivers[i].Kind, conf.Receivers[i].Settings):
		return coded{exitUsage, fmt.Sprintf("alerter: %q is told of alerts and of nothing else, so that no digest can be sent to it", c.Receiver)}
	}
	return nil
}
