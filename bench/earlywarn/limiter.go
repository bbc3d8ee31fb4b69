package earlywarn

// bucketMinutes is the capacity of a limiter's bucket, in minutes at the limit.
const bucketMinutes = 1

// Limited is what a limiter makes of a load.
type Limited struct {
	Accepted []float64 // per step
	Rejected float64   // share of the whole load
	Episodes []Episode // all of them, those of the first day included
}

// limit lets a load through a token bucket that starts full and refills in
// every step. What is rejected is not tried again.
func limit(load []float64, perMinute float64) Limited {
	capacity := bucketMinutes * perMinute
	refill := perMinute / stepsPerMinute
	level := capacity
	out := Limited{Accepted: make([]float64, len(load))}
	gather := gatherer{least: leastRejected * perMinute}
	var wanted, rejected float64
	for i, want := range load {
		level = min(capacity, level+refill)
		got := min(want, level)
		level -= got
		out.Accepted[i] = got
		wanted += want
		if lost := want - got; lost > 0 {
			rejected += lost
			gather.add(i, lost)
		}
	}
	gather.close()
	out.Episodes = gather.kept
	if wanted > 0 {
		out.Rejected = rejected / wanted
	}
	return out
}

// minutes adds up neighbouring steps and divides by the limit. The steps of a
// last minute that is not whole are left out.
func minutes(steps []float64, limit float64) []float64 {
	out := make([]float64, len(steps)/stepsPerMinute)
	for m := range out {
		for _, used := range steps[m*stepsPerMinute : (m+1)*stepsPerMinute] {
			out[m] += used
		}
		out[m] /= limit
	}
	return out
}
