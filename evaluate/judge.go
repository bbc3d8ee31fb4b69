package evaluate

import (
	"iter"
	"time"

	"alerter/usage"
)

// judge is how a kind judges each series by its newest minutes.
type judge struct {
	levels, clears ladder        // where a severity begins, and below what it has ended
	window         time.Duration // at most so much is read
	// read gives what is compared with the levels, and the pressure beside it.
	read func(g *gauge, v view) (value span, pressure float64)
}

// verdicts judges the series that match accepts. What was counted of such a
// pressure is added where a level is reached.
func (j judge) verdicts(at time.Time, match Match, facts *usage.Facts) iter.Seq[Verdict] {
	g := newGauge(at, facts.Settle, j.window)
	return eachSeries(match, facts, func(s *usage.Series) Verdict {
		v, ok := g.look(s)
		if !ok {
			return j.unknown(s)
		}
		value, pressure := j.read(g, v)
		verdict := j.verdict(s, value)
		verdict.Reading = g.reading(v, value, pressure)
		if verdict.AtLeast != None {
			verdict.Reading.Odds = oddsOf(verdict.Reading.Pressure, s.ID.Limiter)
		}
		return verdict
	})
}

// verdict is what a reading of a series says: a complete one where the severity
// is, any other only how bad it is at least.
func (j judge) verdict(s *usage.Series, read span) Verdict {
	v := Verdict{
		Subject: Subject{ID: s.ID}, Labels: s.Labels, Levels: j.levels, series: s,
		AtLeast: j.levels.reached(read.value), AtMost: Critical, Unknown: true,
	}
	if read.complete {
		v.AtMost, v.Unknown = j.clears.reached(read.value), false
	}
	return v
}

// unknown is what can be said of a series that nothing is known of.
func (j judge) unknown(s *usage.Series) Verdict {
	return Verdict{
		Subject: Subject{ID: s.ID}, Labels: s.Labels, Levels: j.levels, series: s,
		AtMost: Critical, Unknown: true, Reading: unknownReading(),
	}
}
