package earlywarn

// ahead is how many minutes past now a forecast looks.
const ahead = 15

// PlainRate is the name of the detector that the product's rule is made from.
const PlainRate = "bucket-equivalent rate, warn"

// Detectors lists the ones that are compared, with the thresholds they are
// commonly used with.
func Detectors() []Detector {
	return []Detector{
		{"always on (sanity)", -1, stateless(lastMinute)},
		{"static 60%, last minute", 0.60, stateless(lastMinute)},
		{"static 70%, last minute", 0.70, stateless(lastMinute)},
		{"static 80%, last minute", 0.80, stateless(lastMinute)},
		{"static 90%, last minute", 0.90, stateless(lastMinute)},
		{"static 80%, 5-min mean", 0.80, stateless(meanOf(5))},
		{"predict_linear 30m", 1.00, stateless(linear(30))},
		{"predict_linear 60m", 1.00, stateless(linear(60))},
		{"Holt .3/.1", 1.00, holt(0.3, 0.1)},
		{"Holt .1/.02", 1.00, holt(0.1, 0.02)},
		{PlainRate, 0.85, stateless(bucketEquivalentRate)},
		{"bucket-equivalent rate, watch", 0.70, stateless(bucketEquivalentRate)},
	}
}

// stateless makes a detector's New of a reading that remembers nothing.
func stateless(read func([]float64) float64) func() func([]float64) float64 {
	return func() func([]float64) float64 { return read }
}

func lastMinute(visible []float64) float64 { return visible[len(visible)-1] }

// newest are the last n minutes, fewer at the beginning.
func newest(visible []float64, n int) []float64 { return visible[max(len(visible)-n, 0):] }

func meanOf(n int) func([]float64) float64 {
	return func(visible []float64) float64 {
		u := newest(visible, n)
		sum := 0.0
		for _, x := range u {
			sum += x
		}
		return sum / float64(len(u))
	}
}

// linear carries the least-squares line through the last n minutes on, as
// predict_linear of Prometheus does:
// https://prometheus.io/docs/prometheus/latest/querying/functions/#predict_linear
func linear(n int) func([]float64) float64 {
	return func(visible []float64) float64 {
		u := newest(visible, n)
		var sx, sy, sxx, sxy float64
		for i, y := range u {
			x := float64(i)
			sx, sy, sxx, sxy = sx+x, sy+y, sxx+x*x, sxy+x*y
		}
		count := float64(len(u))
		slope := ratio(count*sxy-sx*sy, count*sxx-sx*sx)
		level := (sy - slope*sx) / count
		// Point count would be the minute after the newest; it ends Lag minutes before now.
		return level + slope*(count+Lag+ahead)
	}
}

// holt is double exponential smoothing over all minutes, carried on.
func holt(alpha, beta float64) func() func([]float64) float64 {
	return func() func([]float64) float64 {
		var level, trend float64
		started := false
		return func(visible []float64) float64 {
			x := lastMinute(visible)
			if !started {
				level, started = x, true
			}
			before := level
			level = alpha*x + (1-alpha)*(level+trend)
			trend = beta*(level-before) + (1-beta)*trend
			return level + trend*(Lag+ahead)
		}
	}
}

// rateWindow is how many minutes the bucket-equivalent rate looks at.
const rateWindow = 15

// bucketEquivalentRate is the smallest limit, as a share of the present one,
// that would have survived every stretch of the window with a bucket that was
// full at its beginning.
func bucketEquivalentRate(visible []float64) float64 {
	u := newest(visible, rateWindow)
	worst := 0.0
	for i := range u {
		sum := 0.0
		for j := i; j < len(u); j++ {
			sum += u[j]
			worst = max(worst, sum/(float64(j-i+1)+bucketMinutes))
		}
	}
	return worst
}
