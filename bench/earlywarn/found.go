package earlywarn

import (
	"fmt"
	"io"
	"math"
)

// near is how many minutes a time that was found may be off.
const near = 2

// Found counts how well times at the limit, as a report of whole minutes shows
// them, meet the episodes of rejections, over any number of cases.
type Found struct {
	Name     string
	Episodes int // that count
	Seen     int // of them, those that a time met
	Started  int // of them, those whose start it met
	Times    int // that count
	Right    int // of them, those that met an episode
}

// Find compares what gives the minutes at the limit of each case, in rising order,
// with its episodes. Short traces are left out.
func (f *Found) Find(cases []Case, atLimit func(Case) []int) {
	for _, c := range cases {
		if c.Short {
			continue
		}
		times := timesOf(atLimit(c))
		for _, e := range c.Counted() {
			f.Episodes++
			for _, t := range times {
				if !meets(t, e) {
					continue
				}
				f.Seen++
				if math.Abs(t.Start-math.Floor(e.Start)) <= near {
					f.Started++
				}
				break
			}
		}
		for _, t := range from(times, c.WarmUp) {
			f.Times++
			for _, e := range c.Episodes {
				if meets(t, e) {
					f.Right++
					break
				}
			}
		}
	}
}

// timesOf merges minutes as steps with rejections are merged.
func timesOf(minutes []int) []Episode {
	var times []Episode
	for _, m := range minutes {
		start := float64(m)
		if n := len(times); n == 0 || start-times[n-1].End >= mergeGap-1 {
			times = append(times, Episode{Start: start})
		}
		times[len(times)-1].End = start + 1
	}
	return times
}

// meets reports whether a time and an episode are one.
func meets(t, e Episode) bool { return t.Start <= e.End+near && t.End >= e.Start-near }

// Full gives the minutes in which all of the limit was used.
func Full(c Case) []int {
	var minutes []int
	for m, share := range c.Usage {
		if share >= 1 {
			minutes = append(minutes, m)
		}
	}
	return minutes
}

// WriteFound prints a row for each way to find the times at the limit.
func WriteFound(w io.Writer, rows ...Found) {
	fmt.Fprintln(w, "| the limit counts as reached where | episodes found | their start to 2 min | times that are episodes |\n|---|---|---|---|")
	for _, f := range rows {
		fmt.Fprintf(w, "| %s | %s of %d | %s | %s of %d |\n", f.Name, share(f.Seen, f.Episodes), f.Episodes,
			share(f.Started, f.Episodes), share(f.Right, f.Times), f.Times)
	}
}

// share is a part of a whole in percent.
func share(part, whole int) string {
	return fmt.Sprintf("%.0f %%", 100*float64(part)/float64(max(whole, 1)))
}
