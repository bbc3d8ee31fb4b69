package replay_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/notify/route"
	"alerter/usage"
)

// day is when all tests happen.
var day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

const minute = evaluate.Duration(time.Minute)

// shipped are the rules of rules.yaml.
var shipped = []evaluate.Rule{
	{Alert: "LimitPressure", Condition: evaluate.Pressure{Window: 15 * minute, Depth: minute}, KeepFiringFor: 15 * time.Minute, RepeatInterval: time.Hour},
	growth,
	{Alert: "LimitChanged", Condition: evaluate.LimitChange{Severity: evaluate.Warning}},
	{Alert: "DataStale", Condition: evaluate.Stale{Warning: 15 * minute, Critical: 45 * minute}},
}

// mean is a rule with another window and with hysteresis.
var mean = evaluate.Rule{
	Alert: "HighUtilization", Condition: evaluate.Threshold{Warning: 0.8, Critical: 0.95, Over: 5 * minute},
	For: 2 * time.Minute, KeepFiringFor: 10 * time.Minute,
}

// tree sends everything to one receiver, as rules.yaml does.
var tree = route.Tree{
	Root: &route.Node{
		Receiver: "console", GroupBy: []string{"alertname", "organization", "model_group"},
		GroupWait: 10 * time.Second, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour,
	},
	Receivers: map[string]route.ReceiverOptions{"console": {SendResolved: true}},
	Order:     []string{"console"},
}

// limiters are those of each group in the tests.
var limiters = []usage.Limiter{usage.RequestsPerMinute, usage.InputTokensCacheAware, usage.OutputTokens}

// reading is what the API says of n groups with the same three limits.
func reading(n int, value int64) usage.Reading {
	var r usage.Reading
	for g := range n {
		e := usage.Entry{Group: usage.Group{
			ID: fmt.Sprintf("rlg_%d", g), Type: usage.ModelGroup, Name: fmt.Sprintf("Model %d", g), Models: []string{fmt.Sprintf("model-%d", g)},
		}}
		for _, l := range limiters {
			e.Limits = append(e.Limits, usage.Value{Limiter: l, Value: value})
		}
		r.Entries = append(r.Entries, e)
	}
	return r
}

// walk is a history of the given minutes in which the use of n groups by as many
// workspaces wanders between nothing and a little more than the limit of 1000.
func walk(seed uint64, n, minutes, workspaces int) replay.History {
	r := rand.New(rand.NewPCG(seed, 1))
	h := replay.History{
		Organization: usage.Organization{ID: "org-1", Name: "acme"},
		From:         day, To: day.Add(time.Duration(minutes) * time.Minute),
		Settle: 5 * time.Minute, Lag: 5 * time.Minute, Source: usage.SourceAnalytics,
		Limits: []replay.LimitReading{{At: day, Readings: []usage.Reading{reading(n, 1000)}}},
	}
	var of []*usage.Combination
	for g := range n {
		for w := range workspaces {
			of = append(of, &usage.Combination{
				Model: fmt.Sprintf("model-%d", g), WorkspaceID: fmt.Sprintf("wrkspc_%d", w), ServiceTier: "standard", Speed: "standard", Product: "messages_api",
			})
		}
	}
	level := make([]float64, n)
	buckets := make([]usage.Bucket, 0, minutes*len(of))
	for i := range minutes {
		first := len(buckets)
		for k, c := range of {
			g := k / workspaces
			if k%workspaces == 0 {
				level[g] = min(max(level[g]+(r.Float64()-0.49)*150, 0), 1050)
			}
			if level[g] < 1 {
				continue // no row
			}
			used := int64(level[g] / float64(workspaces))
			buckets = append(buckets, usage.Bucket{Of: c, Counts: usage.Counts{Requests: used / 2, UncachedInput: used * 4 / 5, Output: used}})
		}
		h.Minutes = append(h.Minutes, usage.Minute{
			Start: day.Add(time.Duration(i) * time.Minute), Source: usage.SourceAnalytics, Buckets: buckets[first:len(buckets):len(buckets)],
		})
	}
	return h
}
