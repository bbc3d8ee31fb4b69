package notify

import (
	"fmt"
	"time"

	"alerter/evaluate"
)

// grows reports whether the alert is about when a limit is reached.
func (t telling) grows() bool { return t.alert.Kind == kindGrowth }

// growthSummary is the title's line: Claude Opus 5 · input limit reached from
// about 9 December (whole organization).
func (t telling) growthSummary() string {
	happens := t.words().limit
	e := t.alert.Reading.Growth
	switch {
	case t.reason == evaluate.ReasonWithdrawn || e == nil:
		happens += " and growth"
	case t.over():
		happens += " not near any more at this growth"
	case t.alert.Reading.Value <= 0:
		happens += " reached by daily peaks"
	default:
		happens += " reached from about " + date(e.At, t.at)
	}
	return joinWords(" · ", t.group(), happens) + " (" + t.scope() + ")"
}

// growth says when the limit is reached, by how much use grows, and how sure that is.
func (t telling) growth() string {
	e := t.alert.Reading.Growth
	if !t.grows() || e == nil {
		return ""
	}
	when := pick(e.OnWeekdays, " on working days", "")
	limit := t.words().limit + " of " + t.group()
	if t.alert.Labels.Workspace != "" {
		limit += " in workspace " + name(t.alert.Labels.Workspace)
	}
	if t.alert.Reading.Value <= 0 {
		return fmt.Sprintf("The %s is reached%s by the typical daily peak already.", limit, when)
	}
	return fmt.Sprintf("At this growth the %s is reached%s from about %s%s.", limit, when, date(e.At, t.at), band(e.Earliest, e.Latest, t.at))
}

// band writes the days between which the limit is reached in four of five cases.
func band(earliest, latest, at time.Time) string {
	until := date(latest, at)
	switch {
	case earliest.Equal(latest):
		return ""
	case latest.Sub(at) > 366*24*time.Hour:
		return fmt.Sprintf(" (not before %s)", date(earliest, at))
	case earliest.Year() == latest.Year() && earliest.Month() == latest.Month():
		return fmt.Sprintf(" (between %d and %s)", earliest.Day(), until)
	}
	return fmt.Sprintf(" (between %s and %s)", date(earliest, at), until)
}

// date writes a day as 9 December, that of another year as 9 January 2027.
func date(day, at time.Time) string {
	if day.UTC().Year() == at.UTC().Year() {
		return day.UTC().Format("2 January")
	}
	return day.UTC().Format("2 January 2006")
}

// peakNow compares the typical daily peak with the limit, and the highest one where it is
// more than that: how far a single minute goes beyond what is usual.
func (t telling) peakNow() string {
	e, limit := t.alert.Reading.Growth, float64(t.alert.Reading.Limit)
	if e == nil || !t.alert.Reading.Limit.Known() || limit <= 0 {
		return ""
	}
	said := fmt.Sprintf("%s of %s %s (%s) on a typical %s", beside(e.Peak, limit), amount(limit), t.words().unit,
		percent(e.Peak/limit), pick(e.OnWeekdays, "working day", "day"))
	if e.Highest > e.Peak {
		said += fmt.Sprintf(", %s (%s) at the most in the last week", beside(e.Highest, limit), percent(e.Highest/limit))
	}
	return said
}

// pace says by how much the peak grows.
func (t telling) pace() string {
	e := t.alert.Reading.Growth
	if e == nil {
		return ""
	}
	return fmt.Sprintf("%s %s a week, read from %s", amount(e.PerWeek), t.words().unit, plural(e.Days, "day"))
}

// growthAdvice says what to do in time.
func (t telling) growthAdvice() []string {
	ask := "Ask for a higher limit now, in the Console under Limits or through your account team: an answer takes its time."
	if t.alert.Labels.Workspace != "" {
		ask = "Raise this workspace's own limit in the Console while the organization's has room, or else ask for a higher one there under Limits."
	}
	return []string{
		ask,
		"Only the daily peak comes near it: move what can wait to quiet hours or to the Message Batches API, which has limits of its own.",
	}
}
