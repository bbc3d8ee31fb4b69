package simulate_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRefuses(t *testing.T) {
	t.Parallel()
	const (
		span  = "?starting_at=2026-11-23T10:00:00Z&ending_at=2026-11-23T11:00:00Z"
		since = "?starting_at=2026-11-22T00:00:00Z"
	)
	six := strings.Join([]string{"", "model", "workspace_id", "api_key_id", "product", "speed", "service_tier"}, "&group_by[]=")
	tests := []struct {
		name, path string
		headers    map[string]string
		status     int
		says       string
	}{
		{"no key", limits, map[string]string{"Authorization": ""}, 401, "x-api-key header is required"},
		{"bad key", limits, map[string]string{"Authorization": "Bearer sk-ant-api03-x"}, 401, "invalid x-api-key"},
		{"bad older key", limits, map[string]string{"Authorization": "", "x-api-key": "nope"}, 401, "invalid x-api-key"},
		{"good and bad key", limits, map[string]string{"x-api-key": "nope"}, 401, "invalid x-api-key"},
		{"basic authorization", limits, map[string]string{"Authorization": "Basic abc"}, 401, "authorization"},
		{"no version", limits, map[string]string{"anthropic-version": ""}, 400, "anthropic-version"},
		{"unknown version", limits, map[string]string{"anthropic-version": "2025-01-01"}, 400, "2025-01-01"},
		{"unknown path", "/v1/organizations/nothing", nil, 404, "Not found"},
		{"outside", "/v1/messages", nil, 404, "Not found"},
		{"bad query", limits + "?a=%zz", nil, 400, "query string"},

		{"usage without beta", usage + span, map[string]string{"anthropic-beta": ""}, 400, beta},
		{"cost with another beta", cost + span, map[string]string{"anthropic-beta": "fast-mode-2026-02-01"}, 400, beta},
		{"no start", usage + "?limit=1", nil, 400, "starting_at: field required"},
		{"start is not a time", usage + "?starting_at=yesterday", nil, 400, "RFC 3339"},
		{"start without a zone", usage + "?starting_at=2026-11-23T10:00:00", nil, 400, "RFC 3339"},
		{"start twice", usage + span + "&starting_at=2026-11-23T10:00:00Z", nil, 400, "given 2 times"},
		{"start before 2026", usage + "?starting_at=2025-12-31T00:00:00Z", nil, 400, "365 days"},
		{"end before start", usage + "?starting_at=2026-11-23T10:00:00Z&ending_at=2026-11-23T10:00:00Z", nil, 400, "after starting_at"},
		{"width without end", usage + "?starting_at=2026-11-23T10:00:00Z&time_bucket_width=1m", nil, 400, "ending_at: required"},
		{"a minute more than a day", usage + "?starting_at=2026-11-22T10:00:00Z&ending_at=2026-11-23T10:01:00Z&time_bucket_width=1m", nil, 400, "24 hours"},
		{"an hour more than 31 days", usage + "?starting_at=2026-10-01T00:00:00Z&ending_at=2026-11-01T01:00:00Z&time_bucket_width=1h", nil, 400, "31 days"},
		{"unknown width", usage + span + "&time_bucket_width=5m", nil, 400, "time_bucket_width"},
		{"the older width", usage + span + "&bucket_width=1m", nil, 400, "bucket_width: extra inputs"},
		{"limit 0", usage + span + "&limit=0", nil, 400, "limit"},
		{"limit 1001", usage + span + "&limit=1001", nil, 400, "limit"},
		{"limit is not a number", cost + span + "&limit=ten", nil, 400, "limit"},
		{"limit is empty", cost + span + "&limit=", nil, 400, "limit"},
		{"six dimensions", usage + span + six, nil, 400, "at most 5"},
		{"unknown dimension", usage + span + "&group_by[]=colour", nil, 400, "group_by"},
		{"cost dimension on usage", usage + span + "&group_by[]=cost_type", nil, 400, "group_by"},
		{"group_by without brackets", usage + span + "&group_by=model", nil, 400, "group_by: extra inputs"},
		{"unknown product", usage + span + "&products[]=telepathy", nil, 400, "products"},
		{"unknown tier", usage + span + "&service_tiers[]=gold", nil, 400, "service_tiers"},
		{"unknown speed", usage + span + "&speeds[]=slow", nil, 400, "speeds"},
		{"unknown window", usage + span + "&context_windows[]=2M", nil, 400, "context_windows"},
		{"the older window filter", usage + span + "&context_window[]=0-200k", nil, 400, "context_window[]: extra inputs"},
		{"unknown geo", usage + span + "&inference_geos[]=eu", nil, 400, "inference_geos"},
		{"unknown actor type", usage + span + "&actor_types[]=robot", nil, 400, "actor_types"},
		{"empty model", usage + span + "&models[]=", nil, 400, "models"},
		{"unknown order", usage + span + "&order=up", nil, 400, "order"},
		{"unknown measure", usage + span + "&order_by=amount", nil, 400, "order_by"},
		{"usage measure on cost", cost + span + "&order_by=total_tokens", nil, 400, "order_by"},
		{"deleted users without actor", usage + span + "&exclude_deleted_users=true", nil, 400, "group_by[]=actor"},
		{"flag is neither", usage + span + "&group_by[]=actor&exclude_deleted_users=yes", nil, 400, "exclude_deleted_users"},
		{"tag users with groups", usage + span + "&group_by[]=claude_tag_user_id&group_by[]=rbac_group_id", nil, 400, "claude_tag_user_id"},
		{"made-up cursor", usage + span + "&page=page_2", nil, 400, "invalid cursor"},
		{"unknown parameter", usage + span + "&colour=red", nil, 400, "colour: extra inputs"},

		{"report without start", report, nil, 400, "starting_at"},
		{"report with the newer width", report + since + "&time_bucket_width=1m", nil, 400, "time_bucket_width"},
		{"report 1m limit", report + since + "&bucket_width=1m&limit=1441", nil, 400, "1440"},
		{"report 1h limit", report + since + "&bucket_width=1h&limit=169", nil, 400, "168"},
		{"report 1d limit", report + since + "&limit=32", nil, 400, "31"},
		{"report six dimensions", report + since + six, nil, 400, ""},
		{"report unknown dimension", report + since + "&group_by[]=product", nil, 400, "group_by"},
		{"report plural windows", report + since + "&context_windows[]=0-200k", nil, 400, "extra inputs"},
		{"report end before start", report + since + "&ending_at=2026-11-21T00:00:00Z", nil, 400, "after starting_at"},
		{"report order", report + since + "&order=asc", nil, 400, "extra inputs"},
		{"costs by the hour", costs + since + "&bucket_width=1h", nil, 400, "bucket_width"},
		{"costs filter", costs + since + "&models[]=x", nil, 400, "extra inputs"},
		{"costs unknown dimension", costs + since + "&group_by[]=model", nil, 400, "group_by"},
		{"costs limit", costs + since + "&limit=32", nil, 400, "31"},

		{"limits of an unknown model", limits + "?model=gpt", nil, 404, "gpt"},
		{"limits of an unknown group type", limits + "?group_type=dream_group", nil, 400, "group_type"},
		{"limits limit", limits + "?limit=1001", nil, 400, "limit"},
		{"limits after_id", limits + "?after_id=x", nil, 400, "extra inputs"},
		{"default workspace", "/v1/organizations/workspaces/" + home + "/rate_limits", nil, 404, "not found"},
		{"default workspace inherited", "/v1/organizations/workspaces/" + home + "/rate_limits?include_inherited=true", nil, 404, ""},
		{"unknown workspace", "/v1/organizations/workspaces/wrkspc_x/rate_limits", nil, 404, ""},
		{"workspace by name", "/v1/organizations/workspaces/shop/rate_limits", nil, 404, ""},
		{"inherited is not a flag", shopSelf + "?include_inherited=1", nil, 400, "include_inherited"},
		{"model on a workspace", shopSelf + "?model=" + opus, nil, 400, "model: extra inputs"},

		{"me", "/v1/organizations/me?x=1", nil, 400, "extra inputs"},
		{"workspaces limit", spaces + "?limit=0", nil, 400, "limit"},
		{"workspaces flag", spaces + "?include_archived=TRUE", nil, 400, "include_archived"},
		{"workspaces both cursors", spaces + "?after_id=a&before_id=b", nil, 400, "after_id"},
		{"workspaces unknown cursor", spaces + "?after_id=wrkspc_x", nil, 400, "after_id"},
		{"workspaces many ids", spaces + "?limit=1" + strings.Repeat("&ids[]=x", 101), nil, 400, "100"},
		{"workspaces page", spaces + "?page=2", nil, 400, "extra inputs"},
		{"workspace", spaces + "/wrkspc_x", nil, 404, "wrkspc_x"},
		{"key status", apiKeys + "?status=lost", nil, 400, "status"},

		{"spend limits", "/v1/organizations/spend_limits", nil, 400, "not supported"},
		{"spend limits without beta", "/v1/organizations/spend_limits", map[string]string{"anthropic-beta": ""}, 400, "spend-limit-reads"},
	}
	kinds := map[int]string{400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error"}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := request(server(t, small()), test.path, test.headers)
			if w.Code != test.status {
				t.Fatalf("got %d %s, want %d", w.Code, w.Body, test.status)
			}
			body := decode(t, w)
			if body["type"] != "error" || dig(body, "error", "type") != kinds[test.status] {
				t.Errorf("got %s, want an error of type %s", w.Body, kinds[test.status])
			}
			if !strings.Contains(dig(body, "error", "message").(string), test.says) {
				t.Errorf("got message %q, want it to say %q", dig(body, "error", "message"), test.says)
			}
			if id := body["request_id"]; id == "" || id != w.Header().Get("request-id") {
				t.Errorf("got request id %q in the body and %q in the header", id, w.Header().Get("request-id"))
			}
			if w.Header().Get("anthropic-organization-id") == "" || w.Header().Get("anthropic-workspace-id") != "" {
				t.Errorf("got headers %v", w.Header())
			}
		})
	}
}

func TestRefusesWrites(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, shopSelf, strings.NewReader("{}"))
	r.Header.Set("x-api-key", key)
	r.Header.Set("anthropic-version", "2026-10-21")
	w := httptest.NewRecorder()
	server(t, small()).ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed || decode(t, w)["type"] != "error" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestSpendLimitsCode(t *testing.T) {
	t.Parallel()
	body := decode(t, request(server(t, small()), "/v1/organizations/spend_limits", nil))
	if got := dig(body, "error", "details", "error_code"); got != "organization_type_not_supported" {
		t.Errorf("got error_code %v", got)
	}
}

func TestGrants(t *testing.T) {
	t.Parallel()
	const span = "?starting_at=2026-11-23T10:00:00Z&ending_at=2026-11-23T11:00:00Z"
	for _, path := range []string{
		usage + span,
		usage + "?starting_at=2026-11-22T11:00:00Z&ending_at=2026-11-23T11:00:00Z&time_bucket_width=1m",
		usage + "?starting_at=2026-10-01T00:00:00%2B02:00&ending_at=2026-11-01T00:00:00%2B02:00&time_bucket_width=1d",
		usage + "?starting_at=2026-11-23T10:00:00Z", // as the probe does
		usage + span + "&beta=true&group_by%5B%5D=model&group_by%5B%5D=product",
		usage + span + "&group_by[]=actor&exclude_deleted_users=true",
		usage + span + "&group_by[]=model&group_by[]=speed&group_by[]=product&group_by[]=actor&group_by[]=workspace_id",
		usage + span + "&agent_ids[]=a&session_ids[]=s&deployment_ids[]=d&environment_ids[]=e&user_profile_ids[]=u&organization_ids[]=o" +
			"&rbac_group_ids[]=r&slack_channel_ids[]=c&claude_tag_user_ids[]=t&claude_tag_categories[]=dm&order=asc&order_by=requests",
		cost + span + "&group_by[]=model&group_by[]=speed&group_by[]=product&group_by[]=actor&group_by[]=workspace_id&group_by[]=cost_type&group_by[]=token_type",
		cost + span + "&time_bucket_width=1m&order_by=list_amount",
		report + "?starting_at=2026-11-23T10:00:00Z&bucket_width=1m&limit=1440&group_by[]=speed&speeds[]=fast&context_window[]=0-200k",
		report + "?starting_at=2020-01-01T00:00:00Z",
		costs + "?starting_at=2026-11-01T00:00:00Z&limit=31&group_by[]=workspace_id&group_by[]=description&bucket_width=1d",
		limits + "?model=" + opus + "&group_type=model_group&limit=1000",
		shopSelf + "?include_inherited=true&group_type=batch&limit=1",
		spaces + "?include_archived=true&include_default=true&limit=1000&ids[]=" + home,
		spaces + "/" + home,
		apiKeys + "?status=active&workspace_id=" + home + "&created_by_user_id=x",
		"/v1/organizations/me",
	} {
		w := request(server(t, small()), path, nil)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("request-id"), "req_") {
			t.Errorf("GET %s: got %d %s", path, w.Code, w.Body)
		}
	}
	// Older key header, either version; both keys if both are good.
	for _, headers := range []map[string]string{
		{"Authorization": "", "x-api-key": key}, {"Authorization": "", "x-api-key": key, "anthropic-version": "2023-06-01"},
		{"anthropic-version": "2023-06-01"}, {"x-api-key": "sk-ant-admin01-other"},
	} {
		if w := request(server(t, small()), usage+span, headers); w.Code != http.StatusOK {
			t.Errorf("%v: got %d %s", headers, w.Code, w.Body)
		}
	}
}
