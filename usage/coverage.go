package usage

// coverage is how well each minute of a window is known, from some minutes
// before it on.
type coverage struct {
	before int // minutes before the window
	grades []grade
}

// newCoverage makes one of which nothing is known.
func newCoverage(before, minutes int) coverage {
	return coverage{before: before, grades: make([]grade, before+minutes)}
}

// set notes how well minute i is known; it is negative before the window.
func (c coverage) set(i int, g grade) { c.grades[c.before+i] = g }

// settled counts the minutes of the window up to the newest final one.
func (c coverage) settled() int {
	for i := len(c.grades); i > c.before; i-- {
		if c.grades[i-1] == final {
			return i - c.before
		}
	}
	return 0
}

// known reports whether something can be said of minute i: it is final, or a
// lower bound newer than all final ones. An early reading among final ones says
// nothing: it was not read again when it should have been.
func (c coverage) known(i, settled int) bool {
	g := c.grades[c.before+i]
	return g == final || g == early && i >= settled
}
