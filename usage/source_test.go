package usage_test

import (
	"testing"
	"time"

	"alerter/usage"
)

func TestTheOlderReportCountsNoRequests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind    usage.SourceKind
		limiter usage.Limiter
		want    bool
	}{
		{usage.SourceReport, usage.RequestsPerMinute, false},
		{usage.SourceReport, usage.OutputTokens, true},
		{usage.SourceAnalytics, usage.RequestsPerMinute, true},
	} {
		if got := c.kind.Counts(c.limiter); got != c.want {
			t.Errorf("%s, %s: got %v, want %v", c.kind, c.limiter, got, c.want)
		}
	}
}

func TestDataAreAsOfTheNewestMinuteOfAReportThatCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reported map[usage.SourceKind]time.Time
		want     time.Time
	}{
		"nothing was read":     {nil, time.Time{}},
		"nothing was shown":    {map[usage.SourceKind]time.Time{usage.SourceAnalytics: {}}, time.Time{}},
		"the newer one counts": {map[usage.SourceKind]time.Time{usage.SourceAnalytics: at("10:00"), usage.SourceReport: at("10:07")}, at("10:08")},
		"keys do not count":    {map[usage.SourceKind]time.Time{usage.SourceAnalytics: at("10:00"), usage.SourceKeys: at("10:07")}, at("10:01")},
	} {
		if got := usage.DataAsOf(c.reported); !got.Equal(c.want) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
