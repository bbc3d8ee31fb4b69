package product

import (
	"time"

	"alerter/bench/earlywarn"
	"alerter/evaluate"
)

// AtLimit gives the minutes of a case in which the limit was reached, each as the
// product finds it when it has just become visible.
func AtLimit(c earlywarn.Case) []int {
	r := newRun(Setting{Rule: evaluate.Rule{Condition: evaluate.Pressure{}}}, c)
	r.back = int(evaluate.BucketLookback / time.Minute)
	var minutes []int
	for newest := range c.Usage {
		at := r.show(newest + 1 + earlywarn.Lag)
		for minute := range evaluate.AtLimit(at, &r.facts.Series[0]) {
			if m := int(minute.Sub(begin) / time.Minute); m == newest {
				minutes = append(minutes, m)
			}
		}
	}
	return minutes
}
