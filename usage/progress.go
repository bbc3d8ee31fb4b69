package usage

import (
	"slices"
	"sort"
	"time"
)

// Showing is a minute in which a report shows rows.
type Showing struct {
	Start time.Time
	First time.Time // when rows in it were first read; the last time, if they were gone between
	Last  time.Time // when what it shows was first read as it is: later than First if it grew or was corrected
}

// Progress is how far a report had come when its minutes were read. A report that
// has stopped, or is late, ends with minutes that it shows in part: their time
// passes, and they do not become complete by it. Nil is of a report of which that
// is not known.
type Progress struct {
	settle time.Duration
	starts []time.Time // of the minutes with rows, oldest first
	passed []time.Time // when rows in this one or a later one were first read
	// tail has an entry for each minute from tailFrom to the newest with rows:
	// from when on a read of it shows all; zero: from no time that is known.
	tailFrom time.Time
	tail     []time.Time
}

// NewProgress makes the progress of one report from the minutes in which it shows
// rows, oldest first, each once: from the oldest minute to ask about up to the
// newest.
func NewProgress(shown []Showing, settle time.Duration) *Progress {
	p := &Progress{settle: settle}
	if len(shown) == 0 {
		return p
	}
	p.starts, p.passed = make([]time.Time, len(shown)), make([]time.Time, len(shown))
	first := shown[len(shown)-1].First
	for i, s := range slices.Backward(shown) {
		if s.First.Before(first) {
			first = s.First
		}
		p.starts[i], p.passed[i] = s.Start, first
	}
	p.end(shown)
	return p
}

// end fills the tail: the minutes that no minute with rows follows after they had
// settled. Such a one is complete if it stayed as it was while later ones changed,
// and so did the tail before it.
func (p *Progress) end(shown []Showing) {
	newest := shown[len(shown)-1].Start
	p.tailFrom = newest.Add(-p.settle).Truncate(time.Minute)
	p.tail = make([]time.Time, int(newest.Sub(p.tailFrom)/time.Minute)+1)
	last := make([]time.Time, len(p.tail)) // zero: no rows
	for _, s := range slices.Backward(shown) {
		if s.Start.Before(p.tailFrom) {
			break
		}
		last[int(s.Start.Sub(p.tailFrom)/time.Minute)] = s.Last
	}
	var moved time.Time // the newest change of a later minute
	grows := 0          // the first minute that may still grow
	for i := len(p.tail) - 1; i >= 0; i-- {
		p.tail[i] = moved
		if !last[i].Before(moved) {
			grows, moved = i, last[i]
		}
	}
	clear(p.tail[grows:])
}

// Whole is from when on a read of the minute shows it whole, as far as the report's
// progress says: the report had shown a minute that began after this one had
// settled, or, while it has not, this one had not changed when later ones did.
// False: it is not known to have come so far.
func (p *Progress) Whole(start time.Time) (from time.Time, ok bool) {
	settled := start.Add(time.Minute + p.settle)
	i := sort.Search(len(p.starts), func(i int) bool { return !p.starts[i].Before(settled) })
	if i < len(p.starts) {
		return p.passed[i], true
	}
	if i = int(start.Sub(p.tailFrom) / time.Minute); i < len(p.tail) {
		from = p.tail[i]
	}
	return from, !from.IsZero()
}

// showedWhole reports whether m was read when the report had come beyond it.
func (p *Progress) showedWhole(m *Minute) bool {
	if p == nil {
		return true
	}
	from, ok := p.Whole(m.Start)
	return ok && !m.ReadAt.Before(from)
}
