package notify

import (
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// hindsight says how the warning turned out, once that is known: how long before
// the limit was reached it came, or that the report did not show it coming. The
// report shows no 429s, so that nothing is said for certain of what it does not show.
func (t telling) hindsight() string {
	reached := t.alert.LimitReached
	if !t.measures() || usage.Limiter(t.alert.Labels.Limiter).Period() != time.Minute || t.reason == evaluate.ReasonWithdrawn {
		return ""
	}
	if reached.At.IsZero() {
		return t.notReached()
	}
	when := "the limit was reached at " + clock(reached.At, t.at)
	if ahead := reached.At.Sub(t.began()); ahead > 0 {
		return "warned " + span(ahead) + " ahead: " + when
	}
	if !reached.Shown.Known() {
		return "warned too late: " + when
	}
	shown := when + "; 5 min before, the report showed " + percent(float64(reached.Shown)) + " of what the bucket can take"
	if t.alert.Kind == kindPressure && reached.Shown < t.beganAt() {
		return "not visible in advance: " + shown
	}
	return "warned too late: " + shown
}

// notReached is for an episode that is over and in which no minute shows that the
// limit was reached.
func (t telling) notReached() string {
	switch {
	case t.reason != evaluate.ReasonResolved:
		return ""
	case t.alert.Peak >= probablyReached:
		return "the limit may have been reached: no minute of the report shows it for certain"
	}
	return "the limit was not reached, as far as the report shows"
}

// beganAt is the level with which the episode began, as [telling.began] has it.
func (t telling) beganAt() evaluate.Number {
	began := t.began()
	for _, r := range t.alert.Reached {
		if r.At.Equal(began) {
			return r.Level // the mildest of several
		}
	}
	return 0
}
