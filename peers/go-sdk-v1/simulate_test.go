// Package sdkv1 has the last Go SDK of the older dialect (x-api-key and version
// 2023-06-01) read the simulated Admin API.
package sdkv1

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	"alerter/fetch/simulate"
)

const key = "sk-ant-admin01-peer"

// query makes url.Values a query: the SDK sends what has no such method as a body.
type query url.Values

func (q query) URLQuery() (url.Values, error) { return url.Values(q), nil }

// dialect remembers how the SDK asked.
type dialect struct {
	http.Handler
	seen []http.Header
}

func (d *dialect) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.seen = append(d.seen, r.Header)
	d.Handler.ServeHTTP(w, r)
}

func start(t *testing.T) (anthropic.Client, *dialect, time.Time) {
	t.Helper()
	c, err := simulate.Demo(1)
	if err != nil {
		t.Fatal(err)
	}
	c.Now = func() time.Time { return c.Start }
	c.AdminKeys = []string{key}
	s, err := simulate.New(c)
	if err != nil {
		t.Fatal(err)
	}
	d := &dialect{Handler: s}
	web := httptest.NewServer(d) // a free port of the loopback interface
	t.Cleanup(web.Close)
	client := anthropic.NewClient(option.WithoutEnvironmentDefaults(), option.WithBaseURL(web.URL), option.WithAPIKey(key),
		option.WithHTTPClient(web.Client()), option.WithMaxRetries(0))
	return client, d, c.Start
}

func TestLimitsAndNames(t *testing.T) {
	client, d, _ := start(t)
	groups := client.Beta.Organization.RateLimits.ListAutoPaging(t.Context(), anthropic.BetaOrganizationRateLimitListParams{Limit: anthropic.Int(4)})
	n := 0
	for groups.Next() {
		n++
		g := groups.Current()
		if string(g.GroupType) != g.Group.Type || g.GroupType == "" || len(g.JSON.ExtraFields) != 0 {
			t.Errorf("got group_type %q beside group.type %q", g.GroupType, g.Group.Type)
		}
	}
	if groups.Err() != nil || n != 10 {
		t.Errorf("got %d groups, %v", n, groups.Err())
	}
	if h := d.seen[0]; h.Get("x-api-key") != key || h.Get("anthropic-version") != "2023-06-01" || h.Get("Authorization") != "" {
		t.Errorf("the SDK asked with %v: this test is about the older dialect", h)
	}
	spaces := client.Organization.Workspaces.ListAutoPaging(t.Context(), anthropic.OrganizationWorkspaceListParams{
		Limit: anthropic.Int(2), IncludeDefault: anthropic.Bool(true), IncludeArchived: anthropic.Bool(true)})
	var names, ids []string
	for spaces.Next() {
		names, ids = append(names, spaces.Current().Name), append(ids, spaces.Current().ID)
	}
	if spaces.Err() != nil || len(names) != 6 || names[0] != "Default" {
		t.Fatalf("got workspaces %v, %v", names, spaces.Err())
	}
	mine := client.Beta.Organization.Workspaces.RateLimits.ListAutoPaging(t.Context(), ids[1], anthropic.BetaOrganizationWorkspaceRateLimitListParams{IncludeInherited: anthropic.Bool(true)})
	for n = 0; mine.Next(); n++ {
		if mine.Current().GroupType == "" {
			t.Errorf("got %s without group_type", mine.Current().RawJSON())
		}
	}
	if mine.Err() != nil || n != 10 {
		t.Errorf("got %d groups of a workspace, %v", n, mine.Err())
	}
	_, err := client.Organization.Workspaces.RateLimits.List(t.Context(), ids[0], anthropic.OrganizationWorkspaceRateLimitListParams{})
	var refused *anthropic.Error
	if !errors.As(err, &refused) || refused.StatusCode != http.StatusNotFound || refused.Type() != "not_found_error" {
		t.Errorf("got %v for the default workspace, want 404", err)
	}
	keys := client.Organization.APIKeys.ListAutoPaging(t.Context(), anthropic.OrganizationAPIKeyListParams{Limit: anthropic.Int(3)})
	for n = 0; keys.Next(); n++ {
		if _, ok := keys.Current().JSON.ExtraFields["workspace_id"]; !ok {
			t.Errorf("got %s without workspace_id", keys.Current().RawJSON())
		}
	}
	if keys.Err() != nil || n != 8 {
		t.Errorf("got %d keys, %v", n, keys.Err())
	}
}

// tokens are the counts the two reports share.
type tokens struct {
	Uncached int64 `json:"uncached_input_tokens"`
	Read     int64 `json:"cache_read_input_tokens"`
	Output   int64 `json:"output_tokens"`
}

func (a *tokens) add(b tokens) {
	a.Uncached, a.Read, a.Output = a.Uncached+b.Uncached, a.Read+b.Read, a.Output+b.Output
}

func TestReportsAgree(t *testing.T) {
	client, _, now := start(t)
	span := func() query {
		return query{"starting_at": {now.Add(-70 * time.Minute).Format(time.RFC3339)}, "ending_at": {now.Add(-10 * time.Minute).Format(time.RFC3339)}}
	}
	var older, newer tokens
	q := span()
	q["bucket_width"], q["limit"] = []string{"1m"}, []string{"7"}
	for buckets := 0; ; {
		var page struct {
			Data []struct {
				Results []struct {
					tokens
					Workspace *string `json:"workspace_id"`
				} `json:"results"`
			} `json:"data"`
			HasMore  bool    `json:"has_more"`
			NextPage *string `json:"next_page"`
		}
		if err := client.Get(t.Context(), "v1/organizations/usage_report/messages", q, &page); err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Data {
			buckets++
			for _, r := range b.Results {
				older.add(r.tokens)
			}
		}
		if !page.HasMore {
			if buckets != 60 {
				t.Errorf("got %d buckets, want 60", buckets)
			}
			break
		}
		q["page"] = []string{*page.NextPage}
	}
	q = span()
	q["time_bucket_width"], q["limit"], q["order_by"], q["order"], q["group_by[]"] = []string{"1m"}, []string{"100"}, []string{"time"}, []string{"asc"}, []string{"model", "product"}
	for {
		var page struct {
			Data []struct {
				Usage tokens `json:"usage"`
			} `json:"data"`
			HasMore  bool    `json:"has_more"`
			NextPage *string `json:"next_page"`
		}
		err := client.Get(t.Context(), "v1/organizations/analytics/usage", q, &page, option.WithHeader("anthropic-beta", "analytics-usage-cost-2026-08-24"),
			option.WithHeader("anthropic-version", "2026-10-21"))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Data {
			newer.add(r.Usage)
		}
		if !page.HasMore {
			break
		}
		q["page"] = []string{*page.NextPage}
	}
	if older != newer || older.Output == 0 {
		t.Errorf("got %+v from the older report and %+v from the newer one", older, newer)
	}
}
