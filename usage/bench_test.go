package usage_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"alerter/usage"
)

// BenchmarkJoin joins two hours of a large organization: each workspace has its
// own three limits in each of twenty groups, and uses each group's model.
func BenchmarkJoin(b *testing.B) {
	for _, series := range []int{500, 1_000, 10_000} {
		b.Run(fmt.Sprintf("series=%d", series), func(b *testing.B) {
			w, minutes, limits, org := large(series)
			b.ReportAllocs()
			for b.Loop() {
				got, _ := usage.Join(w, slices.Values(minutes), limits, org)
				if len(got) != series {
					b.Fatalf("got %d series, want %d", len(got), series)
				}
			}
		})
	}
}

// BenchmarkJoinUnshared is the same with a combination of its own behind every bucket.
func BenchmarkJoinUnshared(b *testing.B) {
	w, minutes, limits, org := large(10_000)
	for _, m := range minutes {
		for i, bucket := range m.Buckets {
			of := *bucket.Of
			m.Buckets[i].Of = &of
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		usage.Join(w, slices.Values(minutes), limits, org)
	}
}

func BenchmarkPressure(b *testing.B) {
	u := make([]float64, 15)
	for i := range u {
		u[i] = 0.5 + float64(i%4)/10
	}
	b.ReportAllocs()
	for b.Loop() {
		usage.Pressure(u, 1)
	}
}

func BenchmarkConsumers(b *testing.B) {
	w, minutes, limits, org := large(10_000)
	series, _ := usage.Join(w, slices.Values(minutes), limits, org)
	var ids []usage.ID
	for _, s := range series[:10] {
		ids = append(ids, s.ID)
	}
	b.ReportAllocs()
	for b.Loop() {
		usage.Consumers(slices.Values(minutes), limits, org, ids, w.To.Add(-15*time.Minute), w.To, 3)
	}
}

// large is two hours of an organization with the given number of series, in which
// each workspace uses each group's model.
func large(series int) (usage.Window, []usage.Minute, usage.Limits, usage.Organization) {
	const minutes = 120
	from := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	at := from.Add(minutes * time.Minute)
	readings, combinations, org := largeReadings(series)
	limits, _ := usage.Apply(usage.Limits{}, readings, from)
	var all []usage.Minute
	for i := range minutes {
		start := from.Add(time.Duration(i) * time.Minute)
		m := usage.Minute{Start: start, Source: usage.SourceAnalytics, ReadAt: at}
		for c, of := range combinations {
			m.Buckets = append(m.Buckets, usage.Bucket{Of: of, Counts: usage.Counts{
				Requests: 7, UncachedInput: int64(1000 + c), CacheRead: 500, Output: int64(i),
			}})
		}
		all = append(all, m)
	}
	w := usage.Window{
		At: at, From: from, To: at, Settle: 5 * time.Minute, Prefer: usage.SourceAnalytics,
		Reported: map[usage.SourceKind]time.Time{usage.SourceAnalytics: at.Add(-time.Minute)},
	}
	return w, all, limits, org
}

// largeReadings are the given number of limits in 20 groups, 60 of them the
// organization's own and the others of workspaces, with what each is used by.
func largeReadings(series int) (readings []usage.Reading, combinations []*usage.Combination, org usage.Organization) {
	const groups = 20
	limiters := []usage.Limiter{usage.RequestsPerMinute, usage.InputTokensCacheAware, usage.OutputTokens}
	org = usage.Organization{ID: "org", Name: "acme"}
	for left, ws := series, 0; left > 0; ws++ {
		reading := usage.Reading{}
		if ws > 0 {
			reading.WorkspaceID = fmt.Sprintf("wrkspc_%04d", ws)
			org.Workspaces = append(org.Workspaces, usage.Workspace{ID: reading.WorkspaceID, Name: fmt.Sprint("team ", ws)})
		}
		for g := range groups {
			model := fmt.Sprint("model-", g)
			entry := usage.Entry{Group: usage.Group{
				ID: fmt.Sprintf("rlg_%02d", g), Type: usage.ModelGroup, Name: fmt.Sprint("Model ", g), Models: []string{model},
			}}
			for _, l := range limiters {
				if left > 0 {
					entry.Limits = append(entry.Limits, usage.Value{Limiter: l, Value: 1_000_000})
					left--
				}
			}
			reading.Entries = append(reading.Entries, entry)
			combinations = append(combinations, &usage.Combination{
				Model: model, WorkspaceID: fmt.Sprintf("wrkspc_%04d", ws), ServiceTier: "standard", Speed: "standard", Product: "messages_api",
			})
		}
		readings = append(readings, reading)
	}
	return readings, combinations, org
}
