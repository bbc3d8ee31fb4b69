package usage_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

// merged says for each minute whose tokens and whose requests count, an asterisk
// for what is not final.
func merged(w usage.Window, minutes []usage.Minute) []string {
	name := func(m *usage.Minute, final bool) string {
		switch {
		case m == nil:
			return "unknown"
		case final:
			return string(m.Source)
		}
		return string(m.Source) + "*"
	}
	var got []string
	for m := range usage.Merge(w, slices.Values(minutes)) {
		got = append(got, fmt.Sprintf("%s tokens %s, requests %s", m.Start.Format("15:04"),
			name(m.Tokens, m.TokensFinal), name(m.Requests, m.RequestsFinal)))
	}
	return got
}

func TestMergeTakesTokensFromThePreferredReportAndRequestsFromAnalytics(t *testing.T) {
	t.Parallel()
	reading := func(clock string, source usage.SourceKind, readAt string) usage.Minute {
		return usage.Minute{Start: at(clock), Source: source, ReadAt: at(readAt)}
	}
	const analytics, report, keys = usage.SourceAnalytics, usage.SourceReport, usage.SourceKeys
	minutes := []usage.Minute{
		reading("10:00", analytics, "10:20"), reading("10:00", report, "10:20"),
		reading("10:01", analytics, "10:20"),
		reading("10:02", report, "10:20"),
		reading("10:03", report, "10:20"), reading("10:03", analytics, "10:06"), // read early
		reading("10:04", keys, "10:20"),
		reading("10:05", keys, "10:20"), reading("10:05", report, "10:20"),
		reading("10:06", analytics, "10:20"), reading("10:06", report, "10:20"), // analytics has not come so far
		reading("10:07", analytics, "10:20"),
		reading("10:16", analytics, "10:20"), reading("10:16", report, "10:20"), // not settled
	}
	w := usage.Window{
		At: at("10:20"), Settle: 5 * time.Minute,
		Reported: map[usage.SourceKind]time.Time{analytics: at("10:05"), report: at("10:18")},
	}
	for prefer, first := range map[usage.SourceKind]string{
		analytics: "tokens analytics", report: "tokens usage_report", "": "tokens analytics",
	} {
		w.Prefer = prefer
		want := []string{
			"10:00 " + first + ", requests analytics",
			"10:01 tokens analytics, requests analytics",
			"10:02 tokens usage_report, requests unknown",
			"10:03 tokens usage_report, requests analytics*",
			"10:05 tokens usage_report, requests unknown",
			"10:06 tokens usage_report, requests unknown",
			"10:07 tokens unknown, requests unknown",
			"10:16 tokens usage_report*, requests unknown",
		}
		if diff := cmp.Diff(want, merged(w, minutes)); diff != "" {
			t.Errorf("prefer %q (-want +got):\n%s", prefer, diff)
		}
	}
}

func TestMergeStopsWhenAsked(t *testing.T) {
	t.Parallel()
	minutes := every(ten(), usage.SourceAnalytics)
	seen := 0
	for range usage.Merge(ten(), slices.Values(minutes)) {
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("got %d minutes, want 3", seen)
	}
}

// Tokens come from the older report while analytics/usage is behind; its
// requests fill in when they arrive.
func TestRequestsFillInWhenTheyArriveLater(t *testing.T) {
	t.Parallel()
	w := recordedWindow()
	w.Prefer = usage.SourceReport
	limits, _ := usage.Apply(usage.Limits{}, []usage.Reading{recordedLimits(t, "", "rate_limits_org.json")}, at("09:00"))
	both := func(newest string) []usage.Series {
		w.Reported[usage.SourceAnalytics] = at(newest)
		minutes := append(analyticsMinutes(t, w.At), reportMinutes(t, w.At)...)
		slices.SortStableFunc(minutes, func(x, y usage.Minute) int { return x.Start.Compare(y.Start) })
		series, _ := usage.Join(w, slices.Values(minutes), limits, recordedOrganization(t))
		return series
	}
	behind := both("09:58")
	compare(t, "requests while analytics is behind", used(find(t, behind, "", opus4, usage.RequestsPerMinute)), []float64{34, 0, nan, nan, nan, nan})
	compare(t, "tokens", used(find(t, behind, "", opus4, usage.OutputTokens)), []float64{61_877, 0, 70_311, 68_040, 0, nan})
	if got := find(t, behind, "", opus4, usage.RequestsPerMinute).Settled; got != 2 {
		t.Errorf("got %d settled minutes of requests, want 2", got)
	}
	later := both("10:01")
	compare(t, "requests later", used(find(t, later, "", opus4, usage.RequestsPerMinute)), []float64{34, 0, 38, 39, 0, nan})
	compare(t, "tokens are still the older report's", used(find(t, later, "", sonnet5, usage.InputTokens)), []float64{117_600, 0, 0, 0, 7_421, nan})
}

func TestRequestsMayBeAsEarlyAsTokensAreFinal(t *testing.T) {
	t.Parallel()
	w := ten()
	w.Prefer = usage.SourceReport
	var minutes []usage.Minute
	for i, m := range every(w, usage.SourceReport, bucket(usage.Counts{Output: 10, Requests: usage.RequestsUnknown})) {
		requests := m
		requests.Source, requests.Buckets = usage.SourceAnalytics, nil
		if i >= 5 {
			requests.ReadAt = m.Start.Add(time.Minute)
		}
		if i%2 == 1 {
			requests.Buckets = []usage.Bucket{bucket(usage.Counts{Requests: 3})}
		}
		minutes = append(minutes, m, requests)
	}
	series, _ := join(w, minutes, small(usage.Limit{Limiter: usage.OutputTokens, Value: 100}, usage.Limit{Limiter: usage.RequestsPerMinute, Value: 9}))
	compare(t, "tokens", used(series[0]), slices.Repeat([]float64{10}, 10))
	compare(t, "requests", used(series[1]), []float64{0, 3, 0, 3, 0, 3, nan, 3, nan, 3})
	if series[0].Settled != 10 || series[1].Settled != 5 {
		t.Errorf("got %d and %d settled, want 10 and 5", series[0].Settled, series[1].Settled)
	}
}
