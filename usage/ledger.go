package usage

import "math"

// block is how many minutes are summed before they are written to the series:
// eight points are two cache lines, where one minute at a time would touch each
// line of each series four times.
const block = 8

// entry is where a column's sums belong.
type entry struct {
	points  []Point   // Used is written there,
	extra   []float64 // or here, if not nil
	divisor float64   // what a minute's sum is divided by to get the limiter's unit
	// requests reports whether the column is as known as request counts are,
	// instead of tokens.
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
// come in order. In its sums NaN is "nothing seen yet" of a minute that is not
// final, and +Inf is "used, but not known how much", which no addition undoes.
type ledger struct {
	entries []entry
	sums    []float64 // block rows of one sum per entry
	open    int       // the block that sums are of
	// How well the minutes of the open block are known.
	tokens, requests [block]grade
}

// newLedger makes a ledger with the given columns.
func newLedger(entries []entry) *ledger {
	return &ledger{entries: entries, sums: make([]float64, block*len(entries))}
}

// row opens minute i: the sums of what is final start at zero, the others at
// nothing seen yet.
func (l *ledger) row(i int, tokens, requests grade) []float64 {
	if i/block != l.open {
		l.flush()
		l.open = i / block
	}
	k := i % block
	l.tokens[k], l.requests[k] = tokens, requests
	row := l.sums[k*len(l.entries) : (k+1)*len(l.entries)]
	for c := range row {
		row[c] = 0
		if g := pick(l.entries[c].requests, requests, tokens); g != final {
			row[c] = math.NaN()
		}
	}
	return row
}

// flush writes the open block to the series.
func (l *ledger) flush() {
	width := len(l.entries)
	for c := range l.entries {
		e := &l.entries[c]
		grades := pick(e.requests, &l.requests, &l.tokens)
		for k, g := range grades {
			if g == unknown {
				continue
			}
			value := l.sums[k*width+c] / e.divisor
			if math.IsInf(value, 1) {
				value = math.NaN()
			}
			e.put(l.open*block+k, value)
		}
	}
	l.tokens, l.requests = [block]grade{}, [block]grade{}
}

// forget makes minute i unknown again in the columns of requests, or in the others.
func (l *ledger) forget(i int, requests bool) {
	for c := range l.entries {
		if e := &l.entries[c]; e.requests == requests {
			e.put(i, math.NaN())
		}
	}
}

// pick is yes if ok, and otherwise no.
func pick[T any](ok bool, yes, no T) T {
	if ok {
		return yes
	}
	return no
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
