package usage

import "time"

// dayMinutes is how many minutes a day's sum is of; dayKnown is how many of them
// must be known for the sum to be: nine tenths.
const (
	dayMinutes = int(24 * time.Hour / time.Minute)
	dayKnown   = dayMinutes * 9 / 10
)

// days adds up what is used in the 24 hours up to the end of each minute.
type days struct {
	entries []entry
	// steps holds, for each entry, by how much the sum changes from one minute to
	// the next, so that a day of minutes need not be kept.
	steps [][]float64
}

// newDays makes the sums for a window of the given number of minutes.
func newDays(entries []entry, minutes int) *days {
	d := &days{entries: entries, steps: make([][]float64, len(entries))}
	for c := range d.steps {
		d.steps[c] = make([]float64, minutes)
	}
	return d
}

// lookback is how many minutes before the window count.
func (d *days) lookback() int { return pick(len(d.entries) > 0, dayMinutes, 0) }

// post adds one bucket of minute i, which is negative before the window.
func (d *days) post(to []target, a *[sumKinds]float64, i int) {
	for _, t := range to {
		if !t.span.has(int32(i)) {
			continue
		}
		steps := d.steps[t.column]
		if first := max(i, 0); first < len(steps) {
			steps[first] += a[t.sum]
		}
		if after := max(i+dayMinutes, 0); after < len(steps) {
			steps[after] -= a[t.sum]
		}
	}
}

// flush writes the sums of the minutes that are known, and of whose day enough
// is. c reaches back by lookback.
func (d *days) flush(c coverage) {
	if len(d.entries) == 0 {
		return
	}
	settled := c.settled()
	known := func(i int) int { return pick(c.known(i, settled), 1, 0) }
	seen := 0 // known minutes of the day that ends with minute i
	for i := -dayMinutes; i < 0; i++ {
		seen += known(i)
	}
	totals := make([]float64, len(d.entries))
	for i := range d.steps[0] {
		seen += known(i) - known(i-dayMinutes)
		for col, steps := range d.steps {
			totals[col] += steps[i]
			if seen >= dayKnown && c.known(i, settled) {
				d.entries[col].put(i, totals[col])
			}
		}
	}
}
