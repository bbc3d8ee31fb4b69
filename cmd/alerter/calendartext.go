package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"alerter/evaluate/replay"
)

// calendarScale is how long a mark of a calendar stands for.
type calendarScale struct {
	mark   time.Duration
	label  time.Duration // the times that are whole multiples of it are labelled
	format string
	words  string // mark in words
}

// calendarScales are those there are, the finest first.
var calendarScales = []calendarScale{
	{10 * time.Minute, time.Hour, "15:04", "ten minutes"},
	{time.Hour, 24 * time.Hour, "Mon 02 Jan", "an hour"},
	{6 * time.Hour, 24 * time.Hour, "02", "six hours"},
	{24 * time.Hour, 7 * 24 * time.Hour, "02 Jan", "a day"},
	{7 * 24 * time.Hour, 8 * 7 * 24 * time.Hour, "02 Jan", "a week"},
}

// calendarColumns is how wide a calendar may be, so that names of limits fit beside it
// into a hundred columns.
const calendarColumns = 60

// calendarMarks are those of a terminal that shows no more than ASCII, and of others.
var calendarMarks = map[bool][]rune{true: []rune(".-+#"), false: []rune("·░▒█")}

// scaleOf is the finest scale at which a span fits; the coarsest where none does.
func scaleOf(from, to time.Time) calendarScale {
	for _, s := range calendarScales {
		if to.Sub(from.Truncate(s.mark)) <= calendarColumns*s.mark {
			return s
		}
	}
	return calendarScales[len(calendarScales)-1]
}

// calendar prints a row of marks for each limit to which something happened.
func (v trialView) calendar(r *replay.Report) {
	scale, marks := scaleOf(r.From, r.To), calendarMarks[v.plain]
	strips := r.Calendar(scale.mark)
	if len(strips) == 0 {
		return
	}
	fmt.Fprintf(v.out, "\nWhen: a mark is %s, UTC\n\n", scale.words)
	name := 0
	for _, s := range strips {
		name = max(name, text.StringWidthWithoutEscSequences(v.limit(s.Labels)))
	}
	if v.columns > 0 {
		name = max(leastWrapped, min(name, v.columns-len(gap)-len(strips[0].Marks)))
	}
	fmt.Fprintln(v.out, strings.Repeat(" ", name)+gap+scale.header(r.From, len(strips[0].Marks)))
	for _, s := range strips {
		var row strings.Builder
		for _, m := range s.Marks {
			row.WriteRune(marks[m])
		}
		fmt.Fprintln(v.out, text.Pad(text.Snip(v.limit(s.Labels), name, "…"), name, ' ')+gap+row.String())
	}
	fmt.Fprintf(v.out, "\n%c quiet  %c watch: fired at info  %c warned: fired at warning or critical  %c the limit was reached\n",
		marks[replay.Quiet], marks[replay.Watched], marks[replay.Warned], marks[replay.Full])
}

// header labels a row of so many marks.
func (s calendarScale) header(from time.Time, marks int) string {
	row := []byte(strings.Repeat(" ", marks+len(s.format)))
	for i := range marks {
		at := from.Truncate(s.mark).Add(time.Duration(i) * s.mark).UTC()
		if at.Equal(at.Truncate(s.label)) {
			copy(row[i:], at.Format(s.format))
		}
	}
	return strings.TrimRight(string(row), " ")
}

// utf8 reports whether the environment says that more than ASCII can be shown.
func (p *program) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} { // the first that is set counts
		if locale, _ := p.env(name); locale != "" {
			locale = strings.ToLower(locale)
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return false
}
