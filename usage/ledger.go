package usage

import "math"

// block is how many minutes are summed before they are written to the series:
// eight points are two cache lines, where one minute at a time would touch each
// line of each series eight times.
const block = 8

// entry is where a ledger column's sums belong.
type entry struct {
	points  []Point   // Used is written there,
	extra   []float64 // or here, if not nil
	divisor float64   // what a minute's sum is divided by to get the limiter's unit
	// requests reports whether the column is known by the minutes' request counts
	// instead of their tokens.
	requests bool
}

// put writes one minute's value.
func (e *entry) put(i int, value float64) {
	if e.extra != nil {
		e.extra[i] = value
		return
	}
	e.points[i].Used = value
}

// ledger adds up what is used in each minute of a window, by column. Minutes
// come in order. In its sums NaN is "nothing seen yet" of a minute that has not
// settled, and +Inf is "used, but not known how much", which no addition undoes.
type ledger struct {
	entries []entry
	sums    []float64 // block rows of one sum per entry
	minutes int
	open    int // the block that sums are of
	// Which minutes of the open block are known.
	tokens, requests [block]bool
}

// newLedger makes a ledger for a window of the given number of minutes.
func newLedger(entries []entry, minutes int) *ledger {
	return &ledger{entries: entries, sums: make([]float64, block*len(entries)), minutes: minutes}
}

// row opens minute i, whose sums start at zero if what has no bucket is zero, and
// at nothing seen yet otherwise.
func (l *ledger) row(i int, m Merged) []float64 {
	if i/block != l.open {
		l.flush()
		l.open = i / block
	}
	k := i % block
	l.tokens[k], l.requests[k] = m.Tokens != nil, m.Requests != nil
	row := l.sums[k*len(l.entries) : (k+1)*len(l.entries)]
	if m.Final {
		clear(row)
		return row
	}
	for c := range row {
		row[c] = math.NaN()
	}
	return row
}

// flush writes the open block to the series.
func (l *ledger) flush() {
	width := len(l.entries)
	for c := range l.entries {
		e := &l.entries[c]
		known := &l.tokens
		if e.requests {
			known = &l.requests
		}
		for k := range block {
			if !known[k] {
				continue
			}
			value := l.sums[k*width+c] / e.divisor
			if math.IsInf(value, 1) {
				value = math.NaN()
			}
			e.put(l.open*block+k, value)
		}
	}
	l.tokens, l.requests = [block]bool{}, [block]bool{}
}

// amounts is every sum of one bucket, as a ledger adds them.
func amounts(c *Counts) [sumKinds]float64 {
	var a [sumKinds]float64
	for kind, n := range c.sums() {
		a[kind] = float64(n)
	}
	if c.Requests < 0 {
		a[sumRequests] = math.Inf(1)
	}
	return a
}

// post adds one bucket of minute i to a row.
func post(row []float64, to []target, a *[sumKinds]float64, i int32) {
	for k := range to {
		t := &to[k]
		if !t.span.has(i) {
			continue
		}
		if sum := row[t.column]; math.IsNaN(sum) {
			row[t.column] = a[t.sum]
		} else {
			row[t.column] = sum + a[t.sum]
		}
	}
}
