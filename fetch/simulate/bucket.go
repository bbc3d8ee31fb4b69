package simulate

import "time"

// stepsPerMinute is how often a bucket is refilled and drawn on.
const stepsPerMinute = int(time.Minute / stepLength)

// buckets are the token buckets of one set of limits between two steps.
type buckets struct {
	depth    float64 // capacity in minutes of the limit
	limiters []limiter
	levels   []float64 // beside limiters
	accept   []float64 // scratch: the share of each stream's step that is accepted
}

// newBuckets has a full bucket for each limiter that was not there before, and
// the level it had, at most the new capacity, for each that was.
func newBuckets(all []limiter, streams int, depth float64, before map[string]float64) *buckets {
	b := &buckets{depth: depth, limiters: all, levels: make([]float64, len(all)), accept: make([]float64, streams)}
	for i, l := range all {
		b.levels[i] = l.value * depth
		if v, ok := before[l.key]; ok {
			b.levels[i] = min(v, b.levels[i])
		}
	}
	return b
}

// byKey is what a later set of buckets continues from.
func (b *buckets) byKey() map[string]float64 {
	m := make(map[string]float64, len(b.levels))
	for i, l := range b.limiters {
		m[l.key] = b.levels[i]
	}
	return m
}

// step refills every bucket by ten seconds and cuts wanted down to what all of
// them accept. A stream that meets several limiters is cut by the tightest,
// in all its counts alike; workspaces are cut first, then the organization
// shares what is left in proportion.
func (b *buckets) step(wanted []demand) {
	for i := range b.limiters {
		l := &b.limiters[i]
		b.levels[i] = min(l.value*b.depth, b.levels[i]+l.value/float64(stepsPerMinute))
	}
	for _, override := range []bool{true, false} {
		b.cut(wanted, override)
	}
	for i := range b.limiters {
		b.levels[i] = max(0, b.levels[i]-b.limiters[i].sum(wanted))
	}
}

// cut applies the limiters of workspaces, or those of the organization.
func (b *buckets) cut(wanted []demand, override bool) {
	over := false
	for i := range b.limiters {
		l := &b.limiters[i]
		if l.override != override {
			continue
		}
		sum := l.sum(wanted)
		if sum <= b.levels[i] {
			continue
		}
		if !over { // rarely: most steps pass
			over = true
			for i := range b.accept {
				b.accept[i] = 1
			}
		}
		for _, s := range l.streams {
			b.accept[s] = min(b.accept[s], b.levels[i]/sum)
		}
	}
	if !over {
		return
	}
	for i, f := range b.accept {
		if f < 1 {
			wanted[i] = wanted[i].times(f)
		}
	}
}

func (l *limiter) sum(wanted []demand) float64 {
	sum := 0.0
	for _, s := range l.streams {
		sum += l.count(&wanted[s])
	}
	return sum
}
