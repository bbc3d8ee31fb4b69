package simulate_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"alerter/fetch/simulate"
)

func TestOrganizationLimits(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	all := data(t, get(t, s, limits))
	if got, want := text(all[0]), `{"group":{"display_name":"Claude Opus 4.x","id":"rlg_opus","type":"model_group"},"id":"rl_opus","limits":[{"type":"requests_per_minute","value":5000},{"type":"input_tokens_per_minute_cache_aware","value":5000000},{"type":"output_tokens_per_minute","value":1000000}],"models":["claude-opus-4-8","claude-opus-4-7"],"type":"rate_limit"}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := text(all[2]), `{"group":{"id":"rlg_batch","type":"batch"},"id":"rl_batch","limits":[{"type":"requests_per_minute","value":2000},{"type":"enqueued_batch_requests","value":300000}],"models":null,"type":"rate_limit"}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if o := get(t, s, limits); o["next_page"] != nil || len(o) != 2 {
		t.Errorf("got envelope %v, want data and next_page only", o)
	}
	for query, want := range map[string]int{"?model=claude-opus-4-7": 1, "?group_type=batch": 1, "?group_type=files": 0} {
		if got := len(data(t, get(t, s, limits+query))); got != want {
			t.Errorf("%s: got %d entries, want %d", query, got, want)
		}
	}
}

func TestWorkspaceLimits(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	// Overrides only; the sonnet group is absent because the workspace has no access to it.
	o := get(t, s, shopSelf)
	want := `{"data":[{"group":{"display_name":"Claude Opus 4.x","id":"rlg_opus","type":"model_group"},"limits":[` +
		`{"org_limit":5000,"source":{"type":"workspace"},"type":"requests_per_minute","value":1200},` +
		`{"org_limit":1000000,"source":{"type":"workspace"},"type":"output_tokens_per_minute","value":1500000},` +
		`{"org_limit":null,"source":{"type":"workspace"},"type":"input_tokens_per_minute","value":3000000}],` +
		`"models":["claude-opus-4-8"],"rate_limit_id":"rl_opus","type":"workspace_rate_limit","workspace_id":"wrkspc_shop"}],"next_page":null}`
	if got := text(o); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	inherited := data(t, get(t, s, shopSelf+"?include_inherited=true"))
	if len(inherited) != 3 {
		t.Fatalf("got %d entries, want opus, batch and search", len(inherited))
	}
	if got, want := text(dig(inherited[0], "limits", 1)), `{"org_limit":5000000,"source":{"type":"organization"},"type":"input_tokens_per_minute_cache_aware","value":5000000}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	page := get(t, s, shopSelf+"?include_inherited=true&limit=2")
	rest := get(t, s, shopSelf+"?include_inherited=true&limit=2&page="+page["next_page"].(string))
	if len(data(t, page)) != 2 || len(data(t, rest)) != 1 || rest["next_page"] != nil {
		t.Errorf("got %s then %s", text(page), text(rest))
	}
	if got := data(t, get(t, s, "/v1/organizations/workspaces/"+old+"/rate_limits")); len(got) != 0 {
		t.Errorf("got %v without overrides", got)
	}
}

func TestOlderVersion(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	older := map[string]string{"anthropic-version": "2023-06-01", "Authorization": "", "x-api-key": key}
	l := data(t, decode(t, request(s, limits, older)))
	if l[0]["group_type"] != "model_group" || l[2]["group_type"] != "batch" {
		t.Errorf("got %s, want group_type", text(l))
	}
	w := data(t, decode(t, request(s, shopSelf, older)))
	if w[0]["group_type"] != "model_group" {
		t.Errorf("got %s, want group_type", text(w))
	}
	var got []string
	for _, k := range data(t, decode(t, request(s, apiKeys, older))) {
		v, ok := k["workspace_id"]
		if !ok {
			t.Errorf("key %v has no workspace_id", k["id"])
		}
		got = append(got, text(v))
	}
	if strings.Join(got, " ") != `"wrkspc_shop" null null "wrkspc_old"` {
		t.Errorf("got workspace ids %v: the default workspace and the organization are null", got)
	}
	newer := data(t, get(t, s, apiKeys))
	if _, ok := newer[0]["workspace_id"]; ok || text(newer[1]["scope"]) != `{"type":"workspace","workspace_id":"wrkspc_home"}` || text(newer[2]["scope"]) != `{"type":"organization"}` {
		t.Errorf("got %s", text(newer))
	}
}

func TestWorkspaceList(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	for query, want := range map[string]string{
		"":                       "shop",
		"?include_archived=true": "shop old",
		"?include_default=true":  "Default shop",
		"?include_default=true&include_archived=true": "Default shop old",
		"?ids[]=" + home + "&ids[]=" + shop:           "shop",
		"?include_default=true&ids[]=" + home:         "Default",
	} {
		var names []string
		for _, w := range data(t, get(t, s, spaces+query)) {
			names = append(names, w["name"].(string))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	if got := get(t, s, spaces+"/"+home); got["name"] != "Default" {
		t.Errorf("got %s", text(got))
	}
	if got := text(get(t, s, "/v1/organizations/me")); got != `{"id":"5a1c3a4e-8f5d-4d7e-9a43-0c5f6b1d2e70","name":"Small","type":"organization"}` {
		t.Errorf("got %s", got)
	}
}

// TestShapes compares the keys of every object with the example bodies.
func TestShapes(t *testing.T) {
	t.Parallel()
	c, err := simulate.Demo(1)
	if err != nil {
		t.Fatal(err)
	}
	c.Now = func() time.Time { return c.Start }
	s := server(t, c)
	const span = "?starting_at=2026-11-23T07:00:00Z&ending_at=2026-11-23T09:00:00Z"
	for file, path := range map[string]string{
		"analytics_usage_1m_page1":        usage + span + "&time_bucket_width=1m&limit=6",
		"analytics_cost":                  cost + span + "&time_bucket_width=1d&group_by[]=cost_type",
		"usage_messages_1m_grouped_page1": report + span + "&bucket_width=1m&limit=3",
		"cost_report":                     costs + "?starting_at=2026-11-23T00:00:00Z&group_by[]=description",
		"rate_limits_org":                 limits,
		"rate_limits_workspace":           "/v1/organizations/workspaces/wrkspc_01HvQm7TzRk4NbXc9WpLd2YsJf/rate_limits",
		"rate_limits_workspace_inherited": "/v1/organizations/workspaces/wrkspc_01HvQm7TzRk4NbXc9WpLd2YsJf/rate_limits?include_inherited=true",
		"workspaces":                      spaces + "?include_default=true&include_archived=true",
		"api_keys":                        apiKeys,
	} {
		b, err := os.ReadFile("../../testdata/admin-api/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var want any
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		if g, w := shape("", get(t, s, path)), shape("", want); !slices.Equal(g, w) {
			t.Errorf("%s: got keys %v, want %v", file, g, w)
		}
	}
}

// shape is every path of keys in v, but for the free keys of tags and what is in
// objects whose keys depend on their type.
func shape(path string, v any) []string {
	var out []string
	switch v := v.(type) {
	case object:
		for k, x := range v {
			if !slices.Contains([]string{"tags", "principal", "scope", "display_name"}, k) {
				out = append(append(out, path+"."+k), shape(path+"."+k, x)...)
			}
		}
	case []any:
		for _, x := range v {
			out = append(out, shape(path+"[]", x)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
