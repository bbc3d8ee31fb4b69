package evaluate

import (
	"cmp"
	"slices"
	"time"

	"alerter/usage"
)

const (
	// leastCases is how many warnings must have been followed to their end before
	// odds are counted from them: with fewer, the shipped table knows more.
	leastCases = 20
	// counted is how far back warnings count: a limit that was used in another way
	// a season ago says little of today.
	counted = 90 * 24 * time.Hour
	// soon is the first part of the hour ([WarnedAhead]) in which a warning is followed.
	soon = 15 * time.Minute
)

// Case is one warning: the step at which an episode first came to a severity, as
// people were told, and what followed. It is open until all of the hour after it is
// final, and counts from then on.
type Case struct {
	Fingerprint Fingerprint
	ID          usage.ID // the limit
	Severity    Severity
	Level       Number    // the rule's level then
	At          time.Time // the step
	// ReachedAt is the start of the first minute in which the limit was reached
	// ([AtLimit]) after At and within the hour; zero: none, so far.
	ReachedAt time.Time
	ClosedAt  time.Time // the step at which the hour was final; zero: not yet
	// Void marks one that says nothing about odds, to be forgotten: the limit had been
	// reached by then, which nobody had seen, or not all of the hour was ever known.
	Void bool
}

// Records are the cases of an organization's alerts, to be kept from step to step
// beside the alerts. The zero value has none, and counts 90 days.
type Records struct {
	// Reach is how far back cases are kept, where that is less than 90 days.
	Reach time.Duration

	open   map[warning]Case
	closed map[record][]outcome // oldest first
}

// warning names a case.
type warning struct {
	fingerprint Fingerprint
	severity    Severity
	at          int64 // in Unix milliseconds
}

func (c *Case) key() warning { return warning{c.Fingerprint, c.Severity, c.At.UnixMilli()} }

// record names the cases that are alike. A level that is changed begins anew.
type record struct {
	fingerprint Fingerprint
	severity    Severity
	level       Number
}

// outcome is a closed case.
type outcome struct{ at, reached time.Time }

// Step follows the cases to the moment at, begins one for each warning of the
// step's result, and adds to the result's alerts what was counted of such warnings
// before. It returns the cases that changed, and leaves the records as they are:
// [Records.Keep] takes them in when they are stored.
func (r *Records) Step(at time.Time, facts *usage.Facts, res *Result) []Case {
	at = at.UTC().Truncate(precision)
	changed := r.follow(at, facts)
	for i := range res.Alerts {
		if c, ok := begun(at, &res.Alerts[i]); ok {
			if _, known := r.open[c.key()]; !known {
				changed = append(changed, c)
			}
		}
	}
	slices.SortFunc(changed, func(a, b Case) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Fingerprint, b.Fingerprint), cmp.Compare(a.Severity, b.Severity))
	})
	for _, alerts := range [][]Alert{res.Alerts, res.Changed} {
		for i := range alerts {
			r.tell(at, &alerts[i])
		}
	}
	for i := range res.Notices {
		r.tell(at, &res.Notices[i].Alert)
	}
	return changed
}

// follow looks what became of the open cases.
func (r *Records) follow(at time.Time, facts *usage.Facts) []Case {
	if len(r.open) == 0 {
		return nil
	}
	series := make(map[usage.ID]*usage.Series, len(r.open))
	for _, c := range r.open {
		series[c.ID] = nil
	}
	for i := range facts.Series {
		if _, asked := series[facts.Series[i].ID]; asked {
			series[facts.Series[i].ID] = &facts.Series[i]
		}
	}
	var changed []Case
	for _, c := range r.open {
		before := c
		if c.follow(at, facts.Settle, series[c.ID]); c != before {
			changed = append(changed, c)
		}
	}
	return changed
}

// follow looks whether the limit was reached, and whether all of the hour is known.
func (c *Case) follow(at time.Time, settle time.Duration, s *usage.Series) {
	if s == nil {
		c.Void, c.ClosedAt = true, at // the limit is gone
		return
	}
	since, end := c.At.Add(-maxAge(settle)), c.At.Add(WarnedAhead)
	for minute := range AtLimit(at, s) {
		if minute.Before(since) {
			continue
		}
		if !minute.After(c.At) {
			c.Void, c.ClosedAt = true, at
			return
		}
		if c.ReachedAt.IsZero() && !minute.After(end) {
			c.ReachedAt = minute
		}
		break
	}
	if final := s.From.Add(time.Duration(min(s.Settled, over(at, s))) * time.Minute); final.After(end) {
		c.Void, c.ClosedAt = !allKnown(s, since, end), at
	}
}

// allKnown reports whether each minute of a stretch is known.
func allKnown(s *usage.Series, from, to time.Time) bool {
	if s.From.After(from) {
		return false
	}
	points := s.Points[int(from.Sub(s.From)/time.Minute) : int(to.Sub(s.From)/time.Minute)+1]
	return !slices.ContainsFunc(points, func(p usage.Point) bool { return !Number(p.Utilization()).Known() })
}

// begun is the case that begins where an alert is a warning now and was none before
// in its episode. Where the limit was reached already there is nothing to foretell.
func begun(at time.Time, a *Alert) (Case, bool) {
	if a.State != Firing || !Foretells(a.Kind) || a.Subject.Limiter.Period() != time.Minute || !a.LimitReached.At.IsZero() {
		return Case{}, false
	}
	reached := a.Reached[a.Severity.Rank()-1]
	c := Case{Fingerprint: a.Fingerprint, ID: a.Subject.ID, Severity: a.Severity, Level: reached.Level, At: at}
	return c, reached.At.Equal(at)
}

// tell adds to an alert's odds what was counted of such warnings, where that is enough.
func (r *Records) tell(at time.Time, a *Alert) {
	if a.State != Firing || a.Reading.Odds == nil || !Foretells(a.Kind) {
		return
	}
	own := r.count(at, record{a.Fingerprint, a.Severity, a.Reached[a.Severity.Rank()-1].Level})
	if own == nil && a.Reading.Odds.Own == nil {
		return
	}
	odds := *a.Reading.Odds // the alert before this step may share it
	odds.Own = own
	a.Reading.Odds = &odds
}

// count adds up the closed cases of a record; nil where they are too few.
func (r *Records) count(at time.Time, of record) *Counted {
	all := r.closed[of]
	all = all[firstSince(all, at.Add(-r.reach())):]
	if len(all) < leastCases {
		return nil
	}
	n := Counted{Cases: len(all), Since: all[0].at}
	for _, o := range all {
		if o.reached.IsZero() {
			continue
		}
		n.Within60++
		if o.reached.Sub(o.at) <= soon {
			n.Within15++
		}
	}
	return &n
}

// reach is how far back cases count.
func (r *Records) reach() time.Duration {
	if r.Reach > 0 {
		return min(r.Reach, counted)
	}
	return counted
}

// firstSince is the index of the first outcome that is not from before a moment.
func firstSince(all []outcome, since time.Time) int {
	i, _ := slices.BinarySearchFunc(all, since, func(o outcome, t time.Time) int { return o.at.Compare(t) })
	return i
}

// Keep takes in cases that a step changed, once they are stored, or all that are stored.
func (r *Records) Keep(cases []Case) {
	if r.open == nil {
		r.open, r.closed = make(map[warning]Case), make(map[record][]outcome)
	}
	for _, c := range cases {
		switch {
		case c.ClosedAt.IsZero():
			r.open[c.key()] = c
			continue
		case !c.Void:
			r.close(c)
		}
		delete(r.open, c.key())
	}
}

// close adds a closed case to its record, and drops those that count no more.
func (r *Records) close(c Case) {
	of := record{c.Fingerprint, c.Severity, c.Level}
	all := r.closed[of]
	all = slices.Delete(all, 0, firstSince(all, c.At.Add(-r.reach())))
	r.closed[of] = slices.Insert(all, firstSince(all, c.At), outcome{c.At, c.ReachedAt})
}
