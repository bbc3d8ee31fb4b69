package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/notify"
	"alerter/notify/chart"
	"alerter/usage"
)

// plotFlags say whether and what a backtest draws.
type plotFlags struct {
	Plot      string   `help:"Also draw what happened, into a file that ends in .svg or .png." placeholder:"FILE"`
	PlotLimit []string `help:"Draw the limits with this label instead of the worst ones; * and ? stand for others. Labels: organization, workspace, model_group, limiter." placeholder:"LABEL=GLOB"`
}

const (
	// worstDrawn is how many limits are drawn where nobody says which.
	worstDrawn = 6
	// mostDrawn is how many are drawn at most: more are no picture any more.
	mostDrawn = 40
)

// plotting begins to watch a backtest for what is to be drawn; nil if nothing is.
func (f plotFlags) plotting() (*plotting, error) {
	if f.Plot == "" {
		if len(f.PlotLimit) > 0 {
			return nil, coded{exitUsage, "alerter: --plot-limit is only for --plot"}
		}
		return nil, nil
	}
	if kind := filepath.Ext(f.Plot); kind != ".svg" && kind != ".png" {
		return nil, coded{exitUsage, fmt.Sprintf("alerter: --plot draws files that end in .svg or .png, not %q", f.Plot)}
	}
	p := &plotting{file: f.Plot, chosen: len(f.PlotLimit) > 0, seen: make(map[usage.ID]*footage)}
	for _, one := range f.PlotLimit {
		label, glob, ok := strings.Cut(one, "=")
		globs := map[string]*[]string{
			"organization": &p.match.Organization, "workspace": &p.match.Workspace,
			"model_group": &p.match.ModelGroup, "limiter": &p.match.Limiter,
		}[label]
		if !ok || globs == nil {
			return nil, coded{exitUsage, fmt.Sprintf("alerter: --plot-limit: %q is not LABEL=GLOB; labels are organization, workspace, model_group and limiter", one)}
		}
		*globs = append(*globs, glob)
	}
	return p, nil
}

// draw writes the picture of what was watched, and says on w what is on it. A nil
// plotting draws nothing.
func (p *plotting) draw(w io.Writer, report replay.Report, rules []evaluate.Rule) error {
	if p == nil {
		return nil
	}
	exposures := p.choose(report)
	switch {
	case len(exposures) == 0 && p.chosen:
		return coded{exitUsage, fmt.Sprintf("alerter: nothing is drawn: --plot-limit is true of none of %s", count(p.met, "limit"))}
	case len(exposures) == 0:
		return coded{exitError, "alerter: nothing is drawn: there is no limit"}
	case len(exposures) > mostDrawn:
		return coded{exitUsage, fmt.Sprintf("alerter: nothing is drawn: --plot-limit is true of %d limits, and %d can be drawn", len(exposures), mostDrawn)}
	}
	sheet := make(chart.Sheet, len(exposures))
	for i, f := range exposures {
		sheet[i] = f.chart(report, rules)
	}
	var b bytes.Buffer
	write := sheet.SVG
	if filepath.Ext(p.file) == ".png" {
		write = sheet.PNG
	}
	if err := write(&b, chart.Standard); err != nil {
		return err
	}
	if err := os.WriteFile(p.file, b.Bytes(), 0o644); err != nil { //nolint:gosec // a picture to be passed on
		return fmt.Errorf("write the plot: %w", err)
	}
	said := ""
	if !p.chosen && len(sheet) < p.met {
		said = ", the worst ones; --plot-limit draws others"
	}
	fmt.Fprintf(w, "drawn into %s: %d of %s%s\n", p.file, len(sheet), count(p.met, "limit"), said)
	return nil
}

// choose are the limits to draw: those that were asked for, by name, or the worst
// ones: with the gravest alert, then with the highest use. What nobody used is left
// out then.
func (p *plotting) choose(report replay.Report) []*footage {
	all := make([]*footage, 0, len(p.seen))
	for _, f := range p.seen {
		f.judge(report)
		all = append(all, f)
	}
	if p.chosen {
		slices.SortFunc(all, compareNames)
		return all
	}
	slices.SortFunc(all, compareWorst)
	used := len(all)
	for used > 1 && !(all[used-1].peak > 0) {
		used--
	}
	return all[:min(used, worstDrawn)]
}

// chart is the picture of one limit.
func (f *footage) chart(report replay.Report, rules []evaluate.Rule) chart.Chart {
	c := chart.New(f.series(), report.From, report.To, f.reading(rules))
	c.Title = notify.ChartTitle(f.labels)
	of := replay.Labels(f.labels)
	for i := range report.Episodes {
		if report.Episodes[i].Labels == of {
			c.Spans = append(c.Spans, spans(&report.Episodes[i], report.To)...)
		}
	}
	// Graver ones are taller, and are drawn over milder ones.
	slices.SortStableFunc(c.Spans, func(a, b chart.Span) int {
		return evaluate.Severity(a.Severity).Rank() - evaluate.Severity(b.Severity).Rank()
	})
	for _, n := range report.Notifications {
		if n.Labels == of {
			c.Marks = append(c.Marks, chart.Mark{At: n.At, Kind: chart.Told})
		}
	}
	return c
}

// reading is how the first rule reads that is about this limit and reads minutes.
func (f *footage) reading(rules []evaluate.Rule) chart.Reading {
	for _, r := range rules {
		if reading, ok := notify.ChartReading(r.Condition); ok && reading.Window > 0 && r.Match.Accepts(f.labels) {
			return reading
		}
	}
	return chart.Reading{}
}

// spans are the parts of an episode, by how grave it had become.
func spans(e *replay.Episode, end time.Time) []chart.Span {
	if e.ResolvedAt != nil {
		end = *e.ResolvedAt
	}
	var all []chart.Span
	for i, l := range e.Levels {
		until := end
		if i+1 < len(e.Levels) {
			until = e.Levels[i+1].At
		}
		all = append(all, chart.Span{From: l.At, To: until, Severity: string(l.Severity)})
	}
	return all
}
