package simulate

import (
	"math"
	"time"
)

// demand is what the stream asks for in the step that begins at t. Code
// execution has spans and no tokens.
func (s *Stream) demand(epoch, t time.Time) demand {
	d := s.Load.at(epoch, t)
	if s.isCodeExecution() {
		return demand{requests: d.requests}
	}
	return d
}

// at is the demand of the step that begins at t, epoch being the trace's zero.
func (l *Load) at(epoch, t time.Time) demand {
	if l.Trace == nil || t.Before(epoch) || !l.active(t) {
		return demand{}
	}
	n := int64(len(l.Trace.Steps))
	i := (int64(t.Sub(epoch)/stepLength) + int64(l.Offset/stepLength)) % n
	if i < 0 {
		i += n
	}
	s := l.Trace.Steps[i]
	if s == (Step{}) {
		return demand{}
	}
	in := float64(s.Uncached) * orOne(l.Input)
	requests := float64(s.Requests) * orOne(l.Requests)
	d := demand{
		requests: requests, uncached: in, output: float64(s.Output) * orOne(l.Output),
		write5m: in * l.CacheWrite5m, write1h: in * l.CacheWrite1h,
		read:     float64(s.CacheRead)*orOne(l.Input) + in*l.CacheRead,
		searches: requests * l.WebSearches,
	}
	if l.WeeklyGrowth == 0 {
		return d
	}
	weeks := t.Truncate(time.Hour).Sub(epoch).Hours() / (7 * 24)
	return d.times(math.Pow(1+l.WeeklyGrowth, weeks))
}

func (l *Load) active(t time.Time) bool {
	if l.DailyFor == 0 {
		return true
	}
	day := 24 * time.Hour
	since := (t.Sub(t.Truncate(day)) - l.DailyFrom + day) % day
	return since < l.DailyFor
}

func orOne(f float64) float64 {
	if f == 0 {
		return 1
	}
	return f
}

// counts rounds the accepted part of a minute. Tokens always belong to at least
// one request.
func (d demand) counts() Counts {
	r := func(v float64) int64 { return int64(math.Round(v)) }
	c := Counts{r(d.requests), r(d.uncached), r(d.write5m), r(d.write1h), r(d.read), r(d.output), r(d.searches)}
	if c.Requests == 0 && c.Tokens() > 0 && d.requests > 0 {
		c.Requests = 1
	}
	return c
}
