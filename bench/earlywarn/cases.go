package earlywarn

import (
	"fmt"
	"math"
)

const (
	// shrink is the factor between one limit that is tried and the next.
	shrink = 0.99
	// mostRejected is the share of the load at which a limit is too low to try.
	mostRejected = 0.15
)

// Case is one limit on one dimension of one trace.
type Case struct {
	Trace     string
	Dimension Dimension
	Scale     int     // the number of episodes the limit was searched for
	Limit     float64 // per minute
	Short     bool    // the trace is: not in the totals
	WarmUp    float64 // minutes in which nothing is counted
	Limited
	Usage []float64 // what was accepted, minute by minute, in units of the limit
}

// Counted are the episodes that count.
func (c Case) Counted() []Episode { return from(c.Episodes, c.WarmUp) }

// LongEpisodes is how many episodes lasted a minute and more, those of the warm-up included.
func (c Case) LongEpisodes() int {
	n := 0
	for _, e := range c.Episodes {
		if e.End-e.Start >= 1 {
			n++
		}
	}
	return n
}

// String is the case's row in the table of cases.
func (c Case) String() string {
	return fmt.Sprintf("%-20s %s %-5s limit=%-9.0f episodes=%-3d >=1min=%-3d rejected=%.4f",
		c.Trace, c.Dimension, fmt.Sprintf("k=%d", c.Scale), c.Limit, len(c.Counted()), c.LongEpisodes(), c.Rejected)
}

// CasesOf finds the cases of all traces, in their order.
func CasesOf(traces []Trace) []Case {
	var all []Case
	for _, t := range traces {
		all = append(all, Cases(t)...)
	}
	return all
}

// Cases finds the limits of a trace: low enough for 5, 15 and 40 episodes after
// the first day, or for one in the second half where the trace is short.
func Cases(t Trace) []Case {
	scales, warmUp := []int{5, 15, 40}, float64(minutesPerDay)
	if t.Short() {
		scales, warmUp = []int{1}, t.Minutes()/2
	}
	var all []Case
	for _, d := range dimensions {
		last := math.Inf(1)
		for _, scale := range scales {
			perMinute := search(t.Load[d], scale, warmUp)
			if perMinute == last {
				continue
			}
			last = perMinute
			limited := limit(t.Load[d], perMinute)
			all = append(all, Case{
				Trace: t.Name, Dimension: d, Scale: scale, Limit: perMinute, Short: t.Short(), WarmUp: warmUp,
				Limited: limited, Usage: minutes(limited.Accepted, perMinute),
			})
		}
	}
	return all
}

// Find returns the case that was searched for that scale, and reports whether there is one.
func Find(cases []Case, trace string, d Dimension, scale int) (Case, bool) {
	for _, c := range cases {
		if c.Trace == trace && c.Dimension == d && c.Scale == scale {
			return c, true
		}
	}
	return Case{}, false
}

// search lowers the limit until that many episodes count. Where too much would
// be rejected before, it is the limit with the most.
func search(load []float64, scale int, warmUp float64) float64 {
	best, most := 0.0, -1
	for perMinute := busiestMinute(load); ; perMinute *= shrink {
		tried := limit(load, perMinute)
		if tried.Rejected > mostRejected {
			return best
		}
		n := len(from(tried.Episodes, warmUp))
		if n > most {
			best, most = perMinute, n
		}
		if n >= scale {
			return best
		}
	}
}

// busiestMinute is the largest sum of neighbouring steps that make a minute,
// wherever it begins.
func busiestMinute(load []float64) float64 {
	var sum, most float64
	for i, l := range load {
		sum += l
		if i >= stepsPerMinute {
			sum -= load[i-stepsPerMinute]
		}
		most = max(most, sum)
	}
	return most
}
