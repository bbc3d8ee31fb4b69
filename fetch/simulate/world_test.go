package simulate_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"alerter/fetch/simulate"
)

const (
	key      = "sk-ant-admin01-test"
	beta     = "analytics-usage-cost-2026-08-24"
	home     = "wrkspc_home"
	shop     = "wrkspc_shop"
	old      = "wrkspc_old"
	keyShop  = "apikey_shop"
	keyHome  = "apikey_home"
	opus     = "claude-opus-4-8"
	sonnet   = "claude-sonnet-5-5"
	usage    = "/v1/organizations/analytics/usage"
	cost     = "/v1/organizations/analytics/cost"
	report   = "/v1/organizations/usage_report/messages"
	costs    = "/v1/organizations/cost_report"
	limits   = "/v1/organizations/rate_limits"
	spaces   = "/v1/organizations/workspaces"
	apiKeys  = "/v1/organizations/api_keys"
	shopSelf = "/v1/organizations/workspaces/" + shop + "/rate_limits"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// clock is a time that a test sets.
type clock struct{ ns atomic.Int64 }

func (c *clock) set(t time.Time) { c.ns.Store(t.UnixNano()) }
func (c *clock) now() time.Time  { return time.Unix(0, c.ns.Load()).UTC() }

func row(at time.Time, requests, uncached, write5m, write1h, read, output, searches int64) simulate.Row {
	return simulate.Row{At: at, Counts: simulate.Counts{Requests: requests, Uncached: uncached, CacheWrite5m: write5m,
		CacheWrite1h: write1h, CacheRead: read, Output: output, WebSearches: searches}}
}

func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// small is an organization with rows that can be added up by hand: all of them
// in the minutes from 12:00 to 12:03, none at 12:01.
func small() simulate.Config {
	jana := &simulate.Actor{Type: "user_actor", ID: "user_jana", Name: "Jana", Email: "jana@example.com"}
	gone := &simulate.Actor{Type: "user_actor", ID: "user_gone", Name: "Gone", Email: "gone@example.com", Deleted: true}
	stream := func(w, model, apiKey, product, tier, speed string, rows ...simulate.Row) simulate.Stream {
		return simulate.Stream{Workspace: w, Model: model, APIKey: apiKey, Product: product, ServiceTier: tier, Speed: speed,
			ContextWindow: "0-200k", InferenceGeo: "global", Rows: rows}
	}
	person := stream(shop, sonnet, "", "claude_code", "standard", "standard", row(at(2), 3, 100, 0, 0, 900, 50, 0))
	person.Actor, person.InferenceGeo = jana, ""
	former := stream(shop, sonnet, "", "claude_code", "standard", "standard", row(at(2), 1, 10, 0, 0, 90, 5, 0))
	former.Actor = gone
	blind := stream(home, sonnet, "", "claude_console", "standard", "standard", row(at(3), 0, 40, 0, 0, 0, 4, 0))
	blind.Uncounted = true
	return simulate.Config{
		Organization: smallOrganization(),
		Traffic: simulate.Traffic{
			Epoch: noon.Add(-48 * time.Hour), Discount: 0.2,
			Prices: map[string]simulate.Price{opus: {Input: 500, Output: 2500}, sonnet: {Input: 300, Output: 1500}},
			Streams: []simulate.Stream{
				stream(shop, opus, keyShop, "messages_api", "standard", "standard",
					row(at(0), 34, 412350, 88210, 0, 1904400, 61877, 0), row(at(2), 38, 455008, 12044, 30500, 2210888, 70311, 0)),
				stream(shop, opus, keyShop, "messages_api", "priority", "standard", row(at(2), 6, 51200, 0, 0, 120000, 9100, 0)),
				stream(shop, opus, keyShop, "messages_api", "standard", "fast", row(at(3), 5, 30120, 0, 0, 210400, 8112, 0)),
				stream(home, sonnet, keyHome, "messages_api", "standard", "standard",
					row(at(0), 2, 15200, 4096, 0, 98304, 2210, 3), row(at(3), 2, 7421, 0, 0, 0, 1033, 0)),
				stream(shop, sonnet, keyShop, "message_batches_api", "batch", "standard", row(at(2), 412, 1830400, 0, 0, 0, 240110, 0)),
				person, former, blind,
				{Workspace: shop, Rows: []simulate.Row{row(at(0), 4, 0, 0, 0, 0, 0, 0)}}, // code execution
			},
		},
		Now:       func() time.Time { return at(60) },
		AdminKeys: []string{key, "sk-ant-admin01-other"},
		Start:     noon,
	}
}

func smallOrganization() simulate.Organization {
	made := time.Date(2026, 2, 11, 9, 14, 55, 0, time.UTC)
	return simulate.Organization{
		ID: "5a1c3a4e-8f5d-4d7e-9a43-0c5f6b1d2e70", Name: "Small",
		Workspaces: []simulate.Workspace{
			{ID: home, Name: "Default", Default: true, CreatedAt: made},
			{ID: shop, Name: "shop", CreatedAt: made, Models: []string{opus}, Tags: map[string]string{"env": "prod"}},
			{ID: old, Name: "old", CreatedAt: made, ArchivedAt: made.Add(time.Hour), Geos: []string{"us"}},
		},
		Keys: []simulate.APIKey{
			{ID: keyShop, Name: "shop", Workspace: shop, CreatedAt: made, CreatedBy: "svac_1", Principal: "svac_1", ExpiresAt: made.Add(9000 * time.Hour), Hint: "sk-ant-api03-R9f...vQAA"},
			{ID: keyHome, Name: "home", Workspace: home, CreatedAt: made},
			{ID: "apikey_org", Name: "org", CreatedAt: made, CreatedBy: "user_jana", Principal: "user_jana"},
			{ID: "apikey_old", Name: "old", Workspace: old, CreatedAt: made, Status: "archived"},
		},
		Groups: []simulate.Group{
			{ID: "rlg_opus", RateLimitID: "rl_opus", Type: "model_group", Name: "Claude Opus 4.x", Models: []string{opus, "claude-opus-4-7"},
				Limits: []simulate.Limit{{Type: "requests_per_minute", Value: 5000}, {Type: "input_tokens_per_minute_cache_aware", Value: 5000000}, {Type: "output_tokens_per_minute", Value: 1000000}}},
			{ID: "rlg_sonnet", RateLimitID: "rl_sonnet", Type: "model_group", Name: "Claude Sonnet 5.5", Models: []string{sonnet},
				Limits: []simulate.Limit{{Type: "requests_per_minute", Value: 600}, {Type: "input_tokens_per_minute", Value: 60000}}},
			{ID: "rlg_batch", RateLimitID: "rl_batch", Type: "batch", Limits: []simulate.Limit{{Type: "requests_per_minute", Value: 2000}, {Type: "enqueued_batch_requests", Value: 300000}}},
			{ID: "rlg_search", RateLimitID: "rl_search", Type: "web_search", Limits: []simulate.Limit{{Type: "tool_uses_per_second", Value: 30}}},
		},
		Overrides: []simulate.Override{
			{Workspace: shop, Group: "rlg_opus", Limit: simulate.Limit{Type: "requests_per_minute", Value: 1200}},
			{Workspace: shop, Group: "rlg_opus", Limit: simulate.Limit{Type: "input_tokens_per_minute", Value: 3000000}},
			{Workspace: shop, Group: "rlg_opus", Limit: simulate.Limit{Type: "output_tokens_per_minute", Value: 1500000}},
			{Workspace: shop, Group: "rlg_sonnet", Limit: simulate.Limit{Type: "requests_per_minute", Value: 5}},
		},
	}
}

func server(t testing.TB, c simulate.Config) *simulate.Server {
	t.Helper()
	s, err := simulate.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// request asks for a path in the newer dialect; headers may replace or, empty,
// remove what is sent.
func request(s http.Handler, path string, headers map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	all := map[string]string{"Authorization": "Bearer " + key, "anthropic-version": "2026-10-21",
		"anthropic-beta": "other-2026-01-01, " + beta + ",spend-limit-reads-2026-09-26"}
	maps.Copy(all, headers)
	for k, v := range all {
		if v != "" {
			r.Header.Set(k, v)
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// object is a JSON object; want of a path in it is by index.
type object = map[string]any

// get asks for what must be granted.
func get(t testing.TB, s http.Handler, path string) object {
	t.Helper()
	w := request(s, path, nil)
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: got %d %s", path, w.Code, w.Body)
	}
	return decode(t, w)
}

func decode(t testing.TB, w *httptest.ResponseRecorder) object {
	t.Helper()
	var v object
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("decode %q: %v", w.Body, err)
	}
	return v
}

func data(t testing.TB, o object) []object {
	t.Helper()
	list, ok := o["data"].([]any)
	if !ok {
		t.Fatalf("no data in %v", o)
	}
	out := []object{}
	for _, v := range list {
		out = append(out, v.(object))
	}
	return out
}

// dig follows keys and indices into nested JSON.
func dig(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(object)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v
}

// text is a short way to compare JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(b)
}

// hourQuery is a query over the rows of small, minute by minute, oldest first.
func hourQuery(more string) string {
	return "?starting_at=2026-11-23T12:00:00Z&ending_at=2026-11-23T13:00:00Z&time_bucket_width=1m&order_by=time&order=asc" + more
}
