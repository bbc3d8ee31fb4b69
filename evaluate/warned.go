package evaluate

import (
	"slices"
	"time"

	"alerter/usage"
)

// Warned is a moment at which an alert of a pressure or threshold rule became a
// warning or worse: see [Transition.Warns].
type Warned struct {
	ID usage.ID
	At time.Time
}

// Foretells reports whether rules of a kind say that a limit is about to be reached.
func Foretells(kind string) bool { return kind == kindPressure || kind == kindThreshold }

// Warns reports whether with this change an alert became a warning or worse, and was
// none before.
func (t Transition) Warns() bool {
	warned := t.FromState == Firing && t.From.Rank() >= Warning.Rank()
	return t.ToState == Firing && t.To.Rank() >= Warning.Rank() && !warned
}

// Warnings says how warnings turned out whose hour ended in some time.
type Warnings struct {
	Right int           // the limit was reached within the hour
	Wrong int           // it was not
	Late  int           // it was being reached already, or just had been
	Open  int           // warnings whose hour is not over yet
	Lead  time.Duration // from the first warning to what it foretold, the median; zero without any
}

// lateFor is how long after a time at the limit a warning is still about it: its last
// minute is usually seen ten minutes later, and counts for ten.
const lateFor = 20 * time.Minute

// judge counts the warnings of one limit whose hour ended in [from, to), and gives by
// how much each time at the limit was foretold. Of a limit that is not per minute
// nobody knows when it was reached.
func (w *Warnings) judge(from, to time.Time, times []TimeAtLimit, warned []time.Time, limiter usage.Limiter) (leads []time.Duration) {
	if limiter.Period() != time.Minute {
		return nil
	}
	for _, at := range warned {
		over := at.Add(WarnedAhead)
		switch {
		case over.Before(from):
		case !over.Before(to):
			w.Open++
		case slices.ContainsFunc(times, func(t TimeAtLimit) bool { return t.From.After(at) && !t.From.After(over) }):
			w.Right++
		case slices.ContainsFunc(times, func(t TimeAtLimit) bool { return !t.From.After(at) && at.Before(t.To.Add(lateFor)) }):
			w.Late++
		default:
			w.Wrong++
		}
	}
	for _, t := range times {
		if t.Ahead > 0 && !t.From.Before(from) {
			leads = append(leads, t.Ahead)
		}
	}
	return leads
}

// foretold says of each time at a limit how long before it the first warning of the
// hour came.
func foretold(times []TimeAtLimit, warned []time.Time) []TimeAtLimit {
	times = slices.Clone(times)
	for i := range times {
		for _, at := range warned {
			if ahead := times[i].From.Sub(at); ahead > 0 && ahead <= WarnedAhead {
				times[i].Ahead = max(times[i].Ahead, ahead)
			}
		}
	}
	return times
}

// median is the middle one, the later of two; zero of none.
func median(spans []time.Duration) time.Duration {
	if len(spans) == 0 {
		return 0
	}
	slices.Sort(spans)
	return spans[len(spans)/2]
}
