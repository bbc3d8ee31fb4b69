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
	steps   [][]float64
	minutes int
	known   []bool // whether a minute is known, from a day before the window on
}

// newDays makes the sums for a window of the given number of minutes.
func newDays(entries []entry, minutes int) *days {
	d := &days{entries: entries, minutes: minutes, steps: make([][]float64, len(entries))}
	if len(entries) == 0 {
		return d
	}
	d.known = make([]bool, dayMinutes+minutes)
	for c := range d.steps {
		d.steps[c] = make([]float64, minutes)
	}
	return d
}

// lookback is how many minutes before the window count.
func (d *days) lookback() int {
	if len(d.entries) == 0 {
		return 0
	}
	return dayMinutes
}

// see notes that minute i of the window, negative before it, is known.
func (d *days) see(i int) {
	if len(d.entries) > 0 {
		d.known[dayMinutes+i] = true
	}
}

// post adds one bucket of minute i.
func (d *days) post(to []target, a *[sumKinds]float64, i int) {
	for _, t := range to {
		if !t.span.has(int32(i)) {
			continue
		}
		steps := d.steps[t.column]
		if first := max(i, 0); first < d.minutes {
			steps[first] += a[t.sum]
		}
		if after := i + dayMinutes; after < d.minutes {
			steps[max(after, 0)] -= a[t.sum]
		}
	}
}

// flush writes the sums of the minutes that are known, and of whose day enough is.
func (d *days) flush() {
	if len(d.entries) == 0 {
		return
	}
	seen := 0
	for i := range dayMinutes {
		seen += one(d.known[i])
	}
	totals := make([]float64, len(d.entries))
	for i := range d.minutes {
		seen += one(d.known[dayMinutes+i]) - one(d.known[i])
		for c := range d.entries {
			totals[c] += d.steps[c][i]
			if d.known[dayMinutes+i] && seen >= dayKnown {
				d.entries[c].put(i, totals[c])
			}
		}
	}
}

// one is 1 for true and 0 for false.
func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
