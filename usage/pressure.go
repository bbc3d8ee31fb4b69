package usage

// Stretch is a run of neighbouring minutes: the indexes of its first and last one.
type Stretch struct {
	First, Last int
}

// Pressure is the bucket-equivalent rate of u: the share of the limit that was
// used as a token bucket sees it. u holds used / limit minute by minute, oldest
// first, without NaN (what an unknown minute stands for is the caller's
// decision); depth is the bucket's capacity in minutes at the limit, 1 by
// default, and never negative.
//
// A bucket of that capacity which starts full runs empty in a stretch of n
// minutes with sum S when S > n + depth. So the smallest limit that would have
// survived the stretch is S / (n + depth) of the present one. The rate is that
// of the worst stretch: one minute at 1.00 is 0.50, ten at 0.93 are 0.85, and 1
// is reached only when the bucket ran empty. It allocates nothing and takes
// time in the square of len(u), which is meant to be short.
//
// The stretch is the worst one, the earliest and then the shortest of equals.
// Without any use, or without minutes, both results are zero.
func Pressure(u []float64, depth float64) (rate float64, stretch Stretch) {
	for first := range u {
		total := 0.0
		for last := first; last < len(u); last++ {
			total += u[last]
			// Multiplied instead of divided: total / (n + depth) > rate.
			minutes := float64(last-first+1) + depth
			if total > rate*minutes {
				rate = total / minutes
				stretch = Stretch{First: first, Last: last}
			}
		}
	}
	return rate, stretch
}

// Exceeds reports whether [Pressure] of the same minutes is above rate, in time
// linear in len(u): whether some stretch of n minutes holds more than
// rate · (n + depth), so that what exceeds the rate in its minutes is together more
// than rate · depth.
func Exceeds(u []float64, depth, rate float64) bool {
	over := 0.0 // of the stretch that ends here and has most
	for _, share := range u {
		over = max(over, 0) + share - rate
		if over > rate*depth {
			return true
		}
	}
	return false
}
