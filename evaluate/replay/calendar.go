package replay

import (
	"slices"
	"time"

	"alerter/evaluate"
)

// Mark is the worst that happened to a limit in some stretch of time. A higher one is
// worse; the zero value says that nothing did.
type Mark int

// The marks, from nothing to the worst.
const (
	Quiet   Mark = iota
	Watched      // a rule that foretells fired at info
	Warned       // at warning or critical
	Full         // the limit was reached
)

// Strip is what happened to one limit over time.
type Strip struct {
	Labels Labels
	Marks  []Mark // one for each stretch of the calendar
}

// Calendar says what happened to each limit in each stretch of that length, beginning
// with the one that r.From is in: alerts by the clock, times at the limit when they were. Limits to
// which nothing happened are left out.
func (r *Report) Calendar(stretch time.Duration) []Strip {
	c := calendar{from: r.From.Truncate(stretch), stretch: stretch, byLimit: make(map[Labels][]Mark)}
	c.length = int((r.To.Sub(c.from) + stretch - 1) / stretch)
	for i := range r.Episodes {
		e := &r.Episodes[i]
		if !evaluate.Foretells(e.Kind) {
			continue
		}
		for k, change := range e.Changes {
			until := r.ended(e)
			if k+1 < len(e.Changes) {
				until = e.Changes[k+1].At
			}
			mark := Watched
			if change.Severity != evaluate.Info {
				mark = Warned
			}
			c.mark(e.Labels, change.At, until, mark)
		}
	}
	for _, t := range r.LimitReached {
		c.mark(t.Labels, t.From, t.To, Full)
	}
	strips := make([]Strip, 0, len(c.byLimit))
	for labels, marks := range c.byLimit {
		strips = append(strips, Strip{labels, marks})
	}
	slices.SortFunc(strips, func(a, b Strip) int { return a.Labels.Compare(b.Labels) })
	return strips
}

// calendar is strips in the making.
type calendar struct {
	from    time.Time
	stretch time.Duration
	length  int
	byLimit map[Labels][]Mark
}

// mark marks the stretches that [from, until) touches, where they are not worse.
func (c *calendar) mark(limit Labels, from, until time.Time, mark Mark) {
	marks := c.byLimit[limit]
	if marks == nil {
		marks = make([]Mark, c.length)
		c.byLimit[limit] = marks
	}
	first := max(0, int(from.Sub(c.from)/c.stretch))
	for i := first; i < len(marks) && c.from.Add(time.Duration(i)*c.stretch).Before(until); i++ {
		marks[i] = max(marks[i], mark)
	}
}
