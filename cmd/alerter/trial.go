package main

import (
	"time"

	"alerter/config"
	"alerter/evaluate"
	"alerter/evaluate/replay"
)

// trial is what a backtest plays beside each other: the rules of the configuration,
// those to compare them with, and those of the sweep.
type trial struct {
	conf     *config.Config
	file     string         // that conf is from
	other    *config.Config // nil: nothing is compared
	compare  string         // the file that other is from
	variants []replay.Variant
}

func (c backtestCommand) trial(p *program) (*trial, error) {
	t := &trial{file: config.BuiltInName, compare: c.Compare}
	if path, ok := p.file(); ok {
		t.file = path
	}
	var err error
	if t.conf, err = p.readRules(); err != nil {
		return nil, err
	}
	if c.Compare != "" {
		if t.other, err = config.LoadRules(c.Compare, p.env); err != nil {
			return nil, err
		}
	}
	if c.Sweep == "on" || c.Sweep == "auto" && c.Compare == "" && !c.json() {
		t.variants = replay.Variants(t.conf.Rules)
	}
	return t, nil
}

// plays are one for each set of rules: first the configuration's, then those to
// compare with, then the sweep's.
func (t *trial) plays() []*replay.Play {
	plays := []*replay.Play{{Rules: t.conf.Rules, Tree: t.conf.Tree}}
	if t.other != nil {
		plays = append(plays, &replay.Play{Rules: t.other.Rules, Tree: t.other.Tree})
	}
	for _, v := range t.variants {
		if !v.Written {
			plays = append(plays, &replay.Play{Rules: v.Rules, Tree: t.conf.Tree})
		}
	}
	return plays
}

// sweptLevel is how one rule would have done with its warning at another level.
type sweptLevel struct {
	Alertname   string  `json:"alertname"`
	Level       float64 `json:"level"`   // a share of the limit
	Written     bool    `json:"written"` // the rule has this level
	Fired       int     `json:"fired"`
	Notified    int     `json:"notified"`
	Right       int     `json:"right"`
	Wrong       int     `json:"wrong"`
	Undecided   int     `json:"undecided"` // what came in the hour after is not known to its end
	Missed      int     `json:"missed"`
	Times       int     `json:"times_at_limit"` // that could be missed
	LeadSeconds float64 `json:"lead_seconds"`   // the median; 0 where nothing was foretold
}

// swept sums the sweep up, by rule and level.
func (t *trial) swept(reports []replay.Report) []sweptLevel {
	next := 1 // the sweep's plays come last
	if t.other != nil {
		next++
	}
	all := make([]sweptLevel, 0, len(t.variants))
	for _, v := range t.variants {
		report := &reports[0]
		if !v.Written {
			report = &reports[next]
			next++
		}
		total := report.Total(v.Alertname, v.Rules)
		all = append(all, sweptLevel{
			Alertname: v.Alertname, Level: float64(evaluate.Number(v.Level).Rounded()), Written: v.Written, Fired: total.Fired, Notified: total.Notified,
			Right: total.Right, Wrong: total.Wrong, Undecided: total.Undecided, Missed: total.Missed, Times: total.TimesAtLimit - total.Early, LeadSeconds: total.Lead.Seconds(),
		})
	}
	return all
}

// lead is the median lead.
func (s *sweptLevel) lead() time.Duration { return time.Duration(s.LeadSeconds * float64(time.Second)) }

// trialDocument is a trial for programs: the report of the configuration's rules,
// and what was asked for beside it.
type trialDocument struct {
	replay.Report
	Compare *comparison  `json:"compare,omitempty"`
	Sweep   []sweptLevel `json:"sweep,omitempty"`
}

// comparison is how other rules would have done.
type comparison struct {
	File   string                `json:"file"`
	Report replay.Report         `json:"report"`
	OnlyA  []replay.Notification `json:"only_a"` // sent by the configuration alone
	OnlyB  []replay.Notification `json:"only_b"` // sent by the file alone
}

func (t *trial) document(reports []replay.Report) trialDocument {
	d := trialDocument{Report: reports[0], Sweep: t.swept(reports)}
	if t.other != nil {
		diff := replay.Compare(&reports[0], &reports[1])
		d.Compare = &comparison{t.compare, reports[1], diff.OnlyA, diff.OnlyB}
	}
	return d
}
