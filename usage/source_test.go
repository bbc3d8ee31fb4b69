package usage_test

import (
	"testing"

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
