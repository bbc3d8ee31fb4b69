package fetch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/anthropics/anthropic-sdk-go/v2"

	"alerter/usage"
)

// Probe asks whether a report can be read and how fresh it is: newest is the start
// of the newest minute with a row within 24 hours before at, zero without any. It
// costs one small page. SourceKeys is probed as SourceAnalytics. An answer that
// refuses the report is a [StatusError] with Refused.
func (c *Client) Probe(ctx context.Context, source usage.SourceKind, at time.Time) (newest time.Time, err error) {
	if err := c.ready(); err != nil {
		return time.Time{}, err
	}
	ctx, cancel := bounded(ctx, callTimeout)
	defer cancel()
	switch source {
	case usage.SourceAnalytics, usage.SourceKeys:
		newest, err = c.probeAnalytics(ctx, at)
	case usage.SourceReport:
		newest, err = c.probeReport(ctx, at)
	default:
		err = fmt.Errorf("there is no source %q", source)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("probe usage%s: %w", c.of(), err)
	}
	return newest, nil
}

// probeAnalytics asks for the newest row of the last day.
func (c *Client) probeAnalytics(ctx context.Context, at time.Time) (time.Time, error) {
	to := at.UTC().Truncate(time.Minute)
	r := analyticsRequest(anthropic.BetaOrganizationAnalyticsUsageListParams{
		StartingAt:      to.Add(-maxSpan),
		EndingAt:        anthropic.Time(to),
		TimeBucketWidth: anthropic.BetaAnalyticsTimeBucketWidthMinute,
		OrderBy:         anthropic.BetaAnalyticsUsageOrderByTime,
		Order:           anthropic.BetaAnalyticsUsageCostSortOrderDesc,
		Limit:           anthropic.Int(1),
	})
	t := newTally(to.Add(-maxSpan), to)
	_, err := c.usagePage(ctx, report{ask: func(string) request { return r }, row: readAnalyticsRow}, "", t, 1)
	if refused, ok := errors.AsType[*StatusError](err); ok {
		refused.probing = true
	}
	return t.newestStart(), err
}

// probeReport looks for the newest bucket with a row: in the last two hours, and
// if there is none in the last day.
func (c *Client) probeReport(ctx context.Context, at time.Time) (time.Time, error) {
	to := at.UTC().Truncate(time.Minute)
	for _, back := range []time.Duration{2 * time.Hour, maxSpan} {
		t := newTally(to.Add(-back), to)
		ask := func(string) request { return reportRequest(reportValues(to.Add(-back), to, reportBuckets), "") }
		row := func(b *body, t *tally, page int) rowReader { return readReportBucket(b, t, page, "") }
		if _, err := c.usagePage(ctx, report{ask: ask, row: row}, "", t, 1); err != nil {
			return time.Time{}, err
		}
		if t.newest >= 0 {
			return t.newestStart(), nil
		}
	}
	return time.Time{}, nil
}
