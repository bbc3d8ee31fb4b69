package fetch

import (
	"context"
	"encoding/json"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/anthropics/anthropic-sdk-go/v2"

	"alerter/usage"
)

const (
	costPath       = "v1/organizations/analytics/cost"
	costReportPath = "v1/organizations/cost_report"
	costRows       = 1000 // of a page; the default is 20
	costBuckets    = 31   // of a page of the older report, the most the API takes
)

// RawCost reads one page of what was paid for, day by day in the order of time: by
// model and workspace from analytics/cost, by workspace and description from the older
// report.
func (c *Client) RawCost(ctx context.Context, q RawQuery) (RawPage, error) {
	r := costRequest(q)
	if q.Source == usage.SourceReport {
		r = costReportRequest(q)
	}
	return c.raw(ctx, "cost", func(ctx context.Context) (RawPage, error) {
		return c.rawPage(ctx, q, r, readCost)
	})
}

// ReadRawCost reads a page that [Client.RawCost] gave, to find out whether it is the last.
func ReadRawCost(r io.Reader) (RawPage, error) { return readRaw(r, readCost) }

// readCost steps through a page of either report.
func readCost(b *body, _ *RawPage) (page, error) {
	return readPage(b, func(d *json.Decoder) error { return skip(d, b.next) })
}

// costRequest is a page of analytics/cost.
// https://platform.claude.com/docs/en/api/beta/organization/analytics/cost/list
func costRequest(q RawQuery) request {
	params := anthropic.BetaOrganizationAnalyticsCostListParams{
		StartingAt:      q.From.UTC(),
		EndingAt:        anthropic.Time(q.To.UTC()),
		TimeBucketWidth: anthropic.BetaAnalyticsTimeBucketWidthDay,
		OrderBy:         anthropic.BetaAnalyticsCostOrderByTime,
		Order:           anthropic.BetaAnalyticsUsageCostSortOrderAsc,
		Limit:           anthropic.Int(costRows),
		GroupBy:         []anthropic.BetaAnalyticsCostGroupBy{anthropic.BetaAnalyticsCostGroupByModel, anthropic.BetaAnalyticsCostGroupByWorkspaceID},
	}
	if q.Cursor != "" {
		params.Page = anthropic.String(q.Cursor)
	}
	return request{endpoint: EndpointCost, path: costPath, query: params, beta: analyticsBeta, maxBody: maxListBody}
}

// costReportRequest is a page of cost_report.
// https://platform.claude.com/docs/en/api/admin/cost_report/retrieve
func costReportRequest(q RawQuery) request {
	v := url.Values{
		"starting_at":  {q.From.UTC().Format(time.RFC3339)},
		"ending_at":    {q.To.UTC().Format(time.RFC3339)},
		"bucket_width": {"1d"},
		"limit":        {strconv.Itoa(costBuckets)},
		"group_by[]":   {"workspace_id", "description"},
	}
	if q.Cursor != "" {
		v.Set("page", q.Cursor)
	}
	return request{endpoint: EndpointCostReport, path: costReportPath, query: values(v), legacy: true, maxBody: maxListBody}
}
