package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"alerter/evaluate/replay"
)

// mostListed is how many messages a comparison lists of each side.
const mostListed = 20

// compare puts what two sets of rules would have done side by side.
func (v trialView) compare(t *trial, reports []replay.Report) {
	a, b := &reports[0], &reports[1]
	fmt.Fprintf(v.out, "a: %s: %d fired, %d notified\nb: %s: %d fired, %d notified\nAll of a limit was used in %s.\n",
		t.file, a.Summary.Fired, a.Summary.Notified, t.compare, b.Summary.Fired, b.Summary.Notified, count(a.Summary.MinutesAtLimit, "minute"))
	scoresA, scoresB := a.Scores(t.conf.Rules), b.Scores(t.other.Rules)
	v.sides(scoresA, scoresB)
	v.leftOut(slices.Concat(scoresA, scoresB))
	d := replay.Compare(a, b)
	fmt.Fprintf(v.out, "\nBoth would have sent %s", count(d.Same+d.Earlier+d.Later, "message"))
	if d.Earlier+d.Later > 0 {
		fmt.Fprintf(v.out, " (%d earlier in b, %d later)", d.Earlier, d.Later)
	}
	fmt.Fprintln(v.out, ".")
	v.only("a", d.OnlyA)
	v.only("b", d.OnlyB)
}

// sides has two lines for each rule and limit that something came of.
func (v trialView) sides(a, b []replay.Score) {
	t := newTable("limit", "rule", "in", "fired", "notified", "right", "wrong", "missed", "lead")
	t.numbers = []int{3, 4, 5, 6, 7, 8}
	row := func(in string, of replay.Score, all []replay.Score) {
		i := slices.IndexFunc(all, func(s replay.Score) bool { return s.Alertname == of.Alertname && s.Labels == of.Labels })
		cells := []any{v.limit(of.Labels), orDash(of.Alertname), in}
		switch {
		case i < 0:
			cells = append(cells, 0, 0, "-", "-", "-", "-")
		case !all[i].Judged:
			cells = append(cells, all[i].Fired, all[i].Notified, "-", "-", "-", "-")
		default:
			s := all[i]
			cells = append(cells, s.Fired, s.Notified, s.Right, s.Wrong, missed(s.Judgement, s.TimesAtLimit), lead(s.Lead))
		}
		t.row(cells...)
	}
	for _, s := range either(a, b) {
		row("a", s, a)
		row("b", s, b)
	}
	if len(t.rows) > 0 {
		fmt.Fprintln(v.out)
		v.table(t)
		fmt.Fprint(v.out, "\n", judgementWords)
	}
}

// either is one score for each rule and limit of both lists, in their order.
func either(a, b []replay.Score) []replay.Score {
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, func(x, y replay.Score) int {
		return cmp.Or(x.Labels.Compare(y.Labels), cmp.Compare(x.Alertname, y.Alertname))
	})
	return slices.CompactFunc(all, func(x, y replay.Score) bool { return x.Alertname == y.Alertname && x.Labels == y.Labels })
}

// only lists what one side alone would have sent.
func (v trialView) only(side string, all []replay.Notification) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(v.out, "\nOnly %s would have sent %s:\n\n", side, count(len(all), "message"))
	t := newTable("limit", "at", "rule", "message", "to")
	for _, n := range all[:min(len(all), mostListed)] {
		t.row(v.limit(n.Labels), n.At.Format("2006-01-02 15:04"), n.Alertname, string(n.Severity)+" "+string(n.Reason), strings.Join(n.Receivers, ", "))
	}
	v.table(t)
	if more := len(all) - mostListed; more > 0 {
		fmt.Fprintf(v.out, "… and %d more: --output json has them all.\n", more)
	}
}
