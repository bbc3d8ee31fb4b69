package fetch

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

// used is one bucket of a wanted minute, requests first.
func used(of usage.Combination, requests, uncached, m5, h1, read, output, searches int64) usage.Bucket {
	return usage.Bucket{Of: &of, Counts: usage.Counts{Requests: requests, UncachedInput: uncached, CacheWrite5m: m5,
		CacheWrite1h: h1, CacheRead: read, Output: output, WebSearches: searches}}
}

func minutesOf(kind usage.SourceKind, from time.Time, buckets ...[]usage.Bucket) []usage.Minute {
	var all []usage.Minute
	for i, b := range buckets {
		all = append(all, usage.Minute{Start: from.Add(time.Duration(i) * time.Minute), ReadAt: tick, Source: kind, Buckets: b})
	}
	return all
}

func TestAnalyticsPagesBecomeMinutes(t *testing.T) {
	t.Parallel()
	got, err := pages(t, "analytics_usage_1m_page1.json", "analytics_usage_1m_page2.json").client().
		Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if err != nil {
		t.Fatal(err)
	}
	of := func(model, workspace, tier, speed, product string) usage.Combination {
		return usage.Combination{Model: model, WorkspaceID: workspace, ServiceTier: tier, Speed: speed, Product: product}
	}
	opus := of("claude-opus-4-8", orgAgents, "standard", "standard", "messages_api")
	want := Answer{
		Minutes: minutesOf(usage.SourceAnalytics, minute(9, 57), []usage.Bucket{
			used(opus, 34, 412350, 88210, 0, 1904400, 61877, 0),
			used(of("claude-sonnet-5-5", orgCode, "standard", "standard", "claude_code"), 3, 3310, 12800, 0, 181002, 1944, 0),
			used(of("claude-sonnet-5-5", orgDefault, "standard", "standard", "messages_api"), 2, 15200, 4096, 0, 98304, 2210, 3),
			used(of("claude-haiku-4-5-20251001", orgAgents, "standard", "standard", "messages_api"), 57, 20931, 0, 0, 0, 5120, 0),
			used(usage.Combination{WorkspaceID: orgAgents}, 4, 0, 0, 0, 0, 0, 0), // code execution counts spans
		}, nil, []usage.Bucket{ // 09:59 is split over the pages
			used(opus, 38, 455008, 12044, 30500, 2210888, 70311, 0),
			used(of("claude-sonnet-4-6", orgBatch, "batch", "standard", "message_batches_api"), 412, 1830400, 0, 0, 0, 240110, 0),
		}, []usage.Bucket{
			used(opus, 33, 398761, 9120, 0, 2001330, 58940, 0),
			used(of("claude-opus-5-5", orgAgents, "standard", "fast", "messages_api"), 5, 30120, 0, 0, 210400, 8112, 0),
			used(of("claude-opus-4-8", orgAgents, "priority", "standard", "messages_api"), 6, 51200, 0, 0, 120000, 9100, 0),
		}, []usage.Bucket{
			used(of("claude-sonnet-5-5", orgDefault, "standard", "standard", "messages_api"), 2, 7421, 0, 0, 0, 1033, 0),
		}, nil),
		Newest: minute(10, 1), RefreshedAt: time.Date(2026, 11, 23, 10, 4, 10, 0, time.UTC), Pages: 2, ReadAt: tick,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestReportPagesBecomeMinutesWithoutRequests(t *testing.T) {
	t.Parallel()
	got, err := pages(t, "usage_messages_1m_grouped_page1.json", "usage_messages_1m_grouped_page2.json").client().
		Usage(t.Context(), recordedHour(usage.SourceReport))
	if err != nil {
		t.Fatal(err)
	}
	of := func(model, workspace, tier string) usage.Combination {
		return usage.Combination{Model: model, WorkspaceID: workspace, ServiceTier: tier}
	}
	const no = usage.RequestsUnknown
	opus := of("claude-opus-4-8", orgAgents, "standard")
	want := Answer{
		Minutes: minutesOf(usage.SourceReport, minute(9, 57), []usage.Bucket{
			used(opus, no, 412350, 88210, 0, 1904400, 61877, 0),
			used(of("claude-haiku-4-5-20251001", orgAgents, "standard"), no, 20931, 0, 0, 0, 5120, 0),
			used(of("claude-sonnet-5-5", orgDefault, "standard"), no, 15200, 4096, 0, 98304, 2210, 3), // null workspace
		}, nil, []usage.Bucket{
			used(opus, no, 455008, 12044, 30500, 2210888, 70311, 0),
			used(of("claude-sonnet-4-6", orgBatch, "batch"), no, 1830400, 0, 0, 0, 240110, 0),
		}, []usage.Bucket{
			used(opus, no, 398761, 9120, 0, 2001330, 58940, 0),
			used(of("claude-opus-4-8", orgAgents, "priority"), no, 51200, 0, 0, 120000, 9100, 0),
		}, []usage.Bucket{
			used(of("claude-sonnet-5-5", orgDefault, "standard"), no, 7421, 0, 0, 0, 1033, 0),
		}, nil),
		Newest: minute(10, 1), Pages: 2, ReadAt: tick,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestCombinationsAreShared(t *testing.T) {
	t.Parallel()
	got, err := pages(t, "analytics_usage_1m_page1.json", "analytics_usage_1m_page2.json").client().
		Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if err != nil {
		t.Fatal(err)
	}
	known := map[usage.Combination]*usage.Combination{}
	for _, m := range got.Minutes {
		for _, b := range m.Buckets {
			if first, ok := known[*b.Of]; ok && first != b.Of {
				t.Errorf("%s: %v has a second pointer", m.Start, *b.Of)
			}
			known[*b.Of] = b.Of
		}
	}
}

func TestNullWorkspaceWithoutAKnownDefaultIsNoted(t *testing.T) {
	t.Parallel()
	q := recordedHour(usage.SourceReport)
	q.DefaultWorkspaceID = ""
	got, err := pages(t, "usage_messages_1m_grouped_page1.json", "usage_messages_1m_grouped_page2.json").client().Usage(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if id := got.Minutes[0].Buckets[2].Of.WorkspaceID; id != "" {
		t.Errorf("got workspace %q, want none", id)
	}
	want := []string{"rows counted as outside any workspace because the id of the default one is not known: 2, the first of 2026-11-23T09:57:00Z"}
	if diff := cmp.Diff(want, got.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestQueriesTheAPIWouldRefuseAreNotAsked(t *testing.T) {
	t.Parallel()
	a := says(t, `{}`)
	for name, tt := range map[string]struct {
		change func(*Query)
		want   string
	}{
		"unknown source": {func(q *Query) { q.Source = "console" }, `there is no source "console"`},
		"no time":        {func(q *Query) { q.From = time.Time{} }, "the time to ask for is not given"},
		"seconds":        {func(q *Query) { q.From = q.From.Add(time.Second) }, "the time to ask for must begin and end with a whole minute"},
		"empty":          {func(q *Query) { q.To = q.From }, "the time to ask for is empty"},
		"backwards":      {func(q *Query) { q.From, q.To = q.To, q.From }, "the time to ask for is empty"},
		"over a day":     {func(q *Query) { q.From = q.To.Add(-24*time.Hour - time.Minute) }, "24h1m0s at once is more than the 24 hours the API takes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := recordedHour(usage.SourceAnalytics)
			tt.change(&q)
			_, err := a.client().Usage(t.Context(), q)
			if err == nil || err.Error() != "fetch usage of acme: "+tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	t.Cleanup(func() {
		if n := len(a.asked()); n != 0 {
			t.Errorf("got %d requests, want none", n)
		}
	})
}

func TestTimesInOtherZonesAreTheSameMinutes(t *testing.T) {
	t.Parallel()
	q := recordedHour(usage.SourceAnalytics)
	zone := time.FixedZone("IST", 5*3600+1800)
	q.From, q.To = q.From.In(zone), q.To.In(zone)
	a := pages(t, "analytics_usage_1m_page1.json", "analytics_usage_1m_page2.json")
	got, err := a.client().Usage(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if start := got.Minutes[0].Start; start != minute(9, 57) {
		t.Errorf("got first minute %s, want 09:57 UTC", start)
	}
	if asked := a.asked()[0].URL.Query().Get("starting_at"); asked != "2026-11-23T09:57:00Z" {
		t.Errorf("got starting_at %q, want it in UTC", asked)
	}
}
