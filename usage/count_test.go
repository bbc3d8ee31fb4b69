package usage_test

import (
	"slices"
	"testing"
	"time"

	"alerter/usage"
)

func TestEachLimiterCountsItsOwnSum(t *testing.T) {
	t.Parallel()
	counts := usage.Counts{
		Requests: 7, UncachedInput: 1000, CacheWrite5m: 200, CacheWrite1h: 30, CacheRead: 50_000, Output: 400, WebSearches: 3,
	}
	standard := usage.Combination{Model: "m", WorkspaceID: "w", ServiceTier: "standard", Speed: "standard", Product: "messages_api"}
	with := func(change func(*usage.Combination)) usage.Combination {
		c := standard
		change(&c)
		return c
	}
	priority := with(func(c *usage.Combination) { c.ServiceTier = "priority" })
	flex := with(func(c *usage.Combination) { c.ServiceTier = "flex_discount" })
	older := usage.Combination{Model: "m", WorkspaceID: "w", ServiceTier: "standard"}
	fast := with(func(c *usage.Combination) { c.Speed = "fast" })
	batchTier := with(func(c *usage.Combination) { c.ServiceTier = "batch" })
	batchProduct := with(func(c *usage.Combination) { c.Product = "message_batches_api" })
	execution := usage.Combination{WorkspaceID: "w"}

	const not = -7 // does not count such a bucket
	for _, tt := range []struct {
		limiter                             usage.Limiter
		standard, fast, batches, executions int64
	}{
		{usage.RequestsPerMinute, 7, 7, not, not},
		{usage.InputTokensCacheAware, 1230, not, not, 1230},
		{usage.InputTokens, 51_230, not, not, 51_230},
		{usage.OutputTokens, 400, not, not, 400},
		{usage.TokensPerMinute, 1630, not, not, 1630},
		{usage.TokensPerDay, 1630, not, not, 1630},
		{usage.FastInputTokensCacheAware, not, 1230, not, not},
		{usage.FastOutputTokens, not, 400, not, not},
		{usage.ToolUsesPerSecond, 3, 3, not, 3},
		{usage.EnqueuedBatchRequests, not, not, not, not},
		{"images_per_minute", not, not, not, not},
	} {
		for name, c := range map[string]struct {
			of   usage.Combination
			want int64
		}{
			"standard": {standard, tt.standard}, "priority": {priority, tt.standard}, "flex": {flex, tt.standard},
			"source without speed and product": {older, tt.standard}, "fast mode": {fast, tt.fast},
			"batch tier": {batchTier, tt.batches}, "batch product": {batchProduct, tt.batches},
			"code execution": {execution, tt.executions},
		} {
			used, ok := tt.limiter.Used(usage.Bucket{Of: &c.of, Counts: counts})
			if !ok {
				used = not
			}
			if used != c.want {
				t.Errorf("%s of %s: got %d, want %d", tt.limiter, name, used, c.want)
			}
		}
	}
}

func TestUncountedRequestsAreUnknownAndNotZero(t *testing.T) {
	t.Parallel()
	b := usage.Bucket{Of: &usage.Combination{Model: "m"}, Counts: usage.Counts{Requests: usage.RequestsUnknown, Output: 5}}
	if used, ok := usage.RequestsPerMinute.Used(b); !ok || used != usage.RequestsUnknown {
		t.Errorf("got %d, %v, want %d, true", used, ok, usage.RequestsUnknown)
	}
}

func TestABucketOfNothingIsCodeExecution(t *testing.T) {
	t.Parallel()
	if used, ok := usage.RequestsPerMinute.Used(usage.Bucket{Counts: usage.Counts{Requests: 4}}); ok {
		t.Errorf("got %d requests counted, want none", used)
	}
}

func TestOnlyLimitersWithAKnownMeaningAreKnown(t *testing.T) {
	t.Parallel()
	periods := map[usage.Limiter]time.Duration{
		usage.RequestsPerMinute: time.Minute, usage.InputTokensCacheAware: time.Minute, usage.InputTokens: time.Minute,
		usage.OutputTokens: time.Minute, usage.TokensPerMinute: time.Minute, usage.TokensPerDay: 24 * time.Hour,
		usage.FastInputTokensCacheAware: time.Minute, usage.FastOutputTokens: time.Minute,
		usage.ToolUsesPerSecond: time.Second, usage.EnqueuedBatchRequests: 0,
	}
	for l, want := range periods {
		if !l.Known() {
			t.Errorf("%s: got unknown, want known", l)
		}
		if got := l.Period(); got != want {
			t.Errorf("%s: got a period of %v, want %v", l, got, want)
		}
		if !slices.Contains(usage.Limiters[:], l) {
			t.Errorf("%s: got it not in the list of limiters, want it there", l)
		}
	}
	if got, want := len(usage.Limiters), len(periods); got != want {
		t.Errorf("got %d limiters in the list, want %d", got, want)
	}
	for _, l := range []usage.Limiter{"", "images_per_minute", "Requests_Per_Minute"} {
		if l.Known() || l.Period() != 0 {
			t.Errorf("%q: got known with period %v, want unknown", l, l.Period())
		}
	}
}
