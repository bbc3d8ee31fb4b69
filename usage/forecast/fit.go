package forecast

import (
	"math"
	"slices"

	"alerter/usage"
)

const (
	week = 7 // days

	// Weeks is the most history that a line is drawn through: what is older says
	// little about the weeks to come.
	Weeks = 12
	// fewestDays is the least history that anything is said of.
	fewestDays = 3 * week
	// newestKnown is how many of the newest fewestDays days must be known: three in five.
	newestKnown = fewestDays * 3 / 5
	// wholeDay is how many minutes of a day must be known for its peak to count:
	// nine tenths.
	wholeDay = 24 * 60 * 9 / 10
)

// spans are the histories that are tried, in weeks, until one is straight: of a
// history that has bent only what came since is.
var spans = [...]int{Weeks, 8, 5, 3}

// Fit draws a line through the newest twelve weeks of daily peaks, or where these
// are not straight through the newest eight, five or three. Days of which less
// than nine tenths are known are passed over. The points come oldest first, each
// day once; none at all are a short history.
func Fit(points []usage.DailyPeak) usage.Trend {
	all := history{usable(points)}
	if len(all.points) == 0 {
		return usage.Trend{Shape: usage.Short, Recent: math.NaN(), RecentWeekend: math.NaN()}
	}
	t := usage.Trend{
		Shape: usage.Crooked, Days: len(all.points),
		From: midnight(all.points[0].day), To: midnight(all.last()),
	}
	newest := all.newest(fewestDays)
	t.Recent, t.RecentWeekend = all.newest(week).typical()
	t.Highest = all.newest(week).highest()
	switch {
	case all.length() < fewestDays:
		t.Shape = usage.Short
		return t
	case len(newest.points) < newestKnown:
		t.Shape = usage.Sparse
		return t
	}
	noise := all.noise()
	tried := 0
	for _, weeks := range spans {
		h := all.newest(weeks * week)
		if len(h.points) == tried || h.length() < fewestDays {
			continue // the same again, or too short
		}
		tried = len(h.points)
		if l := h.line(); l != nil && l.straight(noise) {
			l.describe(&t)
			return t
		}
	}
	return t
}

// usable are the points of the newest twelve weeks whose day is known well enough.
func usable(points []usage.DailyPeak) []point {
	known := make([]point, 0, Weeks*week)
	for _, p := range slices.Backward(points) {
		if p.Minutes < wholeDay {
			continue
		}
		if len(known) > 0 && known[0].day-number(p.Day) >= Weeks*week {
			break
		}
		known = append(known, point{number(p.Day), p.P99, p.Max})
	}
	slices.Reverse(known)
	return known
}
