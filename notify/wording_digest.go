package notify

import (
	"fmt"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// digestTitle is a digest in one line.
func digestTitle(d evaluate.Digest) string {
	switch {
	case d.Limits == 0:
		return "No limits are known"
	case d.Unseen == d.Limits:
		return "Nothing is known of the use of limits"
	case d.TimesReached > 0:
		return reachedTitle(d.TimesReached, d.Foreseen)
	case len(d.Closest) == 0:
		return "No limit was used"
	}
	top := d.Closest[0]
	return fmt.Sprintf("No limit was reached; the closest came to %s: %s", percent(float64(top.Peak)),
		joinWords(" · ", name(top.Labels.ModelGroup), wordsOf(usage.Limiter(top.Labels.Limiter)).what))
}

// reachedTitle says how often limits were reached, and how often that was foretold.
func reachedTitle(times, foreseen int) string {
	if times == 1 {
		return "A limit was reached once, " + pick(foreseen == 1, "after", "without") + " a warning"
	}
	return fmt.Sprintf("Limits were reached %s, %d of them after a warning", plural(times, "time"), foreseen)
}

// lead says what the digest is of. A digest read back from the outbox has one.
func (d *Digest) lead(at time.Time) []string {
	said := capital(stretch(d.From, d.To, at)) + ": " + plural(d.Limits, "limit")
	if d.Unseen > 0 {
		said += fmt.Sprintf(", of which the use of %d is not known", d.Unseen)
	}
	return []string{said + ". Percentages are of what a limit's bucket can take."}
}

// digestSections is a digest in words: what there is nothing to say of is left out.
func digestSections(d evaluate.Digest, at time.Time) []Section {
	var all []Section
	add := func(heading string, lines []string) {
		if len(lines) > 0 {
			all = append(all, Section{Heading: heading, Lines: lines})
		}
	}
	add("Closest calls", closestLines(d, at))
	add("At the limit", reachedLines(d, at))
	add("Warnings", warningLines(d.Warnings))
	add("Worth asking for more", askLines(d))
	add("Growing", growingLines(d, at))
	add("Never near", quietLines(d))
	add("Not known", gapLines(d, at))
	add("Not delivered", undeliveredLines(d))
	return all
}

func closestLines(d evaluate.Digest, at time.Time) []string {
	var lines []string
	for _, l := range d.Closest {
		lines = append(lines, fmt.Sprintf("%s at %s: %s, limit %s", percent(float64(l.Peak)), clock(l.PeakAt, at), ChartTitle(l.Labels), limitInTitle(l.PeakLimit)))
	}
	return lines
}

func reachedLines(d evaluate.Digest, at time.Time) []string {
	switch {
	case d.Unseen == d.Limits:
		return nil
	case d.TimesReached == 0:
		return []string{"No limit was reached, as far as the report shows."}
	}
	var lines []string
	for _, r := range d.Reached {
		lines = append(lines, fmt.Sprintf("%s: %s, %s", ChartTitle(r.Labels), stretch(r.From, r.To, at), foreseen(r.TimeAtLimit)))
	}
	return append(lines, before(d.TimesReached-len(d.Reached))...)
}

// before says that there were more times at a limit than are named.
func before(n int) []string {
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("and %s before these", plural(n, "time"))}
}

// foreseen says whether a time at a limit could be seen coming.
func foreseen(t evaluate.TimeAtLimit) string {
	switch {
	case t.Ahead > 0:
		return "warned " + span(t.Ahead) + " ahead"
	case !t.Shown.Known():
		return "not warned of"
	}
	return "not warned of; 5 min before, the report showed " + percent(float64(t.Shown))
}

func warningLines(w evaluate.Warnings) []string {
	var lines []string
	add := func(n int, what string) {
		if n > 0 {
			lines = append(lines, fmt.Sprintf("%d %s", n, what))
		}
	}
	right := "right: the limit was reached within the hour"
	if w.Lead > 0 {
		right += " (the median: " + span(w.Lead) + " later)"
	}
	add(w.Right, right)
	add(w.Wrong, "wrong: the limit was not reached within the hour")
	add(w.Open, "not certain yet")
	return lines
}

func askLines(d evaluate.Digest) []string {
	var lines []string
	for _, a := range d.Asks {
		line := fmt.Sprintf("%s: above 85 %% on %d of %s, at most %s; %s instead of %s would have kept it at 85 %%", ChartTitle(a.Labels),
			a.NearDays, plural(a.Days, "day"), percent(float64(a.Peak)), limitInTitle(a.Enough), limitInTitle(a.Limit))
		if a.AtLeast {
			line += ", or more, since what is refused at the limit does not show"
		}
		lines = append(lines, line)
	}
	return append(lines, others(d.TimesNear-len(d.Asks))...)
}

// others says that there are more limits than are named.
func others(n int) []string {
	if n == 0 {
		return nil
	}
	return []string{"and " + plural(n, "other limit")}
}

func growingLines(d evaluate.Digest, at time.Time) []string {
	var lines []string
	for _, g := range d.Growing {
		when := pick(g.Estimate.OnWeekdays, " on working days", "")
		lines = append(lines, fmt.Sprintf("%s: at this growth reached%s from about %s%s", ChartTitle(g.Labels), when,
			date(g.Estimate.At, at), band(g.Estimate.Earliest, g.Estimate.Latest, at)))
	}
	return lines
}

func quietLines(d evaluate.Digest) []string {
	if d.TimesQuiet == 0 {
		return nil
	}
	said := fmt.Sprintf("%d of %s stayed below 25 %% all the time", d.TimesQuiet, plural(d.Limits, "limit"))
	if d.Quiet[0].ID.WorkspaceID != "" {
		said += "; those that workspaces have of their own could be lower, which keeps room for others"
	}
	lines := []string{said}
	for _, l := range d.Quiet {
		highest := "not used"
		if l.Peak > 0 {
			highest = "at most " + percent(float64(l.Peak))
		}
		lines = append(lines, ChartTitle(l.Labels)+": "+highest)
	}
	return append(lines, others(d.TimesQuiet-len(d.Quiet))...)
}

func gapLines(d evaluate.Digest, at time.Time) []string {
	var lines []string
	for _, g := range d.Gaps {
		line := fmt.Sprintf("%s: the use in %s is not known", name(g.Organization), span(g.Missing))
		if longest := g.To.Sub(g.From); longest < g.Missing {
			line += ", the longest stretch"
		}
		lines = append(lines, line+", "+stretch(g.From, g.To, at))
	}
	return lines
}

func undeliveredLines(d evaluate.Digest) []string {
	var lines []string
	for _, u := range d.Undelivered {
		lines = append(lines, fmt.Sprintf("%s for %s, given up; the newest: %s", plural(u.Messages, "message"), name(u.Receiver),
			strings.TrimSuffix(headerValue(clip(u.Problem, longestProblem)), ".")))
	}
	return lines
}
