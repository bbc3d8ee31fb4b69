package simulate_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go/v2"
	"github.com/anthropics/anthropic-sdk-go/v2/option"

	"alerter/fetch/simulate"
)

// vendor is the vendor's own client, in the newer dialect.
func vendor(t *testing.T, s http.Handler) anthropic.Client {
	t.Helper()
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return anthropic.NewClient(option.WithoutEnvironmentDefaults(), option.WithBaseURL(web.URL), option.WithAPIKey(key),
		option.WithHTTPClient(web.Client()), option.WithMaxRetries(0))
}

func TestVendorReadsUsage(t *testing.T) {
	t.Parallel()
	client := vendor(t, server(t, small()))
	params := anthropic.BetaOrganizationAnalyticsUsageListParams{
		StartingAt: noon, EndingAt: anthropic.Time(at(60)), TimeBucketWidth: "1m", OrderBy: "time", Order: "asc", Limit: anthropic.Int(3),
		GroupBy: []anthropic.BetaAnalyticsUsageGroupBy{"model", "workspace_id", "service_tier", "actor"},
	}
	page, err := client.Beta.Organization.Analytics.Usage.List(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	if !page.JSON.DataRefreshedAt.Valid() || len(page.Data) != 3 || len(page.JSON.ExtraFields) != 0 {
		t.Errorf("got %s", page.RawJSON())
	}
	rows, total := 0, int64(0)
	all := client.Beta.Organization.Analytics.Usage.ListAutoPaging(t.Context(), params)
	for all.Next() {
		item := all.Current()
		rows++
		total += item.Usage.TotalTokens
		if item.StartingAt.Second() != 0 || len(item.JSON.ExtraFields)+len(item.Group.JSON.ExtraFields)+len(item.Usage.JSON.ExtraFields) != 0 {
			t.Errorf("got %s", item.RawJSON())
		}
	}
	if all.Err() != nil || rows != 11 || total != 7874493 {
		t.Errorf("got %d rows of %d tokens, %v", rows, total, all.Err())
	}
	costs := client.Beta.Organization.Analytics.Cost.ListAutoPaging(t.Context(), anthropic.BetaOrganizationAnalyticsCostListParams{
		StartingAt: noon, EndingAt: anthropic.Time(at(60)), GroupBy: []anthropic.BetaAnalyticsCostGroupBy{"model", "token_type"}, Limit: anthropic.Int(1)})
	n := 0
	for costs.Next() {
		n++
		if c := costs.Current(); c.Cost.Currency != "USD" || c.Cost.JSON.Requests.Valid() || len(c.JSON.ExtraFields)+len(c.Group.JSON.ExtraFields) != 0 {
			t.Errorf("got %s", c.RawJSON())
		}
	}
	if costs.Err() != nil || n != 9 { // no writes for an hour by sonnet
		t.Errorf("got %d cost rows, %v", n, costs.Err())
	}
}

func TestVendorReadsLimitsAndNames(t *testing.T) {
	t.Parallel()
	client := vendor(t, server(t, small()))
	me, err := client.Organization.Get(t.Context())
	if err != nil || me.Name != "Small" {
		t.Errorf("got %v, %v", me, err)
	}
	groups := client.Organization.RateLimits.ListAutoPaging(t.Context(), anthropic.OrganizationRateLimitListParams{Limit: anthropic.Int(1)})
	n := 0
	for groups.Next() {
		n++
		if g := groups.Current(); g.Group.AsAny() == nil || len(g.JSON.ExtraFields) != 0 {
			t.Errorf("got %s", g.RawJSON())
		}
	}
	if groups.Err() != nil || n != 4 {
		t.Errorf("got %d groups, %v", n, groups.Err())
	}
	mine := client.Organization.Workspaces.RateLimits.ListAutoPaging(t.Context(), shop, anthropic.OrganizationWorkspaceRateLimitListParams{IncludeInherited: anthropic.Bool(true)})
	for mine.Next() {
		for _, l := range mine.Current().Limits {
			if l.Type == "input_tokens_per_minute" && l.JSON.OrgLimit.Valid() {
				t.Errorf("got an organization limit of %d, want null", l.OrgLimit)
			}
		}
	}
	if mine.Err() != nil {
		t.Error(mine.Err())
	}
	spaces := client.Organization.Workspaces.ListAutoPaging(t.Context(), anthropic.OrganizationWorkspaceListParams{
		IncludeDefault: anthropic.Bool(true), IncludeArchived: anthropic.Bool(true), Limit: anthropic.Int(2)})
	for n = 0; spaces.Next(); n++ {
		if w := spaces.Current(); len(w.JSON.ExtraFields) != 0 {
			t.Errorf("got %s", w.RawJSON())
		}
	}
	if spaces.Err() != nil || n != 3 {
		t.Errorf("got %d workspaces, %v", n, spaces.Err())
	}
	keys := client.Organization.APIKeys.ListAutoPaging(t.Context(), anthropic.OrganizationAPIKeyListParams{Limit: anthropic.Int(1)})
	for n = 0; keys.Next(); n++ {
		if k := keys.Current(); len(k.JSON.ExtraFields) != 0 {
			t.Errorf("got %s", k.RawJSON())
		}
	}
	if keys.Err() != nil || n != 4 {
		t.Errorf("got %d keys, %v", n, keys.Err())
	}
}

func TestVendorUnderstandsRefusals(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	client := vendor(t, s)
	inject(t, s, simulate.Fault{Kind: simulate.NotEnrolled, Count: 1})
	_, err := client.Beta.Organization.Analytics.Usage.List(t.Context(), anthropic.BetaOrganizationAnalyticsUsageListParams{StartingAt: noon})
	var refused *anthropic.Error
	if !errors.As(err, &refused) || refused.StatusCode != 400 || refused.ErrorCode() != "organization_not_enrolled_in_beta" || refused.RequestID == "" {
		t.Errorf("got %v", err)
	}
	inject(t, s, simulate.Fault{Kind: simulate.Hang}) // for good: a busy machine may never get to ask
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := client.Organization.Get(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	s.Clear()
	_, err = client.Organization.Workspaces.RateLimits.List(t.Context(), home, anthropic.OrganizationWorkspaceRateLimitListParams{})
	if !errors.As(err, &refused) || refused.Type() != "not_found_error" {
		t.Errorf("got %v", err)
	}
}
