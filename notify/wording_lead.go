package notify

import (
	"fmt"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// probablyReached is the pressure from which on the bucket has probably been
// empty: a report then, not a forecast.
const probablyReached = 0.93

// lead is the first sentences: what happened, and when it was seen.
func (t telling) lead() []string {
	var said []string
	add := func(s string) {
		if s != "" {
			said = append(said, s)
		}
	}
	switch t.reason {
	case evaluate.ReasonResolved:
		add(t.ended())
		add(pick(t.grows(), "Either use no longer grows as it did, or the limit has been raised.", ""))
		add(capital(sentence(t.hindsight(), "")))
		add(t.detail())
		return said
	case evaluate.ReasonWithdrawn:
		add("No longer watched: " + sentence(name(t.alert.Why), "its rule or its limit is gone"))
		add("This says nothing about the load.")
		return said
	case evaluate.Reminder:
		add("Still firing (" + string(t.alert.Severity) + ") after " + span(t.at.Sub(t.began())) + ".")
	case evaluate.Escalated:
		add("It got worse: now " + string(t.alert.Severity) + ".")
	case evaluate.Eased:
		add("It eased to " + string(t.alert.Severity) + "; at its worst it was " + string(t.alert.Worst) + ". It is not over.")
	default:
		add(t.handled())
	}
	add(t.flaps())
	add(t.used())
	add(t.growth())
	add(t.stale())
	add(t.reached())
	add(t.detail())
	add(t.service().means)
	return said
}

// reached says that the limit has been reached, where that is likely.
func (t telling) reached() string {
	switch pressure := t.alert.Reading.Pressure; {
	case t.alert.Kind != kindPressure:
	case t.perDay() && pressure >= 1:
		return "The day's limit is used up: requests are probably getting 429s."
	case !t.perDay() && pressure >= probablyReached:
		return "The limit has probably been reached: requests may be getting 429s already."
	}
	return ""
}

// used is what was read, with its stretch: never a predicted minute, nothing
// supports one.
func (t telling) used() string {
	r := t.alert.Reading
	if !t.measures() {
		return t.changed()
	}
	if r.From.IsZero() || r.To.IsZero() || !r.Mean.Known() {
		return ""
	}
	who := "you used"
	if t.alert.Labels.Workspace != "" {
		who = "workspace " + name(t.alert.Labels.Workspace) + " used"
	}
	said := ""
	if t.perDay() {
		said = fmt.Sprintf("In the 24 h up to %s %s %s of the %s", clock(r.To, t.at), who, percent(float64(r.Mean)), t.words().limit)
	} else {
		said = fmt.Sprintf("%s %s %s of the %s on average", capital(stretch(r.From, r.To, t.at)), who, percent(float64(r.Mean)), t.words().limit)
		if r.Pressure.Known() && r.Pressure != 0 {
			said += " (" + percent(float64(r.Pressure)) + " " + t.ofAll() + ")"
		}
	}
	if t.alert.SteppedAt.Equal(t.at) && !t.at.IsZero() { // else the reading is newer than what changed
		said += "; seen at " + clock(t.at, t.at)
	}
	return said + "."
}

// stale says how old the newest usage data are, and what that means.
func (t telling) stale() string {
	if t.alert.Kind != kindStale {
		return ""
	}
	const blind = "until newer ones come, no limit is watched and alerts about limits stand still."
	age := t.alert.Reading.Value
	if !age.Known() || age <= 0 {
		return "There are no fresh usage data: " + blind
	}
	old := span(asSpan(float64(age)))
	if t.alert.Reading.DataAsOf.IsZero() {
		return "No usage data have come in " + old + ": " + blind
	}
	return "The newest usage data are " + old + " old: " + blind
}

// changed says what a change of limits means.
func (t telling) changed() string {
	c := t.alert.Reading.Change
	if c == nil {
		return ""
	}
	seen := "Seen at " + clock(c.At, t.at) + "; the change itself lies between that and the reading of limits before it."
	switch {
	case c.Kind == usage.ModelMoved:
		return fmt.Sprintf("Model %s now shares the limits of %s; before, it was counted in %s. %s", name(c.Model), t.group(), name(c.FromGroupID), seen)
	case c.Old > 0 && c.New > 0:
		return fmt.Sprintf("The %s went from %s to %s (%+.0f %%). %s", t.words().limit, amount(float64(c.Old)), amount(float64(c.New)),
			100*(float64(c.New)/float64(c.Old)-1), seen)
	}
	return seen
}

// ofAll says what a pressure is a share of. A limit per minute is a bucket that
// fills up again all the time; a limit per day is read as it is.
func (t telling) ofAll() string {
	if t.perDay() {
		return "of the " + t.words().limit
	}
	return "of what the bucket can take"
}

// perDay reports whether the alert's limit counts a day.
func (t telling) perDay() bool {
	return usage.Limiter(t.alert.Labels.Limiter).Period() == 24*time.Hour
}

// ended says how long it lasted and how bad it was.
func (t telling) ended() string {
	a := t.alert
	if a.FiredAt.IsZero() || a.ResolvedAt.IsZero() {
		return "It is over."
	}
	began := t.began()
	said := fmt.Sprintf("Over after %s, %s", span(a.ResolvedAt.Sub(began)), stretch(began, a.ResolvedAt, t.at))
	if a.ResolvedAt.Sub(began) < time.Minute {
		said = "Over after less than a minute"
	}
	if a.Worst != evaluate.None {
		said += "; at its worst " + string(a.Worst)
	}
	if peak := t.peak(); peak != "" {
		said += ", with a peak of " + peak
	}
	return said + "."
}

// peak is the highest value of the episode, in words; empty where the kind's
// value is not a share of a limit.
func (t telling) peak() string {
	switch {
	case t.alert.Peak <= 0:
		return ""
	case t.alert.Kind == kindPressure:
		return percent(t.alert.Peak) + " " + t.ofAll()
	case t.alert.Kind == kindThreshold:
		return percent(t.alert.Peak) + " of the limit"
	}
	return ""
}

// detail is what stale data and the service itself have to say.
func (t telling) detail() string {
	if t.over() {
		return ""
	}
	detail := strings.Join(strings.Fields(strings.Map(visible, t.alert.Reading.Detail)), " ")
	if detail == "" {
		return ""
	}
	if t.alert.Kind == kindStale {
		detail = capital(detail)
	}
	return sentence(clip(detail, 1000), "")
}

// sentence ends s with a full stop, or takes otherwise for an empty one.
func sentence(s, otherwise string) string {
	if s == "" {
		s = otherwise
	}
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}
