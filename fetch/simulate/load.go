package simulate

import (
	"math"
	"time"
)

// feed is a load during one hour.
type feed struct {
	load                 *Load
	requests, in, output float64 // factors of the hour
	index                int     // of the next step in the trace
	spansOnly            bool    // code execution has no tokens
}

// feed begins at the start of an hour, epoch being the trace's zero.
func (s *Stream) feed(epoch, hour time.Time) feed {
	l := &s.Load
	if l.Trace == nil {
		return feed{load: l}
	}
	n := int64(len(l.Trace.Steps))
	first := (int64(hour.Sub(epoch)/stepLength) + int64(l.Offset/stepLength)) % n
	if first < 0 {
		first += n
	}
	grown := 1.0
	if l.WeeklyGrowth != 0 {
		grown = math.Pow(1+l.WeeklyGrowth, hour.Sub(epoch).Hours()/(7*24))
	}
	return feed{l, orOne(l.Requests) * grown, orOne(l.Input) * grown, orOne(l.Output) * grown, int(first), s.isCodeExecution()}
}

// idle reports whether there is no demand in the minute from at. The feed then
// has to be told to skip it.
func (f *feed) idle(epoch, at time.Time) bool {
	return f.load.Trace == nil || at.Before(epoch) || !f.load.active(at)
}

func (f *feed) skip(steps int) {
	if f.load.Trace != nil {
		f.index = (f.index + steps) % len(f.load.Trace.Steps)
	}
}

// next is what is asked for in the next step.
func (f *feed) next() demand {
	s := &f.load.Trace.Steps[f.index]
	if f.index++; f.index == len(f.load.Trace.Steps) {
		f.index = 0
	}
	requests := float64(s.Requests) * f.requests
	if f.spansOnly {
		return demand{requests: requests}
	}
	in := float64(s.Uncached) * f.in
	return demand{
		requests: requests, uncached: in, output: float64(s.Output) * f.output,
		write5m: in * f.load.CacheWrite5m, write1h: in * f.load.CacheWrite1h,
		read:     float64(s.CacheRead)*f.in + in*f.load.CacheRead,
		searches: requests * f.load.WebSearches,
	}
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
