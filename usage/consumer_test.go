package usage_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/usage"
)

func usedBy(key string) func(*usage.Combination) {
	return func(c *usage.Combination) { c.APIKeyID = key }
}

func consumerLimits() usage.Limits {
	limits := small(usage.Limit{Limiter: usage.OutputTokens, Value: 100}, usage.Limit{Limiter: usage.OutputTokens, Value: 50, WorkspaceID: "w1"},
		usage.Limit{Limiter: usage.RequestsPerMinute, Value: 9})
	limits.Members = append(limits.Members, usage.Membership{GroupID: "rlg_opus", Model: "opus-old", Until: at("10:05")})
	return limits
}

func id(workspaceID string, l usage.Limiter) usage.ID {
	return usage.ID{OrganizationID: "org-1", WorkspaceID: workspaceID, GroupID: "rlg_opus", Limiter: l}
}

// consumers of the five minutes from 10:02.
func consumers(minutes []usage.Minute, n int, ids ...usage.ID) map[usage.ID][]usage.Consumer {
	org := usage.Organization{
		ID: "org-1", Workspaces: []usage.Workspace{{ID: "w1", Name: "payments"}}, Keys: []usage.Key{{ID: "k1", Name: "nightly"}},
	}
	slices.SortStableFunc(minutes, func(x, y usage.Minute) int { return x.Start.Compare(y.Start) })
	return usage.Consumers(slices.Values(minutes), consumerLimits(), org, ids, at("10:02"), at("10:07"), n)
}

func TestConsumersAreTheLargestOfEachKindWithTheirShares(t *testing.T) {
	t.Parallel()
	minutes := every(ten(), usage.SourceAnalytics,
		bucket(usage.Counts{Output: 30, Requests: 1}),
		bucket(usage.Counts{Output: 10, Requests: 3}, inWorkspace("w2")),
		bucket(usage.Counts{Output: 5, Requests: 1}, inWorkspace("w3")),
		bucket(usage.Counts{Output: 5}, ofModel("opus-old")), // in the group until 10:05
		bucket(usage.Counts{Output: 1000}, ofModel("haiku")), // in another
		bucket(usage.Counts{Output: 1000}, inWorkspace("")),  // outside workspaces
	)
	minutes = append(minutes, every(ten(), usage.SourceKeys,
		bucket(usage.Counts{Output: 24}, usedBy("k1")), bucket(usage.Counts{Output: 6}, usedBy("k2")),
		bucket(usage.Counts{Output: 10}, inWorkspace("w2")), // by a person, without a key
	)...)
	got := consumers(minutes, 2, id("", usage.OutputTokens), id("w1", usage.OutputTokens), id("", usage.RequestsPerMinute))
	// 45 in five minutes each, and 5 in three of them: 240. Of w1 165.
	want := map[usage.ID][]usage.Consumer{
		id("", usage.OutputTokens): {
			{Kind: "workspace", ID: "w1", Name: "payments", Share: 165.0 / 240}, {Kind: "workspace", ID: "w2", Name: "w2", Share: 50.0 / 240},
			{Kind: "model", ID: "opus", Name: "opus", Share: 225.0 / 240}, {Kind: "model", ID: "opus-old", Name: "opus-old", Share: 15.0 / 240},
			{Kind: "key", ID: "k1", Name: "nightly", Share: 0.6}, {Kind: "key", ID: "k2", Name: "k2", Share: 0.15},
		},
		id("w1", usage.OutputTokens): {
			{Kind: "model", ID: "opus", Name: "opus", Share: 150.0 / 165}, {Kind: "model", ID: "opus-old", Name: "opus-old", Share: 15.0 / 165},
			{Kind: "key", ID: "k1", Name: "nightly", Share: 0.8}, {Kind: "key", ID: "k2", Name: "k2", Share: 0.2},
		},
		id("", usage.RequestsPerMinute): {
			{Kind: "workspace", ID: "w2", Name: "w2", Share: 0.6}, {Kind: "workspace", ID: "w1", Name: "payments", Share: 0.2},
			{Kind: "model", ID: "opus", Name: "opus", Share: 1},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("consumers (-want +got):\n%s", diff)
	}
}

// Two alerts about one limit, or one message to two receivers, ask for it twice.
func TestALimitThatIsAskedForTwiceIsCountedOnce(t *testing.T) {
	t.Parallel()
	minutes := every(ten(), usage.SourceAnalytics, bucket(usage.Counts{Output: 30}), bucket(usage.Counts{Output: 10}, inWorkspace("w2")))
	output := id("", usage.OutputTokens)
	if diff := cmp.Diff(consumers(minutes, 3, output), consumers(minutes, 3, output, output)); diff != "" {
		t.Errorf("asked for once, twice:\n%s", diff)
	}
}

func TestConsumersReadEachMinuteFromOneReport(t *testing.T) {
	t.Parallel()
	minutes := every(ten(), usage.SourceAnalytics, bucket(usage.Counts{Output: 10, Requests: 1}))
	older := every(ten(), usage.SourceReport,
		bucket(usage.Counts{Output: 10, Requests: usage.RequestsUnknown}, inWorkspace("w2")))
	minutes[4].Buckets, minutes[5].Buckets = nil, nil // not come so far
	got := consumers(append(minutes, older...), 1, id("", usage.OutputTokens), id("", usage.RequestsPerMinute))
	want := map[usage.ID][]usage.Consumer{
		id("", usage.OutputTokens):      {{Kind: "workspace", ID: "w1", Name: "payments", Share: 0.6}, {Kind: "model", ID: "opus", Name: "opus", Share: 1}},
		id("", usage.RequestsPerMinute): {{Kind: "workspace", ID: "w1", Name: "payments", Share: 1}, {Kind: "model", ID: "opus", Name: "opus", Share: 1}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("consumers (-want +got):\n%s", diff)
	}
}

func TestNobodyConsumesWhatIsNotUsedOrNotOurs(t *testing.T) {
	t.Parallel()
	minutes := every(ten(), usage.SourceAnalytics, bucket(usage.Counts{Output: 10, Requests: usage.RequestsUnknown}))
	foreign := id("", usage.OutputTokens)
	foreign.OrganizationID = "org-2"
	got := consumers(minutes, 3, id("", usage.RequestsPerMinute), id("w2", usage.OutputTokens), foreign, id("", usage.EnqueuedBatchRequests))
	if len(got) > 0 {
		t.Errorf("got %v, want nobody", got)
	}
}

func TestConsumersOfADaysLimitAndOfSearches(t *testing.T) {
	t.Parallel()
	minutes := every(ten(), usage.SourceAnalytics, bucket(usage.Counts{Output: 30, WebSearches: 1}), bucket(usage.Counts{Output: 10, WebSearches: 3}, inWorkspace("w2"), ofModel("haiku")))
	day := id("", usage.TokensPerDay)
	searches := usage.ID{OrganizationID: "org-1", GroupID: "rlg_search", Limiter: usage.ToolUsesPerSecond}
	got := consumers(minutes, 1, day, searches)
	want := map[usage.ID][]usage.Consumer{
		day:      {{Kind: "workspace", ID: "w1", Name: "payments", Share: 1}, {Kind: "model", ID: "opus", Name: "opus", Share: 1}},
		searches: {{Kind: "workspace", ID: "w2", Name: "w2", Share: 0.75}, {Kind: "model", ID: "haiku", Name: "haiku", Share: 0.75}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("consumers (-want +got):\n%s", diff)
	}
}
