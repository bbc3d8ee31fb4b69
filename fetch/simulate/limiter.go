package simulate

import "slices"

// demand is what a stream asks for in one step. It has fractions because a
// trace is scaled and then cut down; a minute is rounded once, at its end.
type demand struct {
	requests, uncached, write5m, write1h, read, output, searches float64
}

func (d demand) idle() bool { return d == demand{} }

func (d demand) times(f float64) demand {
	return demand{d.requests * f, d.uncached * f, d.write5m * f, d.write1h * f, d.read * f, d.output * f, d.searches * f}
}

func (d *demand) add(e demand) {
	d.requests += e.requests
	d.uncached += e.uncached
	d.write5m += e.write5m
	d.write1h += e.write1h
	d.read += e.read
	d.output += e.output
	d.searches += e.searches
}

// measure is what one limiter counts of a demand.
type measure func(*demand) float64

func countRequests(d *demand) float64   { return d.requests }
func countCacheAware(d *demand) float64 { return d.uncached + d.write5m + d.write1h }
func countInput(d *demand) float64      { return countCacheAware(d) + d.read }
func countOutput(d *demand) float64     { return d.output }
func countTokens(d *demand) float64     { return countInput(d) + d.output }

// enforced lists the limiter types the simulator enforces and which speeds each
// counts. The rest are told but never bite: they are per day, per second, counts
// of waiting requests, or unknown.
// https://platform.claude.com/docs/en/api/rate-limits
var enforced = map[string]struct {
	count          measure
	standard, fast bool
}{
	"requests_per_minute":                 {countRequests, true, true},
	"input_tokens_per_minute_cache_aware": {countCacheAware, true, false},
	"input_tokens_per_minute":             {countInput, true, false},
	"output_tokens_per_minute":            {countOutput, true, false},
	"tokens_per_minute":                   {countTokens, true, false},
	"fast_itpmca":                         {countCacheAware, false, true},
	"fast_otpm":                           {countOutput, false, true},
}

// limiter is one token bucket and the streams that draw on it.
type limiter struct {
	key      string // group, workspace and type: the bucket it continues when limits change
	value    float64
	count    measure
	streams  []int
	override bool
}

// limiters are the buckets of a set of limits. Batches have limits of their own
// and draw on none of them; neither does what has no model.
func limiters(l limits, streams []Stream) []limiter {
	var all []limiter
	add := func(g Group, workspace string, v Limit) {
		e, ok := enforced[v.Type]
		if !ok || g.Type != "model_group" {
			return
		}
		m := limiter{key: g.ID + " " + workspace + " " + v.Type, value: float64(v.Value), count: e.count, override: workspace != ""}
		for i, s := range streams {
			fast := s.Speed == "fast"
			if slices.Contains(g.Models, s.Model) && s.ServiceTier != "batch" && s.Load.Trace != nil &&
				(workspace == "" || workspace == s.Workspace) && (fast && e.fast || !fast && e.standard) {
				m.streams = append(m.streams, i)
			}
		}
		if len(m.streams) > 0 {
			all = append(all, m)
		}
	}
	for _, o := range l.overrides { // a workspace is checked before its organization
		if i := slices.IndexFunc(l.groups, func(g Group) bool { return g.ID == o.Group }); i >= 0 {
			add(l.groups[i], o.Workspace, o.Limit)
		}
	}
	for _, g := range l.groups {
		for _, v := range g.Limits {
			add(g, "", v)
		}
	}
	return all
}
