package main

import (
	"cmp"
	"iter"
	"math"
	"time"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/usage"
)

// plotting keeps what the steps of a backtest see of limits, to be drawn at its end.
type plotting struct {
	file   string
	match  evaluate.Match
	chosen bool // match says what to draw
	met    int  // how many limits there were, drawn or not
	seen   map[usage.ID]*footage
	others map[usage.ID]bool // that match does not accept
}

// watch passes the steps on and keeps what is to be drawn of them. A nil plotting
// only passes them on.
func (p *plotting) watch(steps iter.Seq2[time.Time, []replay.Result]) iter.Seq2[time.Time, []replay.Result] {
	if p == nil {
		return steps
	}
	p.others = make(map[usage.ID]bool)
	return func(yield func(time.Time, []replay.Result) bool) {
		for at, each := range steps {
			facts := each[0].Facts // those of all
			for i := range facts {
				for k := range facts[i].Series {
					p.look(&facts[i].Series[k])
				}
			}
			if !yield(at, each) {
				return
			}
		}
	}
}

// look keeps what is new of a series.
func (p *plotting) look(s *usage.Series) {
	f := p.seen[s.ID]
	if f == nil {
		if p.others[s.ID] {
			return
		}
		p.met++
		if !p.match.Accepts(s.Labels) {
			p.others[s.ID] = true
			return
		}
		f = &footage{id: s.ID, from: s.From}
		p.seen[s.ID] = f
	}
	f.labels = s.Labels
	f.add(s)
}

// footage is what was seen of one limit, minute by minute: each as it was when it was
// first complete, and those at the end as they were seen last. It is kept small, since
// there may be months of it for hundreds of limits.
type footage struct {
	id       usage.ID
	labels   usage.Labels
	from     time.Time
	used     []float32 // in the limiter's unit; NaN where it was not known
	limits   []limitFrom
	complete int

	severity evaluate.Severity // the worst of its alerts
	peak     float64           // the highest utilization; NaN where none was known
}

// limitFrom is a limit and the index of the first minute in which it was in force.
type limitFrom struct {
	first int
	value float64
}

// add keeps the minutes that have become complete, and those after them for now.
func (f *footage) add(s *usage.Series) {
	offset := int(s.From.Sub(f.from) / time.Minute)
	f.used = f.used[:f.complete]
	for len(f.limits) > 0 && f.limits[len(f.limits)-1].first >= f.complete {
		f.limits = f.limits[:len(f.limits)-1]
	}
	for len(f.used) < offset {
		f.append(usage.Point{Used: math.NaN(), Limit: math.NaN()})
	}
	for i := max(0, len(f.used)-offset); i < len(s.Points); i++ {
		f.append(s.Points[i])
	}
	f.complete = max(f.complete, min(offset+s.Settled, len(f.used)))
}

func (f *footage) append(p usage.Point) {
	if n := len(f.limits); n == 0 || !(f.limits[n-1].value == p.Limit || math.IsNaN(f.limits[n-1].value) && math.IsNaN(p.Limit)) {
		f.limits = append(f.limits, limitFrom{len(f.used), p.Limit})
	}
	f.used = append(f.used, float32(p.Used))
}

// series is what was seen, as a series again.
func (f *footage) series() usage.Series {
	s := usage.Series{ID: f.id, Labels: f.labels, From: f.from, Settled: f.complete, Points: make([]usage.Point, len(f.used))}
	for i, l := range f.limits {
		end := len(f.used)
		if i+1 < len(f.limits) {
			end = f.limits[i+1].first
		}
		for k := l.first; k < end; k++ {
			s.Points[k] = usage.Point{Used: float64(f.used[k]), Limit: l.value}
		}
	}
	return s
}

// judge says how bad it was in the time of the report.
func (f *footage) judge(report replay.Report) {
	f.peak = math.NaN()
	for i, p := range f.series().Points {
		if f.from.Add(time.Duration(i) * time.Minute).Before(report.From) {
			continue
		}
		if u := p.Utilization(); math.IsNaN(f.peak) || u > f.peak {
			f.peak = u
		}
	}
	for i := range report.Episodes {
		if e := &report.Episodes[i]; e.Labels == replay.Labels(f.labels) && e.Severity.Rank() > f.severity.Rank() {
			f.severity = e.Severity
		}
	}
}

// compareWorst puts the gravest first; what is not known is last.
func compareWorst(a, b *footage) int {
	return cmp.Or(b.severity.Rank()-a.severity.Rank(), cmp.Compare(b.peak, a.peak), compareNames(a, b))
}

// compareNames orders limits as people look for them.
func compareNames(a, b *footage) int {
	return cmp.Or(
		cmp.Compare(a.labels.Organization, b.labels.Organization), cmp.Compare(a.labels.Workspace, b.labels.Workspace),
		cmp.Compare(a.labels.ModelGroup, b.labels.ModelGroup), cmp.Compare(a.labels.Limiter, b.labels.Limiter),
	)
}
