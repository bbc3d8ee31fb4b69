package main

import (
	"context"
	"fmt"
	"time"

	alerter "alerter"
	"alerter/config"
	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/store"
)

type backtestCommand struct {
	History string        `help:"A folder of saved answers of the Admin API; without it, what the database remembers." placeholder:"DIR"`
	Lag     time.Duration `help:"How long after its end a minute is shown, where a history does not say when it was read." default:"5m"`
	From    string        `help:"First step, RFC 3339; without it, all there is." placeholder:"T"`
	To      string        `help:"End, exclusive, RFC 3339." placeholder:"T"`
	Compare string        `help:"A second file of rules and routes, to be put beside those of the configuration." placeholder:"FILE"`
	Sweep   string        `help:"Whether to try other warning levels: on, off, or auto: in a text without --compare." default:"auto" enum:"auto,on,off"`
	plotFlags
	database
	output
}

// Run plays the past through the rules of the configuration, and says what they
// would have done. It needs no key and sends nothing.
func (c backtestCommand) Run(p *program) error {
	if c.Lag < 0 {
		return coded{exitUsage, "alerter: --lag is not below zero"}
	}
	t, err := c.trial(p)
	if err != nil {
		return err
	}
	plot, err := c.plotting()
	if err != nil {
		return err
	}
	var reports []replay.Report
	if c.History != "" {
		reports, err = c.playFolder(p, t, plot)
	} else {
		reports, err = c.playStore(p, t, plot)
	}
	if err != nil {
		return err
	}
	if err := plot.draw(p.err, reports[0], t.conf.Rules); err != nil {
		return err
	}
	if c.json() {
		return printJSON(p.out, t.document(reports))
	}
	trialView{out: p.out, columns: p.columns, plain: !p.utf8()}.print(t, reports)
	return nil
}

// readRules reads the configuration for its rules and routes: keys and secrets need
// not be there.
func (p *program) readRules() (*config.Config, error) {
	path, ok := p.file()
	if !ok {
		return config.LoadRulesBytes(config.BuiltInName, alerter.Rules, p.env)
	}
	return config.LoadRules(path, p.env)
}

// span narrows the time there is to what was asked for.
func (c backtestCommand) span(all replay.Span) (replay.Span, error) {
	from, err := givenTime(c.From, all.From)
	if err != nil {
		return all, err
	}
	to, err := givenTime(c.To, all.To)
	if err != nil {
		return all, err
	}
	if !to.After(from) {
		return all, coded{exitUsage, "alerter: --to is not after --from, or not in the history"}
	}
	return replay.Span{From: from, To: to}, nil
}

// playFolder plays a folder of saved answers.
func (c backtestCommand) playFolder(p *program, t *trial, plot *plotting) ([]replay.Report, error) {
	conf := t.conf
	show := p.playing()
	defer show.end()
	h, notes, err := readHistory(c.History, show.page)
	if err != nil {
		return nil, coded{exitUsage, "alerter: " + err.Error()}
	}
	show.end()
	for _, n := range notes {
		fmt.Fprintln(p.err, "note:", n)
	}
	h.Lag, h.Settle = c.Lag, conf.Settle(h.Organization.Name)
	for _, o := range conf.Organizations {
		if len(conf.Organizations) == 1 && o.Name != "" {
			h.Organization.Name = o.Name // as the service would call it
		}
	}
	span, err := c.span(h.Span())
	if err != nil {
		return nil, err
	}
	for _, m := range h.Unmatched().Models {
		fmt.Fprintf(p.err, "not watched: %s: %s\n", orUsage(m.Model), m.Reason)
	}
	show.steps = span.Ticks()
	plays := t.plays()
	return replay.CollectEach(plot.watch(replay.RunEach(h, plays, span)), len(plays), span, show.step), nil
}

// playStore plays what the database remembers, at the moments at which the service
// looked, with what it knew then.
func (c backtestCommand) playStore(p *program, t *trial, plot *plotting) (reports []replay.Report, err error) {
	plays := t.plays()
	err = c.view(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		return st.View(ctx, func(tx *store.Tx) error {
			past, err := remembered(tx, t.conf.Settle, lookback(plays))
			if err != nil {
				return err
			}
			span, err := c.span(past.span())
			if err != nil {
				return err
			}
			past.cut(span)
			show := p.playing()
			show.steps = len(past.ticks)
			defer show.end()
			reports = replay.CollectEach(plot.watch(past.play(plays)), len(plays), span, show.step)
			return past.err
		})
	})
	return reports, err
}

// lookback is how much past the service looks at with the rules of each play.
func lookback(plays []*replay.Play) time.Duration {
	var back time.Duration
	for _, p := range plays {
		back = max(back, evaluate.LiveLookback(p.Rules))
	}
	return back
}
