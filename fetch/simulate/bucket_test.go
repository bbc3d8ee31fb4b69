package simulate

import (
	"testing"
	"time"
)

// play offers one stream a load of uncached input in steps and returns what is
// accepted by one bucket.
func play(value float64, depth float64, load ...float64) []float64 {
	b := newBuckets([]limiter{{key: "k", value: value, count: countCacheAware, streams: []int{0}}}, 1, depth, nil)
	out := []float64{}
	for _, v := range load {
		d := []demand{{requests: 1, uncached: v}}
		b.step(d)
		out = append(out, d[0].uncached)
	}
	return out
}

func TestBucketByHand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		value, depth float64
		load, want   []float64
	}{
		// Full at 600; each step refills 100, never above 600.
		{"below the limit", 600, 1, []float64{50, 100, 100}, []float64{50, 100, 100}},
		{"a full bucket at once", 600, 1, []float64{600, 100, 100}, []float64{600, 100, 100}},
		{"more than it holds", 600, 1, []float64{700, 700}, []float64{600, 100}},
		{"199 % of a minute pass", 600, 1, []float64{199, 199, 199, 199, 199, 199}, []float64{199, 199, 199, 199, 199, 105}},
		{"empty, then rest", 600, 1, []float64{600, 0, 0, 500}, []float64{600, 0, 0, 300}},
		{"a shallow bucket", 600, 1.0 / 6, []float64{300, 50, 300}, []float64{100, 50, 100}},
		{"no limit left", 0, 1, []float64{10, 10}, []float64{0, 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := play(test.value, test.depth, test.load...)
			for i := range test.want {
				if diff := got[i] - test.want[i]; diff > 1e-6 || diff < -1e-6 {
					t.Fatalf("got %v, want %v", got, test.want)
				}
			}
		})
	}
}

func TestTightestLimiterCutsTheWholeRow(t *testing.T) {
	t.Parallel()
	all := []limiter{
		{key: "workspace", value: 300, count: countInput, streams: []int{0}, override: true},
		{key: "input", value: 600, count: countCacheAware, streams: []int{0, 1}},
		{key: "output", value: 60, count: countOutput, streams: []int{0, 1}},
	}
	b := newBuckets(all, 3, 1, nil)
	// The workspace lets 300 of 600 input tokens pass, half the row. Then output
	// is 40 of stream 0 and 80 of stream 1, 120 for 60: half of both again.
	wanted := []demand{
		{requests: 8, uncached: 200, read: 400, output: 80}, {requests: 4, uncached: 20, output: 80}, {uncached: 1e9},
	}
	b.step(wanted)
	want := []demand{{requests: 2, uncached: 50, read: 100, output: 20}, {requests: 2, uncached: 10, output: 40}, {uncached: 1e9}}
	for i := range want {
		if wanted[i] != want[i] {
			t.Errorf("stream %d: got %+v, want %+v", i, wanted[i], want[i])
		}
	}
	if got := b.byKey(); got["workspace"] != 150 || got["input"] != 540 || got["output"] != 0 {
		t.Errorf("got levels %v", got)
	}
	lower := []limiter{all[1], {key: "new", value: 6, count: countOutput}}
	lower[0].value = 120
	next := newBuckets(lower, 3, 1, b.byKey())
	if next.levels[0] != 120 || next.levels[1] != 6 {
		t.Errorf("got levels %v after a change, want the lower capacity and a full new bucket", next.levels)
	}
}

func TestWhatLimitersCount(t *testing.T) {
	t.Parallel()
	trace := &Trace{Steps: []Step{{}}}
	streams := []Stream{
		{Model: "m", ServiceTier: "standard", Workspace: "w"}, {Model: "m", ServiceTier: "batch", Workspace: "w"},
		{Model: "m", ServiceTier: "priority", Workspace: "v"}, {Model: "m", Speed: "fast", Workspace: "w"},
		{Model: "other", Workspace: "w"}, {Workspace: "w"},
	}
	for i := range streams {
		streams[i].Load.Trace = trace
	}
	streams = append(streams, Stream{Model: "m"}) // given rows, no load
	var values []Limit
	for _, kind := range []string{rpm, itpmAware, itpm, otpm, "tokens_per_minute", "fast_itpmca", "fast_otpm", "tokens_per_day", "new"} {
		values = append(values, Limit{kind, 6})
	}
	l := limits{
		groups:    []Group{{ID: "g", Type: "model_group", Models: []string{"m"}, Limits: values}, {ID: "b", Type: "batch", Limits: values}},
		overrides: []Override{{"w", "g", Limit{rpm, 3}}, {"w", "gone", Limit{rpm, 3}}},
	}
	want := map[string][]int{
		"g w " + rpm: {0, 3}, "g  " + rpm: {0, 2, 3}, "g  " + itpmAware: {0, 2}, "g  " + itpm: {0, 2}, "g  " + otpm: {0, 2},
		"g  tokens_per_minute": {0, 2}, "g  fast_itpmca": {3}, "g  fast_otpm": {3},
	}
	d := demand{1, 2, 4, 8, 16, 32, 64}
	counts := map[string]float64{rpm: 1, itpmAware: 14, itpm: 30, otpm: 32, "tokens_per_minute": 62}
	got := limiters(l, streams)
	if len(got) != len(want) {
		t.Errorf("got %d limiters, want %d", len(got), len(want))
	}
	for _, m := range got {
		if len(m.streams) != len(want[m.key]) || m.streams[0] != want[m.key][0] || m.streams[len(m.streams)-1] != want[m.key][len(m.streams)-1] {
			t.Errorf("%s: got streams %v, want %v", m.key, m.streams, want[m.key])
		}
		if c, ok := counts[m.key[3:]]; ok && m.count(&d) != c {
			t.Errorf("%s: got %v, want %v", m.key, m.count(&d), c)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	epoch := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	trace := &Trace{Steps: []Step{{Requests: 2, Uncached: 100, CacheRead: 10, Output: 5}, {}, {Requests: 1, Uncached: 7}}}
	l := Load{Trace: trace, Requests: 3, Input: 2, Output: 4, CacheRead: 5, CacheWrite5m: 0.5, CacheWrite1h: 0.25, WebSearches: 0.5}
	at := func(l Load, d time.Duration) demand {
		when, s := epoch.Add(d), Stream{Model: "m", Load: l}
		f := s.feed(epoch, when.Truncate(time.Hour))
		f.skip(int(when.Sub(when.Truncate(time.Hour)) / stepLength))
		if f.idle(epoch, when.Truncate(time.Minute)) {
			return demand{}
		}
		return f.next()
	}
	if got, want := at(l, 0), (demand{6, 200, 100, 50, 1020, 20, 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := at(l, 20*time.Second); got.uncached != 14 || at(l, 10*time.Second) != (demand{}) {
		t.Errorf("got %+v in the third step", got)
	}
	if at(l, 30*time.Second) != at(l, 0) || at(l, -10*time.Second) != (demand{}) {
		t.Error("it does not repeat, or begins before the epoch")
	}
	l.Offset = -10 * time.Second
	if got := at(l, 10*time.Second); got.requests != 6 {
		t.Errorf("got %+v with an offset", got)
	}
	l.Offset, l.WeeklyGrowth = 0, 0.5
	if got := at(l, 14*24*time.Hour); got.uncached != 450 {
		t.Errorf("got %+v after two weeks of growth", got)
	}
	l.WeeklyGrowth, l.DailyFrom, l.DailyFor = 0, 23*time.Hour, 2*time.Hour
	for h, active := range map[int]bool{22: false, 23: true, 24: true, 25: false, 47: true} {
		if got := at(l, time.Duration(h)*time.Hour) != (demand{}); got != active {
			t.Errorf("hour %d: got active %v", h, got)
		}
	}
}
