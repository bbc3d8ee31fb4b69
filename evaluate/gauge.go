package evaluate

import (
	"iter"
	"math"
	"time"

	"alerter/usage"
)

// gauge reads series at one moment, as far as they can be seen then.
type gauge struct {
	at     time.Time
	maxAge time.Duration // the newest minute must not be older
	buf    []float64     // serves one series after the other
}

// newGauge makes a gauge whose windows are at most that long.
func newGauge(at time.Time, settle, window time.Duration) *gauge {
	return &gauge{at: at, maxAge: maxAge(settle), buf: make([]float64, window/time.Minute)}
}

// maxAge is how old the newest minute may be to say something about now. The
// report is usually 5 to 6 minutes behind. At 10, or 5 after a minute should have
// settled, what it shows says nothing about now.
func maxAge(settle time.Duration) time.Duration { return max(10*time.Minute, settle+5*time.Minute) }

// Lookback is how much of the past a step with these rules can depend on where
// every minute that is seen is final: what the rules look at, behind the oldest
// minute that still says something about now.
func Lookback(rules []Rule, settle time.Duration) time.Duration {
	return farthest(rules) + maxAge(settle) + time.Minute
}

// LiveLookback is how much of the past the service looks at with these rules, beyond
// the minutes that cannot have settled yet: an hour more than the rules do, since the
// newest final minute may be any old, and as much as buckets are followed.
func LiveLookback(rules []Rule) time.Duration {
	return max(BucketLookback, farthest(rules)+time.Hour)
}

// farthest is how far back the rules look.
func farthest(rules []Rule) (back time.Duration) {
	for i := range rules {
		back = max(back, rules[i].Condition.Lookback())
	}
	return back
}

// view is what can be seen of a series: its leading points.
type view struct {
	series  *usage.Series
	seen    int // up to the newest minute of which something is known
	settled int // those that are final
	// fresh reports whether the newest settled minute is young enough to
	// say something about now.
	fresh bool
}

// look reports false where nothing can be said about now: no minute that is
// young enough is known, or the newest one's limit is not.
func (g *gauge) look(s *usage.Series) (view, bool) {
	over := over(g.at, s)
	oldest := max(int((g.at.Sub(s.From)-g.maxAge+time.Minute-1)/time.Minute), 1)
	seen := over
	for seen >= oldest && math.IsNaN(s.Points[seen-1].Used) {
		seen--
	}
	if seen < oldest || math.IsNaN(s.Points[seen-1].Limit) {
		return view{}, false
	}
	settled := min(s.Settled, over)
	return view{series: s, seen: seen, settled: settled, fresh: settled >= oldest}, true
}

// span is a value and the minutes it was read from.
type span struct {
	value       float64
	first, last int
	complete    bool // each minute of the window is known
}

// pressure is the bucket-equivalent rate of the window that ends before point
// end. Unknown minutes count as unused, so that it is a lower bound if it is not
// complete. A limit per day has no bucket to be read minute by minute: what
// counts is how full the day is.
func (g *gauge) pressure(v view, end int, window time.Duration, depth time.Duration) span {
	if v.series.ID.Limiter.Period() == 24*time.Hour {
		return g.mean(v, end, time.Minute)
	}
	u, complete := g.window(v, end, window)
	rate, worst := usage.Pressure(u, depth.Minutes())
	start := end - len(u)
	return span{value: rate, first: start + worst.First, last: start + worst.Last, complete: complete}
}

// mean is the mean utilization of the window that ends before point end, and a
// lower bound if it is not complete.
func (g *gauge) mean(v view, end int, window time.Duration) span {
	u, complete := g.window(v, end, window)
	total := 0.0
	for _, share := range u {
		total += share
	}
	return span{value: total / float64(len(u)), first: end - len(u), last: end - 1, complete: complete}
}

// mostShare is the most that a minute counts as. Use of a limit of zero is beyond
// any share; as an infinity it could not be stored.
const mostShare = 100

// window is the utilization minute by minute, each by its own limit, and
// whether all of it is known. What is not known is zero in it.
func (g *gauge) window(v view, end int, window time.Duration) (u []float64, complete bool) {
	u, complete = g.buf[:window/time.Minute], true
	for i := range u {
		u[i] = math.NaN()
		if at := end - len(u) + i; at >= 0 {
			u[i] = min(v.series.Points[at].Utilization(), mostShare)
		}
		if math.IsNaN(u[i]) {
			u[i], complete = 0, false
		}
	}
	return u, complete
}

// newest reads the settled minutes, and those up to the newest seen one, of which
// those that have not settled are lower bounds. It returns the higher value, which
// is complete if the settled minutes alone would say so.
func (v view) newest(read func(end int) span) span {
	settled := read(v.settled)
	settled.complete = settled.complete && v.fresh
	if v.seen == v.settled {
		return settled
	}
	if visible := read(v.seen); visible.value > settled.value {
		visible.complete = settled.complete
		return visible
	}
	return settled
}

// reading fills in what people want to know beside the value.
func (g *gauge) reading(v view, s span, pressure float64) Reading {
	in := v.series
	r := Reading{
		Value:    Number(s.value),
		Pressure: Number(pressure),
		From:     in.From.Add(time.Duration(s.first) * time.Minute),
		To:       in.From.Add(time.Duration(s.last+1) * time.Minute),
		Mean:     Number(g.mean(v, s.last+1, time.Duration(s.last+1-s.first)*time.Minute).value),
		DataAsOf: in.From.Add(time.Duration(v.seen) * time.Minute),
	}
	if in.ID.Limiter.Period() == 24*time.Hour {
		r.From = r.To.Add(-24 * time.Hour)
	}
	newest := in.Points[v.seen-1]
	if v.settled > 0 && !math.IsNaN(in.Points[v.settled-1].Utilization()) {
		newest = in.Points[v.settled-1]
	}
	r.Used, r.Limit, r.Utilization = Number(newest.Used), Number(newest.Limit), Number(newest.Utilization())
	return r
}

// unknownReading is the reading of a series of which nothing can be said.
func unknownReading() Reading {
	n := Unknown()
	return Reading{Value: n, Threshold: n, Used: n, Limit: n, Utilization: n, Pressure: n, Mean: n}
}

// eachSeries judges the series that match accepts.
func eachSeries(match Match, facts *usage.Facts, judge func(*usage.Series) Verdict) iter.Seq[Verdict] {
	return func(yield func(Verdict) bool) {
		for i := range facts.Series {
			if s := &facts.Series[i]; match.Accepts(s.Labels) && !yield(judge(s)) {
				return
			}
		}
	}
}

// Read is what a series shows at the given moment to a pressure rule with
// default parameters, for pages and tables. Where nothing can be said about now,
// all but the limit is unknown.
func Read(at time.Time, s *usage.Series, settle time.Duration) Reading {
	g := newGauge(at, settle, pressureWindow)
	v, ok := g.look(s)
	if !ok {
		r := unknownReading()
		if over := over(at, s); over > 0 {
			r.Limit = Number(s.Points[over-1].Limit)
		}
		return r
	}
	worst := v.newest(func(end int) span { return g.pressure(v, end, pressureWindow, pressureDepth) })
	r := g.reading(v, worst, worst.value)
	r.Odds = oddsOf(r.Pressure, s.ID.Limiter)
	return r
}
