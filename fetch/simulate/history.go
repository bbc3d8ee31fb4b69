package simulate

import (
	"sync"
	"time"
)

const (
	minutesPerHour = 60
	// warmUp is how long before midnight the buckets of a day start, full. It
	// makes every day computable by itself, whatever was asked before; a bucket
	// that has been full or empty once in that time is exactly where it would
	// be had it run since the epoch.
	warmUp = time.Hour
)

// cell is one stream's accepted usage in one minute.
type cell struct {
	stream int32
	Counts
}

// hour is an hour of accepted usage, never written to after it is computed.
type hour struct {
	minutes [minutesPerHour][]cell
	totals  []Counts           // by stream
	levels  map[string]float64 // of the buckets, at its end
	used    int64              // when it was last wanted, for the cache
	bytes   int
}

// history computes accepted usage an hour at a time and keeps what was wanted
// last, within a budget.
type history struct {
	traffic Traffic
	limits  *timeline
	budget  int // bytes

	mu     sync.Mutex // guards everything below
	hours  map[int64]*hour
	totals map[int64][]Counts // kept longer than their hours, for reports over weeks
	bytes  int
	clock  int64
}

func newHistory(t Traffic, l *timeline, budget int) *history {
	return &history{traffic: t, limits: l, budget: budget, hours: map[int64]*hour{}, totals: map[int64][]Counts{}}
}

// hour returns the hour that begins at start.
func (h *history) hour(start time.Time) *hour {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wanted(start)
}

// total returns the hour's sums by stream.
func (h *history) total(start time.Time) []Counts {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t, ok := h.totals[start.Unix()]; ok {
		return t
	}
	if len(h.totals)*len(h.traffic.Streams)*56 > h.budget/4 {
		clear(h.totals)
	}
	t := h.wanted(start).totals
	h.totals[start.Unix()] = t
	return t
}

func (h *history) wanted(start time.Time) *hour {
	first := start
	dayStart := start.Truncate(24 * time.Hour)
	for first.After(dayStart) && h.hours[first.Unix()] == nil {
		first = first.Add(-time.Hour)
	}
	if h.hours[first.Unix()] == nil { // the day is not begun: its buckets have to be warmed up
		levels := h.compute(first.Add(-warmUp), nil).levels
		h.put(first, h.compute(first, levels))
	}
	for at := first.Add(time.Hour); !at.After(start); at = at.Add(time.Hour) {
		if h.hours[at.Unix()] == nil {
			h.put(at, h.compute(at, h.hours[at.Add(-time.Hour).Unix()].levels))
		}
	}
	found := h.hours[start.Unix()]
	h.clock++
	found.used = h.clock
	return found
}

func (h *history) put(start time.Time, v *hour) {
	h.clock++
	v.used = h.clock
	h.hours[start.Unix()] = v
	h.bytes += v.bytes
	h.trim(start)
}

// trim drops what was wanted longest ago, but never the hour at keep.
func (h *history) trim(keep time.Time) {
	for h.bytes > h.budget && len(h.hours) > 1 {
		oldest, found := int64(0), false
		for at, v := range h.hours {
			if at != keep.Unix() && (!found || v.used < h.hours[oldest].used) {
				oldest, found = at, true
			}
		}
		h.bytes -= h.hours[oldest].bytes
		delete(h.hours, oldest)
	}
}

// forget drops every hour that ends after at.
func (h *history) forget(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for start, v := range h.hours {
		if start+int64(time.Hour/time.Second) > at.Unix() {
			h.bytes -= v.bytes
			delete(h.hours, start)
		}
	}
	clear(h.totals)
}

// compute plays the hour at start from the levels the buckets had before.
func (h *history) compute(start time.Time, levels map[string]float64) *hour {
	streams := h.traffic.Streams
	out := &hour{totals: make([]Counts, len(streams))}
	feeds := make([]feed, len(streams))
	for i := range streams {
		feeds[i] = streams[i].feed(h.traffic.Epoch, start)
	}
	sums, wanted := make([]demand, len(streams)), make([]demand, len(streams))
	depth := h.traffic.depth().Minutes()
	var b *buckets
	var from *phase
	for m := range minutesPerHour {
		at := start.Add(time.Duration(m) * time.Minute)
		if p := h.limits.at(at); p != from {
			if b != nil {
				levels = b.byKey()
			}
			b, from = newBuckets(p.limiters, len(streams), depth, levels), p
		}
		h.minute(at, feeds, b, wanted, sums)
		out.minutes[m] = h.cells(at, sums, out.totals)
		out.bytes += len(out.minutes[m]) * 64
	}
	out.levels = b.byKey()
	out.bytes += len(streams)*56 + len(out.levels)*96 + 2048
	return out
}

// minute adds up what is accepted in the six steps of a minute.
func (h *history) minute(at time.Time, feeds []feed, b *buckets, wanted, sums []demand) {
	var busy []int
	clear(sums)
	clear(wanted)
	for i := range feeds {
		if feeds[i].idle(h.traffic.Epoch, at) {
			feeds[i].skip(stepsPerMinute)
		} else {
			busy = append(busy, i)
		}
	}
	for range stepsPerMinute {
		for _, i := range busy {
			wanted[i] = feeds[i].next()
		}
		b.step(wanted)
		for _, i := range busy {
			sums[i].add(wanted[i])
		}
	}
}

// cells rounds a minute, with the rows that are given as they are, and adds it
// to the hour's totals.
func (h *history) cells(at time.Time, sums []demand, totals []Counts) []cell {
	var out []cell
	for i := range h.traffic.Streams {
		c := h.traffic.Streams[i].row(at)
		if !sums[i].idle() {
			c.add(sums[i].counts())
		}
		if c == (Counts{}) {
			continue
		}
		totals[i].add(c)
		out = append(out, cell{int32(i), c})
	}
	return out
}
