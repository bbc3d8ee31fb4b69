package evaluate

import (
	"cmp"
	"math"
	"slices"
	"time"

	"alerter/usage"
	"alerter/usage/forecast"
)

const (
	// digestLines is how many of each thing a digest names.
	digestLines = 5
	// callLevel is the pressure from which on a limit is named among the closest calls.
	callLevel = 0.5
	// quietLevel is the pressure below which a limit was never near.
	quietLevel = 0.25
	// oftenDays is on how many days at most one is near where a limit is often near.
	oftenDays = 3
)

// Digest is what is worth knowing of some limits over some time. Lists name at most
// five; where there may be more, a number beside them says how many.
type Digest struct {
	From, To time.Time // the minutes that it is of, To exclusive
	Limits   int       // how many limits there are
	Unseen   int       // of which no minute is known
	// Closest are the limits that came highest, those above half of what they can
	// take, but the highest one in any case. Highest first.
	Closest []Fared
	// Reached are the newest times at a limit, oldest first.
	Reached      []ReachedLimit
	TimesReached int // how many there were
	Foreseen     int // and how many of these were warned of
	Warnings     Warnings
	// Asks are limits that are often near, and what would have been enough.
	Asks      []Ask
	TimesNear int // how many such limits there are
	// Growing are limits that growth alerts speak of now, the soonest first.
	Growing []Growing
	// Quiet are limits that were never near: those that workspaces have of their own
	// first, lowest first.
	Quiet      []Fared
	TimesQuiet int // how many such limits there are
	Gaps       []Gap
	// Undelivered is what was given up, by receiver.
	Undelivered []Undelivered
}

// ReachedLimit is a time at a limit.
type ReachedLimit struct {
	Labels usage.Labels
	TimeAtLimit
}

// Ask is a limit that is often near: on every third day or more, or reached.
type Ask struct {
	Fared
	// Enough is the limit at which the highest pressure would have been 85 %.
	Enough float64
	// AtLeast reports whether the limit was reached, so that more may have been wanted.
	AtLeast bool
}

// Growing is a limit that the daily peak reaches at its present growth.
type Growing struct {
	Labels   usage.Labels
	Estimate forecast.Estimate
}

// Gap is what is not known of an organization's use.
type Gap struct {
	Organization string        // its name
	Missing      time.Duration // in all
	From, To     time.Time     // the longest stretch
}

// Undelivered is messages that one receiver never got.
type Undelivered struct {
	Receiver string
	Messages int
	Problem  string // of the newest one
}

// NewDigest sums up how limits fared in the minutes [from, to), which of the times at
// them people were warned of, and how warnings turned out. What is not about minutes,
// from Growing on without Quiet, is left to the caller.
func NewDigest(from, to time.Time, limits []Fared, warned []Warned, cases []Case) Digest {
	d := Digest{From: from, To: to, Limits: len(limits)}
	byLimit, of := make(map[usage.ID][]Warned), make(map[usage.ID]bool, len(limits))
	for _, w := range warned {
		byLimit[w.ID] = append(byLimit[w.ID], w)
	}
	for i := range limits {
		l := &limits[i]
		of[l.ID] = true
		if !l.Peak.Known() {
			d.Unseen++
		}
		for _, t := range foretold(l.Reached, byLimit[l.ID]) {
			d.TimesReached++
			if t.Ahead > 0 {
				d.Foreseen++
			}
			d.Reached = append(d.Reached, ReachedLimit{Labels: l.Labels, TimeAtLimit: t})
		}
	}
	d.Warnings = warnings(from, to, cases, of)
	slices.SortStableFunc(d.Reached, func(a, b ReachedLimit) int { return a.From.Compare(b.From) })
	d.Reached = d.Reached[max(0, len(d.Reached)-digestLines):]
	d.Closest = closest(limits)
	d.Asks = asks(limits)
	d.TimesNear, d.Asks = len(d.Asks), d.Asks[:min(len(d.Asks), digestLines)]
	d.Quiet = quiet(limits, to.Sub(from))
	d.TimesQuiet, d.Quiet = len(d.Quiet), d.Quiet[:min(len(d.Quiet), digestLines)]
	return d
}

// closest are the limits that came highest.
func closest(limits []Fared) []Fared {
	var used []Fared
	for _, l := range limits {
		if l.Peak > 0 {
			used = append(used, l)
		}
	}
	slices.SortStableFunc(used, func(a, b Fared) int { return cmp.Compare(b.Peak, a.Peak) })
	n := 0
	for n < min(len(used), digestLines) && (n == 0 || used[n].Peak >= callLevel) {
		n++
	}
	return used[:n]
}

// asks are the limits that are often near and have not been raised beyond that, the
// most often near first.
func asks(limits []Fared) []Ask {
	var all []Ask
	for _, l := range limits {
		atLeast := len(l.Reached) > 0
		enough := roundUp(l.PeakLimit * float64(l.Peak) / nearLevel)
		often := l.NearDays > 0 && l.NearDays*oftenDays >= l.Days || atLeast
		if often && enough > l.Limit {
			all = append(all, Ask{Fared: l, Enough: enough, AtLeast: atLeast})
		}
	}
	slices.SortStableFunc(all, func(a, b Ask) int {
		return cmp.Or(cmp.Compare(b.NearDays, a.NearDays), cmp.Compare(b.Peak, a.Peak))
	})
	return all
}

// roundUp gives two figures, rounded up: nobody asks for 1,234,567.
func roundUp(n float64) float64 {
	if n <= 0 || math.IsNaN(n) || math.IsInf(n, 0) {
		return n
	}
	unit := math.Pow10(int(math.Floor(math.Log10(n))) - 1)
	return math.Ceil(n/unit-slack) * unit
}

// quiet are the limits of which nearly all of that time is known and that were never
// near in it.
func quiet(limits []Fared, span time.Duration) []Fared {
	var all []Fared
	for _, l := range limits {
		if l.Peak < quietLevel && time.Duration(l.Known)*time.Minute >= span*9/10 {
			all = append(all, l)
		}
	}
	slices.SortStableFunc(all, func(a, b Fared) int {
		return cmp.Or(
			cmp.Compare(whose(a.ID), whose(b.ID)),
			cmp.Compare(a.Peak, b.Peak),
		)
	})
	return all
}

// whose orders limits by who can lower them: a workspace's own first.
func whose(id usage.ID) int {
	if id.WorkspaceID != "" {
		return 0
	}
	return 1
}

// GrowingOf are the limits that growth alerts speak of, those reached soonest first.
func GrowingOf(alerts []Alert) []Growing {
	var all []Growing
	for i := range alerts {
		a := &alerts[i]
		if a.Kind == kindGrowth && a.State == Firing && a.Reading.Growth != nil {
			all = append(all, Growing{Labels: a.Labels, Estimate: *a.Reading.Growth})
		}
	}
	slices.SortStableFunc(all, func(a, b Growing) int { return a.Estimate.At.Compare(b.Estimate.At) })
	return all[:min(len(all), digestLines)]
}
