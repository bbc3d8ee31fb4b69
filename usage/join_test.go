package usage_test

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/usage"
)

// small is an organization with one group, "Opus" with the model opus, and the
// given limits in force since ever.
func small(limits ...usage.Limit) usage.Limits {
	for i := range limits {
		if limits[i].GroupID == "" {
			limits[i].GroupID = "rlg_opus"
		}
	}
	return usage.Limits{
		Groups:  map[string]usage.Group{"rlg_opus": {ID: "rlg_opus", Type: usage.ModelGroup, Name: "Opus"}},
		Members: []usage.Membership{{GroupID: "rlg_opus", Model: "opus"}},
		Limits:  limits,
	}
}

// ten is the window of the ten minutes from 10:00, looked at when all have
// settled, with every minute reported.
func ten() usage.Window {
	return usage.Window{
		At: at("10:16"), From: at("10:00"), To: at("10:10"), Settle: 5 * time.Minute, Prefer: usage.SourceAnalytics,
		Reported: map[usage.SourceKind]time.Time{usage.SourceAnalytics: at("10:15"), usage.SourceReport: at("10:15")},
	}
}

// every is the minutes of a window from one source, each with the same buckets
// and read at the end.
func every(w usage.Window, source usage.SourceKind, buckets ...usage.Bucket) []usage.Minute {
	var minutes []usage.Minute
	for start := w.From; start.Before(w.To); start = start.Add(time.Minute) {
		minutes = append(minutes, usage.Minute{Start: start, ReadAt: w.At, Source: source, Buckets: buckets})
	}
	return minutes
}

// bucket is use of the model opus in workspace w1, changed as told.
func bucket(counts usage.Counts, change ...func(*usage.Combination)) usage.Bucket {
	of := &usage.Combination{Model: "opus", WorkspaceID: "w1", ServiceTier: "standard", Speed: "standard", Product: "messages_api"}
	for _, f := range change {
		f(of)
	}
	return usage.Bucket{Of: of, Counts: counts}
}

func inWorkspace(id string) func(*usage.Combination) {
	return func(c *usage.Combination) { c.WorkspaceID = id }
}

func ofModel(model string) func(*usage.Combination) {
	return func(c *usage.Combination) { c.Model = model }
}

func join(w usage.Window, minutes []usage.Minute, limits usage.Limits) ([]usage.Series, usage.Unmatched) {
	return usage.Join(w, slices.Values(minutes), limits, usage.Organization{ID: "org-1", Name: "acme"})
}

// compare compares numbers of which NaN equals NaN.
func compare(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestAMinuteIsZeroOnlyWhereItIsKnownThatNothingWasUsed(t *testing.T) {
	t.Parallel()
	w := ten()
	w.At = at("10:10") // settled up to 10:04
	w.Reported[usage.SourceAnalytics] = at("10:08")
	minutes := every(w, usage.SourceAnalytics)
	minutes[1].ReadAt = at("10:03")                                        // read, but not since it settled
	minutes[3].Buckets = []usage.Bucket{bucket(usage.Counts{Output: 30})}  // known
	minutes[6].Buckets = []usage.Bucket{bucket(usage.Counts{Output: 60})}  // a lower bound
	minutes[9].Buckets = []usage.Bucket{bucket(usage.Counts{Output: 900})} // not said to be reported
	minutes = slices.Delete(minutes, 2, 3)                                 // never read
	series, _ := join(w, minutes, small(usage.Limit{Limiter: usage.OutputTokens, Value: 100}))
	compare(t, "used", used(series[0]), []float64{0, nan, nan, 30, 0, nan, 60, nan, nan, nan})
	if got, want := series[0].Settled, 5; got != want {
		t.Errorf("got %d settled, want %d", got, want)
	}
}

func TestWhatWasReadEarlyIsALowerBoundUntilANewerMinuteIsFinal(t *testing.T) {
	t.Parallel()
	w := ten()
	minutes := every(w, usage.SourceAnalytics, bucket(usage.Counts{Requests: 5, Output: 10}))
	for i := range minutes {
		minutes[i].ReadAt = minutes[i].Start.Add(2 * time.Minute) // and no read succeeded since
	}
	minutes[4].ReadAt = at("10:10")
	limits := small(usage.Limit{Limiter: usage.OutputTokens, Value: 100}, usage.Limit{Limiter: usage.RequestsPerMinute, Value: 9})
	series, _ := join(w, minutes, limits)
	compare(t, "tokens", used(series[0]), []float64{nan, nan, nan, nan, 10, 10, 10, 10, 10, 10})
	compare(t, "requests", used(series[1]), []float64{nan, nan, nan, nan, 5, 5, 5, 5, 5, 5})
	if got, want := series[0].Settled, 5; got != want {
		t.Errorf("got %d settled, want %d", got, want)
	}
}

func TestNothingIsKnownOfASourceThatReportedNothing(t *testing.T) {
	t.Parallel()
	w := ten()
	w.Reported = nil
	series, _ := join(w, every(w, usage.SourceAnalytics, bucket(usage.Counts{Output: 10})), small(usage.Limit{Limiter: usage.OutputTokens, Value: 100}))
	compare(t, "used", used(series[0]), slices.Repeat([]float64{nan}, 10))
	if series[0].Settled != 0 {
		t.Errorf("got %d settled, want none", series[0].Settled)
	}
}

func TestUsageOutsideWorkspacesCountsNowhereAndIsToldOnce(t *testing.T) {
	t.Parallel()
	outside := func(c *usage.Combination) { c.WorkspaceID, c.Product = "", "chat" }
	minutes := every(ten(), usage.SourceAnalytics, bucket(usage.Counts{Output: 7, Requests: 1}), bucket(usage.Counts{Output: 1000, Requests: 9}, outside),
		bucket(usage.Counts{Output: 1000}, outside, ofModel("haiku")))
	limits := small(usage.Limit{Limiter: usage.OutputTokens, Value: 100}, usage.Limit{Limiter: usage.RequestsPerMinute, Value: 9})
	series, unmatched := join(ten(), minutes, limits)
	compare(t, "tokens", used(series[0]), slices.Repeat([]float64{7}, 10))
	compare(t, "requests", used(series[1]), slices.Repeat([]float64{1}, 10))
	want := []usage.UnmatchedModel{{Reason: "usage outside workspaces (claude.ai or Claude Enterprise), which these limits do not count"}}
	if diff := cmp.Diff(want, unmatched.Models); diff != "" {
		t.Errorf("unmatched (-want +got):\n%s", diff)
	}
}

// The older report tells the default workspace by null. A reader that does not
// know its id yet has nothing to put there.
func TestTheOlderReportsUsageWithoutAWorkspaceIsTheOrganizations(t *testing.T) {
	t.Parallel()
	minutes := every(ten(), usage.SourceReport, bucket(usage.Counts{Output: 7, Requests: usage.RequestsUnknown}, inWorkspace("")))
	series, unmatched := join(ten(), minutes, small(usage.Limit{Limiter: usage.OutputTokens, Value: 100}))
	compare(t, "tokens", used(series[0]), slices.Repeat([]float64{7}, 10))
	if len(unmatched.Models) > 0 {
		t.Errorf("got unmatched %v, want none", unmatched.Models)
	}
}

func TestWhatCannotBeCountedIsToldWithAReason(t *testing.T) {
	t.Parallel()
	fast := func(c *usage.Combination) { c.Speed = "fast" }
	minutes := every(ten(), usage.SourceAnalytics,
		bucket(usage.Counts{Output: 1}, ofModel("nobodys")),
		bucket(usage.Counts{Output: 1}, ofModel("nobodys"), inWorkspace("w2")),
		bucket(usage.Counts{Output: 1}, ofModel("")),
		bucket(usage.Counts{Requests: 4}, ofModel(""), func(c *usage.Combination) { c.Product = "" }),                                      // code execution
		bucket(usage.Counts{Output: 1}, ofModel("only-in-batches"), func(c *usage.Combination) { c.Product, c.ServiceTier = "", "batch" }), // not held against any limit
		bucket(usage.Counts{Output: 1, Requests: 1}, fast),
	)
	limits := small(
		usage.Limit{Limiter: usage.RequestsPerMinute, Value: 9},
		usage.Limit{Limiter: "images_per_minute", Value: 5},
		usage.Limit{Limiter: usage.ToolUsesPerSecond, Value: 5},
		usage.Limit{Limiter: usage.RequestsPerMinute, Value: 5, GroupID: "rlg_video", WorkspaceID: "w1"},
		usage.Limit{Limiter: usage.RequestsPerMinute, Value: 5, GroupID: "rlg_never_read"},
		usage.Limit{Limiter: usage.OutputTokens, Value: 5, GroupID: "rlg_search"},
	)
	limits.Members = append(limits.Members, usage.Membership{GroupID: "rlg_opus", Model: "nobodys", Until: at("09:00")}) // long ago
	limits.Groups["rlg_video"] = usage.Group{ID: "rlg_video", Type: "video"}
	limits.Groups["rlg_search"] = usage.Group{ID: "rlg_search", Type: usage.WebSearchGroup}
	series, unmatched := join(ten(), minutes, limits)
	if len(series) != 1 {
		t.Fatalf("got %d series, want 1", len(series))
	}
	compare(t, "requests, fast mode included", used(series[0]), slices.Repeat([]float64{1}, 10))
	want := usage.Unmatched{
		Models: []usage.UnmatchedModel{
			{Model: "", Reason: "tokens without a model (messages_api), which belong to no model group"},
			{Model: "nobodys", Reason: "no model group lists it, so no limit of it is known"},
			{Model: "opus", Reason: "fast mode, for which Opus has no limit of its own"},
		},
		Limiters: []usage.UnmatchedLimit{
			{GroupID: "rlg_never_read", ModelGroup: "rlg_never_read", Limiter: usage.RequestsPerMinute, Value: 5, Reason: "it is not known what its group is for"},
			{GroupID: "rlg_opus", ModelGroup: "Opus", Limiter: "images_per_minute", Value: 5, Reason: "it is not known what this limiter counts"},
			{GroupID: "rlg_opus", ModelGroup: "Opus", Limiter: usage.ToolUsesPerSecond, Value: 5, Reason: "it is not known which tools this limiter counts for a model group"},
			{GroupID: "rlg_search", ModelGroup: "web_search", Limiter: usage.OutputTokens, Value: 5, Reason: "no report shows this of web searches, only how many there were"},
			{WorkspaceID: "w1", GroupID: "rlg_video", ModelGroup: "video", Limiter: usage.RequestsPerMinute, Value: 5, Reason: "it is not known what groups of type video are for"},
		},
	}
	if diff := cmp.Diff(want, unmatched); diff != "" {
		t.Errorf("unmatched (-want +got):\n%s", diff)
	}
}

func TestRequestsThatWereNotCountedMakeTheMinuteUnknown(t *testing.T) {
	t.Parallel()
	minutes := every(ten(), usage.SourceAnalytics, bucket(usage.Counts{Requests: 3}))
	minutes[4].Buckets = append(slices.Clone(minutes[4].Buckets), bucket(usage.Counts{Requests: usage.RequestsUnknown}, inWorkspace("w2")))
	limits := small(usage.Limit{Limiter: usage.RequestsPerMinute, Value: 9}, usage.Limit{Limiter: usage.RequestsPerMinute, Value: 9, WorkspaceID: "w1"})
	series, _ := join(ten(), minutes, limits)
	compare(t, "organization", used(series[0]), []float64{3, 3, 3, 3, nan, 3, 3, 3, 3, 3})
	compare(t, "a workspace it does not concern", used(series[1]), slices.Repeat([]float64{3}, 10))
}

func TestTokensPerMinuteHasTwoReadings(t *testing.T) {
	t.Parallel()
	minutes := every(ten(), usage.SourceAnalytics, bucket(usage.Counts{UncachedInput: 10, CacheWrite1h: 2, CacheRead: 500, Output: 30}))
	minutes = slices.Delete(minutes, 3, 4)
	series, _ := join(ten(), minutes, small(usage.Limit{Limiter: usage.TokensPerMinute, Value: 100}, usage.Limit{Limiter: usage.OutputTokens, Value: 100}))
	s := find(t, series, "", "rlg_opus", usage.TokensPerMinute)
	compare(t, "without cache reads", used(s), []float64{42, 42, 42, nan, 42, 42, 42, 42, 42, 42})
	compare(t, "with cache reads", s.WithCacheReads, []float64{542, 542, 542, nan, 542, 542, 542, 542, 542, 542})
	if s := find(t, series, "", "rlg_opus", usage.OutputTokens); s.WithCacheReads != nil {
		t.Error("got a second reading of output tokens, want none")
	}
}

func TestAWebSearchLimitCountsEveryModel(t *testing.T) {
	t.Parallel()
	limits := small(
		usage.Limit{Limiter: usage.ToolUsesPerSecond, Value: 30, GroupID: "rlg_search"},
		usage.Limit{Limiter: usage.ToolUsesPerSecond, Value: 10, GroupID: "rlg_search", WorkspaceID: "w2"},
	)
	limits.Groups["rlg_search"] = usage.Group{ID: "rlg_search", Type: usage.WebSearchGroup}
	minutes := every(ten(), usage.SourceAnalytics,
		bucket(usage.Counts{WebSearches: 60}), bucket(usage.Counts{WebSearches: 30}, inWorkspace("w2"), ofModel("nobodys")))
	series, _ := join(ten(), minutes, limits)
	compare(t, "organization", used(series[0]), slices.Repeat([]float64{1.5}, 10))
	compare(t, "workspace", used(series[1]), slices.Repeat([]float64{0.5}, 10))
}

// Whoever hands out minutes may reuse their buckets for the next one.
func TestBucketsAreNotKept(t *testing.T) {
	t.Parallel()
	reuse := func(minutes []usage.Minute) iter.Seq[usage.Minute] {
		return func(yield func(usage.Minute) bool) {
			shared := make([]usage.Bucket, 0, 4)
			for _, m := range minutes {
				shared = append(shared[:0], m.Buckets...)
				m.Buckets = shared
				if !yield(m) {
					return
				}
				clear(shared)
			}
		}
	}
	w := ten()
	var minutes []usage.Minute
	for i, m := range every(w, usage.SourceAnalytics) {
		m.Buckets = []usage.Bucket{bucket(usage.Counts{Requests: int64(i)})}
		report := m
		report.Source = usage.SourceReport
		report.Buckets = []usage.Bucket{bucket(usage.Counts{Output: 10, Requests: usage.RequestsUnknown})}
		minutes = append(minutes, m, report)
	}
	w.Prefer = usage.SourceReport
	limits := small(usage.Limit{Limiter: usage.OutputTokens, Value: 100}, usage.Limit{Limiter: usage.RequestsPerMinute, Value: 9})
	series, _ := usage.Join(w, reuse(minutes), limits, usage.Organization{ID: "org-1"})
	compare(t, "tokens", used(series[0]), slices.Repeat([]float64{10}, 10))
	compare(t, "requests", used(series[1]), []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
}

func TestAnEmptyWindowHasSeriesWithoutPoints(t *testing.T) {
	t.Parallel()
	w := ten()
	w.To = w.From.Add(-time.Minute)
	series, _ := join(w, every(ten(), usage.SourceAnalytics, bucket(usage.Counts{Output: 1})), small(usage.Limit{Limiter: usage.OutputTokens, Value: 100}))
	if len(series) != 1 || len(series[0].Points) != 0 || series[0].Settled != 0 {
		t.Errorf("got %+v, want one series without points", series)
	}
}

func TestSeriesComeByWorkspaceGroupAndLimiter(t *testing.T) {
	t.Parallel()
	var limits []usage.Limit
	for _, ws := range []string{"w2", "", "w1"} {
		for _, l := range []usage.Limiter{usage.RequestsPerMinute, usage.InputTokens, usage.OutputTokens} {
			limits = append(limits, usage.Limit{WorkspaceID: ws, Limiter: l, Value: 1})
		}
	}
	series, _ := join(ten(), nil, small(limits...))
	var got []string
	for _, s := range series {
		got = append(got, fmt.Sprint(s.ID.WorkspaceID, " ", s.ID.Limiter))
	}
	want := []string{
		" input_tokens_per_minute", " output_tokens_per_minute", " requests_per_minute",
		"w1 input_tokens_per_minute", "w1 output_tokens_per_minute", "w1 requests_per_minute",
		"w2 input_tokens_per_minute", "w2 output_tokens_per_minute", "w2 requests_per_minute",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
