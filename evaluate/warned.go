package evaluate

import (
	"slices"
	"time"

	"alerter/usage"
)

// Warned is a time in which an alert of a rule that foretells was a warning or worse.
type Warned struct {
	ID       usage.ID  // the limit
	From, To time.Time // a zero To: it still is
}

// Warner gathers the times in which alerts were warnings from their transitions. The
// zero value is ready to use.
type Warner struct {
	Times []Warned // in the order they began
	still map[Fingerprint]int
}

// Add takes in the next transition of an alert about a limit.
func (w *Warner) Add(id usage.ID, t Transition) {
	before := t.FromState == Firing && t.From.Rank() >= Warning.Rank()
	after := t.ToState == Firing && t.To.Rank() >= Warning.Rank()
	switch i, known := w.still[t.Fingerprint]; {
	case after && !before:
		if w.still == nil {
			w.still = make(map[Fingerprint]int)
		}
		w.still[t.Fingerprint] = len(w.Times)
		w.Times = append(w.Times, Warned{ID: id, From: t.At})
	case before && !after && known:
		w.Times[i].To = t.At
		delete(w.still, t.Fingerprint)
	}
}

// AddFiring takes in the alerts that fire now, for those that began to before the
// first transition.
func (w *Warner) AddFiring(alerts []Alert) {
	for i := range alerts {
		a := &alerts[i]
		if a.State != Firing || a.Severity.Rank() < Warning.Rank() || !Foretells(a.Kind) {
			continue
		}
		if _, known := w.still[a.Fingerprint]; known {
			continue
		}
		since := a.FiredAt
		for _, r := range a.Reached[Warning.Rank()-1:] {
			if !r.At.IsZero() {
				since = r.At
				break
			}
		}
		w.Times = append(w.Times, Warned{ID: a.Subject.ID, From: since})
	}
}

// Foretells reports whether rules of a kind say that a limit is about to be reached.
func Foretells(kind string) bool { return kind == kindPressure || kind == kindThreshold }

// AboutUse reports whether rules of a kind are about how much of a limit is used.
func AboutUse(kind string) bool { return Foretells(kind) || kind == kindGrowth }

// Warnings says how warnings turned out of which that became certain in some time.
type Warnings struct {
	Right int           // the limit was reached within the hour
	Wrong int           // it was not
	Open  int           // it is not certain yet
	Lead  time.Duration // from a right one to when the limit was reached, the median; zero without any
}

// warnings counts the cases of some limits that were closed in [from, to).
func warnings(from, to time.Time, cases []Case, of map[usage.ID]bool) (w Warnings) {
	var leads []time.Duration
	for _, c := range cases {
		switch {
		case c.Severity.Rank() < Warning.Rank() || !of[c.ID] || c.Void:
		case c.ClosedAt.IsZero() || !c.ClosedAt.Before(to):
			w.Open++
		case c.ClosedAt.Before(from): // told by the digest before
		case c.ReachedAt.IsZero():
			w.Wrong++
		default:
			w.Right++
			leads = append(leads, c.ReachedAt.Sub(c.At))
		}
	}
	if len(leads) > 0 {
		slices.Sort(leads)
		w.Lead = leads[len(leads)/2]
	}
	return w
}

// foretold says of each time at a limit for how long people had been warned by then:
// by an alert that was still a warning, or that had become one within the hour.
func foretold(times []TimeAtLimit, warned []Warned) []TimeAtLimit {
	times = slices.Clone(times)
	for i := range times {
		t := &times[i]
		for _, w := range warned {
			ahead := t.From.Sub(w.From)
			if still := w.To.IsZero() || w.To.After(t.From); ahead > 0 && (still || ahead <= WarnedAhead) {
				t.Ahead = max(t.Ahead, ahead)
			}
		}
	}
	return times
}
