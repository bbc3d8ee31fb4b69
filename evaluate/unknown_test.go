package evaluate_test

import (
	"math"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

func TestAnUnknownSeriesSaysWhy(t *testing.T) {
	t.Parallel()
	const settle = 5 * time.Minute
	fresh := usage.Source{Kind: usage.SourceAnalytics, DataAsOf: noon.Add(-5 * time.Minute)}
	report := usage.Source{Kind: usage.SourceReport, DataAsOf: fresh.DataAsOf}
	old := usage.Source{Kind: usage.SourceAnalytics, DataAsOf: noon.Add(-72*time.Minute - 30*time.Second)}
	nan := math.NaN()
	unlimited := minutes(usage.OutputTokens, 0.5)
	unlimited.Points[0].Limit = nan
	gap := minutes(usage.OutputTokens, append([]float64{0.5}, nan, nan, nan, nan, nan, nan, nan)...)
	for _, c := range []struct {
		series usage.Series
		source usage.Source
		want   string
	}{
		{minutes(usage.OutputTokens, 0.5), fresh, ""},
		{unlimited, fresh, "the limit of its newest minute is not known"},
		{minutes(usage.OutputTokens, nan), usage.Source{}, "no usage has been seen yet"},
		{minutes(usage.RequestsPerMinute, nan), old, "the newest usage data are 1h12m old"},
		{minutes(usage.RequestsPerMinute, nan), report, "usage_report, the report in use, does not count requests"},
		{minutes(usage.TokensPerDay, nan), fresh, "less than nine tenths of its last 24 hours has been read"},
		{gap, fresh, "its newest minutes have not been read"},
		{minutes(usage.RequestsPerMinute, nan), fresh, "its newest minutes have not been read"},
	} {
		if got := evaluate.WhyUnknown(noon, &c.series, c.source, settle); got != c.want {
			t.Errorf("%s: got %q, want %q", c.series.ID.Limiter, got, c.want)
		}
	}
}
