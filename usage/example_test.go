package usage_test

import (
	"fmt"
	"slices"
	"time"

	"alerter/usage"
)

// What one minute used is put beside the limit that was in force in it.
func ExampleJoin() {
	start := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	limits, _ := usage.Apply(usage.Limits{}, []usage.Reading{{
		Entries: []usage.Entry{{
			Group:  usage.Group{ID: "rlg_1", Type: usage.ModelGroup, Name: "Claude Opus 5", Models: []string{"claude-opus-5"}},
			Limits: []usage.Value{{Limiter: usage.OutputTokens, Value: 1000}, {Limiter: usage.InputTokensCacheAware, Value: 5000}},
		}},
	}}, start)
	opus := &usage.Combination{Model: "claude-opus-5", WorkspaceID: "wrkspc_1", ServiceTier: "standard"}
	minutes := []usage.Minute{
		{Start: start, ReadAt: start.Add(10 * time.Minute), Source: usage.SourceAnalytics, Buckets: []usage.Bucket{
			{Of: opus, Counts: usage.Counts{Requests: 3, UncachedInput: 1000, CacheRead: 40_000, Output: 860}},
		}},
		{Start: start.Add(time.Minute), ReadAt: start.Add(10 * time.Minute), Source: usage.SourceAnalytics},
	}
	window := usage.Window{
		At: start.Add(10 * time.Minute), From: start, To: start.Add(3 * time.Minute), Settle: 5 * time.Minute,
		Reported: map[usage.SourceKind]time.Time{usage.SourceAnalytics: start.Add(2 * time.Minute)},
	}
	series, _ := usage.Join(window, slices.Values(minutes), limits, usage.Organization{Name: "acme"})
	for _, s := range series {
		fmt.Println(s.Labels.ModelGroup, s.Labels.Limiter)
		for _, p := range s.Points {
			fmt.Printf("  %v of %v\n", p.Used, p.Limit)
		}
	}
	// Output:
	// Claude Opus 5 input_tokens_per_minute_cache_aware
	//   1000 of 5000
	//   0 of 5000
	//   NaN of 5000
	// Claude Opus 5 output_tokens_per_minute
	//   860 of 1000
	//   0 of 1000
	//   NaN of 1000
}

// Fifteen minutes at 90 % of the limit nearly drain the bucket; one such minute does not.
func ExamplePressure() {
	rate, _ := usage.Pressure([]float64{0.2, 0.9, 0.2}, 1)
	fmt.Printf("one minute: %.2f\n", rate)
	rate, stretch := usage.Pressure(slices.Repeat([]float64{0.9}, 15), 1)
	fmt.Printf("fifteen: %.2f, minutes %d to %d\n", rate, stretch.First, stretch.Last)
	// Output:
	// one minute: 0.45
	// fifteen: 0.84, minutes 0 to 14
}

// A limit that is read with another value than before has changed.
func ExampleApply() {
	read := func(value int64) []usage.Reading {
		return []usage.Reading{{Entries: []usage.Entry{{
			Group:  usage.Group{ID: "rlg_1", Type: usage.ModelGroup, Name: "Claude Opus 5"},
			Limits: []usage.Value{{Limiter: usage.OutputTokens, Value: value}},
		}}}}
	}
	at := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	limits, changes := usage.Apply(usage.Limits{}, read(400_000), at)
	fmt.Println(len(changes), "changes at first")
	_, changes = usage.Apply(limits, read(200_000), at.Add(15*time.Minute))
	for _, c := range changes {
		fmt.Println(c.Kind, c.Limiter, c.Old, c.New)
	}
	// Output:
	// 0 changes at first
	// lowered output_tokens_per_minute 400000 200000
}

// A limiter counts what it counts and nothing else.
func ExampleLimiter_Used() {
	b := usage.Bucket{
		Of:     &usage.Combination{Model: "claude-opus-5", WorkspaceID: "wrkspc_1", ServiceTier: "standard"},
		Counts: usage.Counts{Requests: usage.RequestsUnknown, UncachedInput: 1000, CacheWrite5m: 200, CacheRead: 40_000, Output: 860},
	}
	for _, l := range []usage.Limiter{usage.InputTokensCacheAware, usage.InputTokens, usage.FastOutputTokens, usage.RequestsPerMinute} {
		used, counts := l.Used(b)
		fmt.Println(l, used, counts)
	}
	// Output:
	// input_tokens_per_minute_cache_aware 1200 true
	// input_tokens_per_minute 41200 true
	// fast_otpm 0 false
	// requests_per_minute -1 true
}

// The report that counts requests is preferred while it is not far behind.
func ExampleChoose() {
	at := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	source := usage.Choose("auto", []usage.Probe{
		{Kind: usage.SourceAnalytics, Newest: at.Add(-50 * time.Minute)},
		{Kind: usage.SourceReport, Newest: at.Add(-5 * time.Minute)},
	}, usage.Source{})
	fmt.Println(source.Kind+":", source.Why)
	// Output: usage_report: analytics/usage is 45 minutes behind usage_report/messages
}
