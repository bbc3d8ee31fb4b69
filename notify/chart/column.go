package chart

import "math"

// columns squeezes values into at most n columns, each the highest of its known
// values: a peak is never lost, however long the time. A column without a known
// value stays NaN.
func columns(values []float64, n int) []float64 {
	if len(values) <= n {
		return values
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
		for _, v := range values[i*len(values)/n : (i+1)*len(values)/n] {
			if math.IsNaN(out[i]) || v > out[i] {
				out[i] = v
			}
		}
	}
	return out
}

// run is a stretch of neighbouring columns that are known: [first, end).
type run struct{ first, end int }

// runs are the stretches without a gap.
func runs(values []float64) []run {
	var all []run
	before := math.NaN()
	for i, v := range values {
		switch {
		case math.IsNaN(v):
		case math.IsNaN(before):
			all = append(all, run{i, i + 1})
		default:
			all[len(all)-1].end = i + 1
		}
		before = v
	}
	return all
}

// peak is the highest known value and where it is; NaN where none is known.
func peak(values []float64) (highest float64, at int) {
	highest = math.NaN()
	for i, v := range values {
		if math.IsNaN(highest) || v > highest {
			highest, at = v, i
		}
	}
	return highest, at
}

// newest is the last known value and where it is; NaN where none is known.
func newest(values []float64) (last float64, at int) {
	for i := len(values) - 1; i >= 0; i-- {
		if !math.IsNaN(values[i]) {
			return values[i], i
		}
	}
	return math.NaN(), 0
}
