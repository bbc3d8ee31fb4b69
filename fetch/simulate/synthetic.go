package simulate

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Synthetic is an organization of any size for benchmarks: so many model groups
// of one model each, and so many streams spread evenly over groups and ten
// workspaces beside the default one. Its traffic is made up from the seed; some
// of it is at the limit.
func Synthetic(groups, streams int, seed uint64) Config {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	o := Organization{
		ID: uuid(fmt.Sprint("synthetic ", seed)), Name: "Synthetic",
		Workspaces: []Workspace{{ID: "wrkspc_synthetic00", Name: "Default", Default: true, CreatedAt: start.AddDate(-1, 0, 0)}},
	}
	for i := 1; i <= 10; i++ {
		o.Workspaces = append(o.Workspaces, Workspace{
			ID: fmt.Sprintf("wrkspc_synthetic%02d", i), Name: fmt.Sprintf("workspace-%d", i), CreatedAt: start.AddDate(-1, 0, 0),
		})
	}
	prices := map[string]Price{}
	for i := range groups {
		o.Groups = append(o.Groups, Group{
			ID: fmt.Sprintf("rlg_synthetic%05d", i), RateLimitID: fmt.Sprintf("rl_synthetic%05d", i), Type: "model_group",
			Name: fmt.Sprintf("Synthetic %d", i), Models: []string{fmt.Sprintf("claude-synthetic-%d", i)},
			Limits: []Limit{{rpm, 5_000}, {itpmAware, 5_000_000}, {otpm, 1_000_000}},
		})
		prices[fmt.Sprintf("claude-synthetic-%d", i)] = Price{Input: 300, Output: 1500}
	}
	c := Config{Organization: o, Start: start, Reporting: Reporting{Lag: 270 * time.Second, Growing: 2 * time.Minute, Seed: seed}}
	c.Traffic.Prices = prices
	c.Traffic.Epoch = start.Add(-28 * day)
	trace := syntheticTrace(rand.New(rand.NewPCG(seed, 1)))
	share := 1.1 * float64(max(groups, 1)) / float64(max(streams, 1)) // of a group's limit, at most
	for i := range streams {
		w := o.Workspaces[(i/max(groups, 1))%len(o.Workspaces)]
		c.Traffic.Streams = append(c.Traffic.Streams, Stream{
			Workspace: w.ID, Model: fmt.Sprintf("claude-synthetic-%d", i%max(groups, 1)), Product: "messages_api",
			ServiceTier: "standard", Speed: "standard", ContextWindow: "0-200k", InferenceGeo: "global",
			APIKey: fmt.Sprintf("apikey_synthetic%05d", i),
			Load: Load{
				Trace: trace, Offset: time.Duration(i%max(groups, 1)) * 17 * time.Minute,
				Requests: share, Input: share, Output: share, CacheRead: 3,
			},
		})
	}
	return c
}

// syntheticTrace is a day that moves between nothing and a little more than what
// the limits of Synthetic allow.
func syntheticTrace(r *rand.Rand) *Trace {
	t := &Trace{Steps: make([]Step, int(day/stepLength))}
	level := 0.5
	for i := range t.Steps {
		level = min(1, max(0.02, level+0.03*r.NormFloat64()))
		t.Steps[i] = Step{
			Requests: int64(level * 600), Uncached: int64(level * 833_000), Output: int64(level * 150_000),
		}
	}
	return t
}
