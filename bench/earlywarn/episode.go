package earlywarn

const (
	// mergeGap is how many minutes nothing must be rejected for an episode to be over.
	mergeGap = 10
	// leastRejected is the share of the limit that an episode must have rejected in all.
	leastRejected = 0.01
)

// Episode is a time of rejections.
//
// Its times are minutes since the start of the trace, in floating point: the
// published case table was made that way, and where a gap is ten minutes to the
// second the rounding decides on which side of the rule it falls.
type Episode struct {
	Start float64 // of the first rejecting step
	End   float64 // of the last rejecting step's end
}

// minuteOf is when a step begins, in minutes.
func minuteOf(step int) float64 { return float64(step) / stepsPerMinute }

// gatherer makes episodes of rejecting steps.
type gatherer struct {
	least float64 // rejected by an episode that is kept
	kept  []Episode
	open  Episode
	lost  float64 // in the open one; zero: there is none
}

// add takes the next step in which something was rejected.
func (g *gatherer) add(step int, lost float64) {
	start := minuteOf(step)
	if g.lost > 0 && start-g.open.End >= mergeGap {
		g.close()
	}
	if g.lost == 0 {
		g.open.Start = start
	}
	g.open.End = start + minuteOf(1)
	g.lost += lost
}

// close ends the open episode, and keeps it if it is large enough.
func (g *gatherer) close() {
	if g.lost > 0 && g.lost >= g.least {
		g.kept = append(g.kept, g.open)
	}
	g.lost = 0
}

// from returns the episodes that start at the given minute or later.
func from(episodes []Episode, minute float64) []Episode {
	for i, e := range episodes {
		if e.Start >= minute {
			return episodes[i:]
		}
	}
	return nil
}
