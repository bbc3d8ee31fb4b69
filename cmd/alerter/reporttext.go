package main

import (
	"fmt"
	"io"
	"time"

	"alerter/evaluate"
	"alerter/evaluate/replay"
)

// trialView prints a backtest for people, in a hundred columns.
type trialView struct {
	out     io.Writer
	columns int  // of the terminal; 0: it is none, and nothing is cut
	plain   bool // in ASCII
	several bool // organizations, so that limits say whose they are
}

func (v trialView) print(t *trial, reports []replay.Report) {
	r := &reports[0]
	fmt.Fprintf(v.out, "%s to %s: %s, %d series\n", when(&r.From), when(&r.To), count(r.Ticks, "step"), r.Series)
	v.several = severalOrganizations(reports)
	if t.other != nil {
		v.compare(t, reports)
		return
	}
	scores := r.Scores(t.conf.Rules)
	if len(scores) == 0 {
		fmt.Fprintln(v.out, "Nothing fired, and no limit was reached.")
	} else {
		fmt.Fprintf(v.out, "%d fired, %d notified; all of a limit was used in %s.\n", r.Summary.Fired, r.Summary.Notified, count(r.Summary.MinutesAtLimit, "minute"))
		v.fired(scores)
		v.foretold(scores)
		v.calendar(r)
	}
	v.sweep(t.swept(reports))
}

// severalOrganizations reports whether limits of more than one happened to be reached or
// near it.
func severalOrganizations(reports []replay.Report) bool {
	names := make(map[string]bool)
	for i := range reports {
		for _, e := range reports[i].Episodes {
			names[e.Labels.Organization] = true
		}
		for _, m := range reports[i].LimitMinutes {
			names[m.Labels.Organization] = true
		}
	}
	return len(names) > 1
}

// fired has a line for each rule and limit that something came of.
func (v trialView) fired(scores []replay.Score) {
	t := newTable("limit", "rule", "fired", "notified", "lasted", "flaps")
	t.numbers = []int{2, 3, 4, 5}
	for _, s := range scores {
		if s.Fired > 0 {
			t.row(v.limit(s.Labels), s.Alertname, s.Fired, s.Notified, span(s.Lasted), s.Flaps)
		}
	}
	if len(t.rows) == 0 {
		return
	}
	fmt.Fprint(v.out, "\nWhat fired, and how much of it was told\n\n")
	v.table(t)
	fmt.Fprintln(v.out, "\nnotified: messages of any kind, also that it is over; flaps: fired again within an hour of its end.")
}

// foretold has a line for each level of the rules that warn before a limit is full.
func (v trialView) foretold(scores []replay.Score) {
	t := newTable("limit", "rule", "level", "right", "wrong", "missed", "lead")
	t.numbers = []int{3, 4, 5, 6}
	for _, s := range scores {
		if !s.Judged || s.TimesAtLimit+s.Right+s.Wrong+s.Undecided == 0 {
			continue // nothing was told that fits, and nothing happened
		}
		row := func(level string, j replay.Judgement) {
			t.row(v.limit(s.Labels), orDash(s.Alertname), level, j.Right, j.Wrong, missed(j, s.TimesAtLimit), lead(j.Lead))
		}
		for _, l := range s.Levels {
			row(string(l.Severity), l.Judgement)
		}
		if len(s.Levels) == 0 {
			row("-", s.Judgement)
		}
	}
	if len(t.rows) == 0 {
		return
	}
	fmt.Fprint(v.out, "\nWhether it was foretold that a limit is reached\n\n")
	v.table(t)
	fmt.Fprint(v.out, "\nlevel: told at that severity or a worse one.\n", judgementWords)
	v.leftOut(scores)
}

// leftOut says what was not judged.
func (v trialView) leftOut(scores []replay.Score) {
	undecided, early := 0, 0
	for i := range scores {
		undecided += scores[i].Undecided
		early += scores[i].Early
	}
	if undecided > 0 {
		fmt.Fprintf(v.out, "Neither: %s whose hour is not known to its end.\n", count(undecided, "message"))
	}
	if early > 0 {
		fmt.Fprintf(v.out, "Not missed: %s at the limit in the first hour, before which nothing is known.\n", count(early, "time"))
	}
}

// judgementWords explains the columns of a judgement.
const judgementWords = `right: messages with the limit reached in the hour after; wrong: it was not, nor had just been;
missed: times at the limit with no message in the hour before; lead: message to limit, the median.
`

// sweep says what other warning levels would have changed.
func (v trialView) sweep(levels []sweptLevel) {
	t := newTable("rule", "warning at", "notified", "right", "wrong", "missed", "lead")
	t.numbers = []int{1, 2, 3, 4, 5, 6}
	for i := range levels {
		s := &levels[i]
		level := evaluate.Share(s.Level).String()
		if s.Written {
			level = "now " + level
		}
		t.row(s.Alertname, level, s.Notified, s.Right, s.Wrong, outOf(s.Missed, s.Times), lead(s.lead()))
	}
	if len(t.rows) == 0 {
		return
	}
	fmt.Fprint(v.out, "\nWhat another warning level would have changed, all limits together\n\n")
	v.table(t)
}

// table prints a table whose first column is a limit or may be cut like one.
func (v trialView) table(t *plainTable) {
	t.cut(v.columns, 0)
	t.print(v.out, v.columns)
}

// limit is a limit in a few words.
func (v trialView) limit(l replay.Labels) string {
	name := limitWords(l.ModelGroup, l.Limiter, l.Workspace)
	if name == "" {
		return l.Organization
	}
	if v.several {
		name = l.Organization + ": " + name
	}
	return name
}

// missed is how many of the times at a limit were, of those that could be.
func missed(j replay.Judgement, times int) string { return outOf(j.Missed, times-j.Early) }

// outOf is n of all; a dash where there is none.
func outOf(n, all int) string {
	if all == 0 {
		return "-"
	}
	return fmt.Sprintf("%d of %d", n, all)
}

func lead(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	return span(d)
}

// span is a time in whole minutes.
func span(d time.Duration) string { return evaluate.Duration(d.Round(time.Minute)).String() }

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
