package fetch

import (
	"encoding/json"
	"errors"

	"github.com/anthropics/anthropic-sdk-go/v2"
)

const (
	analyticsPath = "v1/organizations/analytics/usage"
	// analyticsBeta lets in to the report.
	// https://platform.claude.com/docs/en/api/beta-headers
	analyticsBeta = "analytics-usage-cost-2026-08-24"
	analyticsRows = 1000 // of a page; the default is 20
)

// rowReader reads one element of a page's data.
type rowReader func(d *json.Decoder) error

// The dimensions asked for. Five is the most the API takes.
var (
	analyticsDimensions = []anthropic.BetaAnalyticsUsageGroupBy{
		anthropic.BetaAnalyticsUsageGroupByModel, anthropic.BetaAnalyticsUsageGroupByWorkspaceID,
		anthropic.BetaAnalyticsUsageGroupByServiceTier, anthropic.BetaAnalyticsUsageGroupBySpeed,
		anthropic.BetaAnalyticsUsageGroupByProduct,
	}
	keyDimensions = []anthropic.BetaAnalyticsUsageGroupBy{
		anthropic.BetaAnalyticsUsageGroupByModel, anthropic.BetaAnalyticsUsageGroupByWorkspaceID,
		anthropic.BetaAnalyticsUsageGroupByAPIKeyID, anthropic.BetaAnalyticsUsageGroupByServiceTier,
		anthropic.BetaAnalyticsUsageGroupBySpeed,
	}
)

// analytics is the report analytics/usage by the given dimensions.
func (c *Client) analytics(q Query, by []anthropic.BetaAnalyticsUsageGroupBy) report {
	return report{
		ask: func(cursor string) request {
			params := anthropic.BetaOrganizationAnalyticsUsageListParams{
				StartingAt:      q.From,
				EndingAt:        anthropic.Time(q.To),
				TimeBucketWidth: anthropic.BetaAnalyticsTimeBucketWidthMinute,
				OrderBy:         anthropic.BetaAnalyticsUsageOrderByTime,
				Order:           anthropic.BetaAnalyticsUsageCostSortOrderAsc,
				Limit:           anthropic.Int(analyticsRows),
				GroupBy:         by,
			}
			if cursor != "" {
				params.Page = anthropic.String(cursor)
			}
			return analyticsRequest(params)
		},
		row: readAnalyticsRow,
	}
}

func analyticsRequest(params anthropic.BetaOrganizationAnalyticsUsageListParams) request {
	return request{endpoint: EndpointAnalytics, path: analyticsPath, query: params, beta: analyticsBeta, maxBody: maxUsageBody}
}

// readAnalyticsRow reads rows of analytics/usage: flat, one per minute and
// combination.
func readAnalyticsRow(_ *body, t *tally, page int) rowReader {
	var row analyticsRow
	return func(d *json.Decoder) error {
		row.StartingAt, row.EndingAt, row.Usage = moment{}, moment{}, wireCounts{}
		row.Group.reset()
		if err := into(d, &row); err != nil {
			return err
		}
		start, err := minuteOf(row.StartingAt, row.EndingAt)
		if err != nil {
			return err
		}
		if err := errors.Join(row.Group.check("group."), row.Usage.check("usage.")); err != nil {
			return err
		}
		t.cover(start)
		t.add(start, page, row.Group.combination(t.names), &row.Usage)
		return nil
	}
}
