package main

import (
	"context"
	"fmt"
	"io"
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
	plotFlags
	database
	Output string `help:"text or json." default:"text" enum:"text,json"`
}

// Run plays the past through the rules of the configuration, and says what they
// would have done. It needs no key and sends nothing.
func (c backtestCommand) Run(p *program) error {
	if c.Lag < 0 {
		return coded{exitUsage, "alerter: --lag is not below zero"}
	}
	conf, err := p.readRules()
	if err != nil {
		return err
	}
	plot, err := c.plotting()
	if err != nil {
		return err
	}
	var report replay.Report
	if c.History != "" {
		report, err = c.playFolder(p, conf, plot)
	} else {
		report, err = c.playStore(p, conf, plot)
	}
	if err != nil {
		return err
	}
	if err := plot.draw(p.err, report, conf.Rules); err != nil {
		return err
	}
	if c.Output == "json" {
		return printJSON(p.out, report)
	}
	printReport(p.out, report)
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
	var times seriesDumpCommand // reads times as series dump does
	from, err := times.moment(c.From, all.From)
	if err != nil {
		return all, err
	}
	to, err := times.moment(c.To, all.To)
	if err != nil {
		return all, err
	}
	if !to.After(from) {
		return all, coded{exitUsage, "alerter: --to is not after --from, or not in the history"}
	}
	return replay.Span{From: from, To: to}, nil
}

// playFolder plays a folder of saved answers.
func (c backtestCommand) playFolder(p *program, conf *config.Config, plot *plotting) (replay.Report, error) {
	show := p.playing()
	defer show.end()
	h, notes, err := readHistory(c.History, show.page)
	if err != nil {
		return replay.Report{}, coded{exitUsage, "alerter: " + err.Error()}
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
		return replay.Report{}, err
	}
	for _, m := range h.Unmatched().Models {
		fmt.Fprintf(p.err, "not watched: %s: %s\n", orUsage(m.Model), m.Reason)
	}
	show.steps = span.Ticks()
	return replay.Collect(plot.watch(replay.Run(h, conf.Rules, conf.Tree, span)), span, show.step), nil
}

// playStore plays what the database remembers, at the moments at which the service
// looked, with what it knew then.
func (c backtestCommand) playStore(p *program, conf *config.Config, plot *plotting) (report replay.Report, err error) {
	err = c.view(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		return st.View(ctx, func(tx *store.Tx) error {
			past, err := remembered(tx, conf.Settle, lookback(conf.Rules))
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
			report = replay.Collect(plot.watch(past.play(conf.Rules, conf.Tree)), span, show.step)
			return past.err
		})
	})
	return report, err
}

// lookback is how much past the service looks at with these rules.
func lookback(rules []evaluate.Rule) time.Duration {
	back := 2 * time.Hour
	for _, r := range rules {
		back = max(back, r.Condition.Lookback()+time.Hour)
	}
	return back
}

// playing shows how far a long backtest is, on a terminal only.
type playing struct {
	out    io.Writer // nil: nobody looks
	now    func() time.Time
	steps  int // to play
	began  time.Time
	shown  time.Time
	showed bool
}

const (
	quietFor   = 2 * time.Second
	showsEvery = 200 * time.Millisecond
)

func (p *program) playing() *playing {
	g := &playing{now: p.now, began: p.now()}
	if p.errTTY {
		g.out = p.err
	}
	return g
}

// page shows that so many pages of a history have been read.
func (g *playing) page(done, pages int) { g.show("reading: %d of %d pages (%d %%)", done, pages) }

// step shows that so many steps are done.
func (g *playing) step(done int) {
	if done%64 == 0 {
		g.show("playing: %d of %d steps (%d %%)", done, g.steps)
	}
}

func (g *playing) show(format string, done, all int) {
	if g.out == nil {
		return
	}
	if at := g.now(); at.Sub(g.began) > quietFor && at.Sub(g.shown) > showsEvery {
		fmt.Fprintf(g.out, "\r\033[K"+format, done, all, 100*done/max(all, 1))
		g.shown, g.showed = at, true
	}
}

// end takes the line away again.
func (g *playing) end() {
	if g.showed {
		fmt.Fprint(g.out, "\r\033[K")
		g.showed = false
	}
}
