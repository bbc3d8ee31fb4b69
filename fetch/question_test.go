package fetch

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

// question is what the API saw of a request.
type question struct {
	Path, Auth, APIKey, Version, Beta, Agent string
	Query                                    url.Values
}

func asked(r *http.Request) question {
	return question{
		Path: r.URL.Path, Auth: r.Header.Get("Authorization"), APIKey: r.Header.Get("X-Api-Key"),
		Version: r.Header.Get("Anthropic-Version"), Beta: r.Header.Get("Anthropic-Beta"), Agent: r.Header.Get("User-Agent"),
		Query: r.URL.Query(),
	}
}

func TestAnalyticsIsAskedAsDocumented(t *testing.T) {
	t.Parallel()
	a := pages(t, "analytics_usage_1m_page1.json", "analytics_usage_1m_page2.json")
	c := a.client()
	c.UserAgent = "alerter/1.2.3 (+https://example.com)"
	if _, err := c.Usage(t.Context(), recordedHour(usage.SourceAnalytics)); err != nil {
		t.Fatal(err)
	}
	want := question{
		Path: "/v1/organizations/analytics/usage", Auth: "Bearer " + testKey, Version: "2026-10-21",
		Beta: "analytics-usage-cost-2026-08-24", Agent: "alerter/1.2.3 (+https://example.com)",
		Query: url.Values{
			"starting_at": {"2026-11-23T09:57:00Z"}, "ending_at": {"2026-11-23T10:03:00Z"}, "time_bucket_width": {"1m"},
			"order_by": {"time"}, "order": {"asc"}, "limit": {"1000"},
			"group_by[]": {"model", "workspace_id", "service_tier", "speed", "product"},
		},
	}
	if diff := cmp.Diff(want, asked(a.asked()[0])); diff != "" {
		t.Errorf("first page (-want +got):\n%s", diff)
	}
	want.Query.Set("page", "page_eyJvIjoidGltZSIsIm4iOjZ9")
	if diff := cmp.Diff(want, asked(a.asked()[1])); diff != "" {
		t.Errorf("second page (-want +got):\n%s", diff)
	}
}

func TestTheOlderReportIsAskedInItsOwnDialect(t *testing.T) {
	t.Parallel()
	a := pages(t, "usage_messages_1m_grouped_page1.json", "usage_messages_1m_grouped_page2.json")
	if _, err := a.client().Usage(t.Context(), recordedHour(usage.SourceReport)); err != nil {
		t.Fatal(err)
	}
	got := asked(a.asked()[1])
	want := question{
		Path: "/v1/organizations/usage_report/messages", APIKey: testKey, Version: "2023-06-01",
		Beta: "fast-mode-2026-02-01", Agent: got.Agent,
		Query: url.Values{
			"starting_at": {"2026-11-23T09:57:00Z"}, "ending_at": {"2026-11-23T10:03:00Z"}, "bucket_width": {"1m"}, "limit": {"6"},
			"group_by[]": {"model", "workspace_id", "service_tier", "speed"},
			"page":       {"page_MjAyNi0xMS0yM1QxMDowMDowMFo="},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("second page (-want +got):\n%s", diff)
	}
}

func TestADayOfTheOlderReportIsOnePage(t *testing.T) {
	t.Parallel()
	a := says(t, `{"data":[],"has_more":false,"next_page":null}`)
	q := Query{Source: usage.SourceReport, From: minute(10, 0).AddDate(0, 0, -1), To: minute(10, 0)}
	if _, err := a.client().Usage(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if got := a.asked()[0].URL.Query().Get("limit"); got != "1440" {
		t.Errorf("got limit %s, want 1440", got)
	}
}

func TestAnOAuthTokenIsABearerTokenEverywhere(t *testing.T) {
	t.Parallel()
	a := says(t, `{"data":[],"has_more":false,"next_page":null}`)
	c := a.client()
	token := "sk-ant-" + "oat01-" + "abcdefgh"
	c.Key = func() (string, error) { return token, nil }
	if _, err := c.Usage(t.Context(), recordedHour(usage.SourceReport)); err != nil {
		t.Fatal(err)
	}
	if got := asked(a.asked()[0]); got.Auth != "Bearer "+token || got.APIKey != "" || got.Version != "2023-06-01" {
		t.Errorf("got %+v, want a bearer token with version 2023-06-01", got)
	}
}

func TestNamesAndLimitsAreAskedAsDocumented(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.URL.Path == "/v1/organizations/me" {
			_, _ = w.Write([]byte(`{"id":"1","name":"Acme","type":"organization"}`))
			return
		}
		_, _ = w.Write([]byte(`{"data":[],"has_more":false,"next_page":null,"last_id":null}`))
	})
	c := a.client()
	for _, call := range []func() error{
		func() error { _, err := c.Organization(t.Context()); return err },
		func() error { _, err := c.Workspaces(t.Context()); return err },
		func() error { _, err := c.Keys(t.Context()); return err },
		func() error { _, err := c.OrganizationLimits(t.Context()); return err },
		func() error { _, err := c.WorkspaceLimits(t.Context(), orgAgents); return err },
	} {
		if err := call(); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, r := range a.asked() {
		got = append(got, r.URL.String())
		if q := asked(r); q.Auth != "Bearer "+testKey || q.APIKey != "" || q.Version != "2026-10-21" || q.Beta != "" {
			t.Errorf("%s: got headers %+v", r.URL.Path, q)
		}
	}
	want := []string{
		"/v1/organizations/me",
		"/v1/organizations/workspaces?include_archived=true&include_default=true&limit=1000",
		"/v1/organizations/api_keys?limit=1000",
		"/v1/organizations/rate_limits",
		"/v1/organizations/workspaces/" + orgAgents + "/rate_limits?include_inherited=true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// Not parallel: t.Setenv changes the process.
func TestTheEnvironmentTakesNoPart(t *testing.T) {
	elsewhere := says(t, `{}`)
	t.Setenv("ANTHROPIC_BASE_URL", elsewhere.URL)
	t.Setenv("ANTHROPIC_API_KEY", "environment-api-key")
	t.Setenv("ANTHROPIC_AUTH_TOKEN", "environment-token")
	t.Setenv("ANTHROPIC_CUSTOM_HEADERS", "X-From-Environment: yes\nanthropic-version: 1999-01-01")
	t.Setenv("ANTHROPIC_PROFILE", "nobody")
	for _, source := range []usage.SourceKind{usage.SourceAnalytics, usage.SourceReport} {
		a := says(t, `{"data":[],"has_more":false,"next_page":null}`)
		if _, err := a.client().Usage(t.Context(), recordedHour(source)); err != nil {
			t.Fatal(err)
		}
		r := a.asked()[0]
		if r.Header.Get("X-From-Environment") != "" || asked(r).Version == "1999-01-01" {
			t.Errorf("%s: a header comes from the environment: %v", source, r.Header)
		}
		for _, v := range slices.Concat(r.Header.Values("Authorization"), r.Header.Values("X-Api-Key")) {
			if v != testKey && v != "Bearer "+testKey {
				t.Errorf("%s: got credential %q, want the client's", source, v)
			}
		}
	}
	if n := len(elsewhere.asked()); n != 0 {
		t.Errorf("got %d requests at ANTHROPIC_BASE_URL, want none", n)
	}
}

func TestTheKeyIsReadForEveryRequest(t *testing.T) {
	t.Parallel()
	a := pages(t, "analytics_usage_1m_page1.json", "analytics_usage_1m_page2.json")
	c, n := a.client(), 0
	c.Key = func() (string, error) { n++; return testKey + string(rune('a'+n)) + "\n", nil }
	if _, err := c.Usage(t.Context(), recordedHour(usage.SourceAnalytics)); err != nil {
		t.Fatal(err)
	}
	got := []string{asked(a.asked()[0]).Auth, asked(a.asked()[1]).Auth}
	if want := []string{"Bearer " + testKey + "b", "Bearer " + testKey + "c"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want the second page asked for with the newer key", got)
	}
}
