package simulate

import (
	"slices"
	"time"
)

// rates are bucket-equivalent rates, minute by minute: the smallest limit, in
// each count, under which a token bucket of one minute would have lasted through
// every stretch of up to fifteen minutes that ends there.
type rates []demand

func (t *Trace) rates() rates {
	minutes := make([]demand, (len(t.Steps)+stepsPerMinute-1)/stepsPerMinute)
	for i, s := range t.Steps {
		minutes[i/stepsPerMinute].add(demand{requests: float64(s.Requests), uncached: float64(s.Uncached), output: float64(s.Output)})
	}
	out := make(rates, len(minutes))
	for i := range minutes {
		var sum demand
		for n := 1; n <= 15 && i-n+1 >= 0; n++ {
			sum.add(minutes[i-n+1])
			out[i].requests = max(out[i].requests, sum.requests/float64(n+1))
			out[i].uncached = max(out[i].uncached, sum.uncached/float64(n+1))
			out[i].output = max(out[i].output, sum.output/float64(n+1))
		}
	}
	return out
}

// quantile is the rate that a share q of the minutes does not exceed, in each
// count by itself and at least one.
func (r rates) quantile(q float64) demand {
	of := func(count measure) float64 {
		all := make([]float64, len(r))
		for i := range r {
			all[i] = count(&r[i])
		}
		slices.Sort(all)
		for i := int(q * float64(len(all)-1)); i < len(all); i++ {
			if all[i] > 0 { // a trace that is mostly idle is scaled by what there is
				return max(1, all[i])
			}
		}
		return 1
	}
	return demand{
		requests: of(countRequests), output: of(countOutput),
		uncached: of(func(d *demand) float64 { return d.uncached }),
	}
}

// firstOver is when the input first reaches a rate after an hour below it; else
// when it is highest.
func (r rates) firstOver(level float64) time.Duration {
	quiet, highest := 0, 0
	for i, d := range r {
		if d.uncached > r[highest].uncached {
			highest = i
		}
		if d.uncached < level {
			quiet++
			continue
		}
		if quiet >= minutesPerHour {
			return time.Duration(i) * time.Minute
		}
		quiet = 0
	}
	return time.Duration(highest) * time.Minute
}
