package simulate_test

import (
	"net/http"
	"testing"
	"time"
)

func TestUsageRows(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	rows := data(t, get(t, s, usage+hourQuery("&limit=1000&group_by[]=model&group_by[]=workspace_id&group_by[]=product&group_by[]=service_tier&group_by[]=speed")))
	type short struct {
		at                                    string
		model, workspace, product, tier, fast any
		requests, total                       any
	}
	var got []short
	for _, r := range rows {
		g, u := r["group"].(object), r["usage"].(object)
		got = append(got, short{r["starting_at"].(string)[11:16], g["model"], g["workspace_id"], g["product"], g["service_tier"], g["speed"], u["requests"], u["total_tokens"]})
		if len(g) != 20 || g["api_key_id"] != nil || g["actor"] != nil || g["organization_id"] != nil {
			t.Errorf("got group %s, want 20 keys, null where not grouped", text(g))
		}
	}
	const m, c = "messages_api", "claude_code"
	want := []short{ // no rows for 12:01; inside a minute the largest first
		{"12:00", opus, shop, m, "standard", "standard", 34.0, 2466837.0},
		{"12:00", sonnet, home, m, "standard", "standard", 2.0, 119810.0},
		{"12:00", nil, shop, nil, nil, nil, 4.0, 0.0}, // code execution
		{"12:02", opus, shop, m, "standard", "standard", 38.0, 2778751.0},
		{"12:02", sonnet, shop, "message_batches_api", "batch", "standard", 412.0, 2070510.0},
		{"12:02", opus, shop, m, "priority", "standard", 6.0, 180300.0},
		{"12:02", sonnet, shop, c, "standard", "standard", 4.0, 1155.0},
		{"12:03", opus, shop, m, "standard", "fast", 5.0, 248632.0},
		{"12:03", sonnet, home, m, "standard", "standard", 2.0, 8454.0},
		{"12:03", sonnet, home, "claude_console", "standard", "standard", nil, 44.0}, // requests not counted
	}
	if len(got) != len(want) {
		t.Fatalf("got %d rows %v, want %d", len(got), got, len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("row %d: got %v, want %v", i, got[i], want[i])
		}
	}
	if got := text(rows[0]["usage"]); got != `{"cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":88210},"cache_read_input_tokens":1904400,"output_tokens":61877,"requests":34,"server_tool_use":{"web_search_requests":0},"total_tokens":2466837,"uncached_input_tokens":412350}` {
		t.Errorf("got usage %s", got)
	}
}

func TestUsageTotals(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	// Neither width nor groups: one row over whole hours; 12:50 is rounded down.
	rows := data(t, get(t, s, usage+"?starting_at=2026-11-23T12:50:00Z&ending_at=2026-11-23T13:00:00Z"))
	if len(rows) != 1 || rows[0]["starting_at"] != "2026-11-23T12:00:00Z" || rows[0]["ending_at"] != "2026-11-23T13:00:00Z" {
		t.Fatalf("got %s", text(rows))
	}
	if got := dig(rows[0], "usage", "total_tokens"); got != 7874493.0 {
		t.Errorf("got total_tokens %v", got)
	}
	if got := dig(rows[0], "usage", "requests"); got != 507.0 {
		t.Errorf("got requests %v", got)
	}
	// The end is exclusive and rounded down too: nothing is left of the hour.
	if rows := data(t, get(t, s, usage+"?starting_at=2026-11-23T12:00:00Z&ending_at=2026-11-23T12:59:00Z")); len(rows) != 0 {
		t.Errorf("got %s for less than an hour", text(rows))
	}
	// By key: usage without a key is null; order_by time without a width is total_tokens.
	rows = data(t, get(t, s, usage+"?starting_at=2026-11-23T12:00:00Z&ending_at=2026-11-23T13:00:00Z&group_by[]=api_key_id&order_by=time"))
	if len(rows) != 3 || dig(rows[0], "group", "api_key_id") != keyShop || dig(rows[2], "group", "api_key_id") != nil {
		t.Errorf("got %s", text(rows))
	}
	days := data(t, get(t, s, usage+"?starting_at=2026-11-01T00:00:00Z&ending_at=2026-12-01T00:00:00Z&time_bucket_width=1d"))
	if len(days) != 1 || days[0]["starting_at"] != "2026-11-23T00:00:00Z" || days[0]["ending_at"] != "2026-11-24T00:00:00Z" {
		t.Errorf("got %s by the day", text(days))
	}
}

func TestUsageFilters(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	for filter, want := range map[string]float64{ // sum of requests
		"models[]=" + opus:                                    83,
		"models[]=" + opus + "&models[]=" + sonnet:            503,
		"workspace_ids[]=" + home:                             4,
		"workspace_ids[]=wrkspc_other":                        -1,
		"api_key_ids[]=" + keyShop:                            495,
		"api_key_ids[]=":                                      8,
		"api_key_ids[]=&api_key_ids[]=" + keyHome:             12,
		"products[]=claude_code":                              4,
		"service_tiers[]=batch&service_tiers[]=priority":      418,
		"speeds[]=fast":                                       5,
		"context_windows[]=200k-1M":                           -1,
		"inference_geos[]=not_available":                      7, // code execution and Jana
		"inference_geos[]=us":                                 -1,
		"actor_types[]=user_actor":                            4,
		"actor_ids[]=user_jana":                               3,
		"actor_ids[]=" + keyHome:                              4,
		"agent_ids[]=agent_x":                                 -1,
		"group_by[]=actor&exclude_deleted_users=true":         506,
		"group_by[]=actor&actor_types[]=user_actor":           4,
		"models[]=" + opus + "&speeds[]=standard&order=asc":   78,
		"organization_ids[]=5a1c3a4e-8f5d-4d7e-9a43-0c5f6b1d": -1,
	} {
		rows := data(t, get(t, s, usage+"?starting_at=2026-11-23T12:00:00Z&ending_at=2026-11-23T13:00:00Z&"+filter))
		got := -1.0
		for i, r := range rows {
			if n, ok := dig(r, "usage", "requests").(float64); ok {
				if i == 0 {
					got = 0
				}
				got += n
			}
		}
		if got != want {
			t.Errorf("%s: got %v requests, want %v", filter, got, want)
		}
	}
}

func TestActors(t *testing.T) {
	t.Parallel()
	rows := data(t, get(t, server(t, small()), usage+hourQuery("&group_by[]=actor&group_by[]=actor_type&models[]="+sonnet)))
	got := map[string]string{}
	for _, r := range rows {
		got[text(dig(r, "group", "actor"))] = text(dig(r, "group", "actor_type"))
	}
	want := map[string]string{
		`{"deleted":false,"email_address":"jana@example.com","name":"Jana","type":"user_actor","user_id":"user_jana"}`: `"user_actor"`,
		`{"deleted":true,"email_address":"gone@example.com","name":"Gone","type":"user_actor","user_id":"user_gone"}`:  `"user_actor"`,
		`{"api_key_id":"apikey_home","type":"api_actor"}`:                                                              `"api_actor"`,
		`{"api_key_id":"apikey_shop","type":"api_actor"}`:                                                              `"api_actor"`,
		"null": "null",
	}
	if text(got) != text(want) {
		t.Errorf("got %s, want %s", text(got), text(want))
	}
}

func TestLegacyReport(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	o := get(t, s, report+"?starting_at=2026-11-23T12:00:30Z&ending_at=2026-11-23T12:04:00Z&bucket_width=1m&group_by[]=model&group_by[]=workspace_id&group_by[]=service_tier")
	buckets := data(t, o)
	if len(buckets) != 4 || o["has_more"] != false || o["next_page"] != nil {
		t.Fatalf("got %s", text(o))
	}
	if text(buckets[1]) != `{"ending_at":"2026-11-23T12:02:00Z","results":[],"starting_at":"2026-11-23T12:01:00Z"}` {
		t.Errorf("got idle bucket %s", text(buckets[1]))
	}
	want := `[{"account_id":null,"api_key_id":null,"cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":88210},"cache_read_input_tokens":1904400,"context_window":null,"inference_geo":null,"model":"claude-opus-4-8","output_tokens":61877,"server_tool_use":{"web_search_requests":0},"service_account_id":null,"service_tier":"standard","uncached_input_tokens":412350,"workspace_id":"wrkspc_shop"},` +
		`{"account_id":null,"api_key_id":null,"cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":4096},"cache_read_input_tokens":98304,"context_window":null,"inference_geo":null,"model":"claude-sonnet-5-5","output_tokens":2210,"server_tool_use":{"web_search_requests":3},"service_account_id":null,"service_tier":"standard","uncached_input_tokens":15200,"workspace_id":null}]`
	if got := text(buckets[0]["results"]); got != want { // code execution is absent, the default workspace null
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := len(buckets[2]["results"].([]any)); got != 4 {
		t.Errorf("got %d results at 12:02, want 4 (Claude Code present)", got)
	}
	bySpeed := data(t, get(t, s, report+"?starting_at=2026-11-23T12:03:00Z&bucket_width=1m&limit=1&group_by[]=speed&group_by[]=account_id&group_by[]=inference_geo"))
	if got := dig(bySpeed[0], "results", 0, "speed"); got != "fast" {
		t.Errorf("got speed %v", got)
	}
	accounts := data(t, get(t, s, report+"?starting_at=2026-11-23T12:02:00Z&bucket_width=1m&limit=1&group_by[]=account_id&group_by[]=inference_geo&account_ids[]=user_jana"))
	if r := accounts[0]["results"].([]any); len(r) != 1 || dig(r[0], "inference_geo") != "not_available" || dig(r[0], "account_id") != "user_jana" {
		t.Errorf("got %s", text(accounts))
	}
	if none := data(t, get(t, s, report+"?starting_at=2026-11-23T12:00:00Z&bucket_width=1m&limit=1&workspace_ids[]="+home)); text(none[0]["results"]) != "[]" {
		t.Errorf("got %s: the default workspace has no id in the older reports", text(none))
	}
}

func TestLegacyReportEnd(t *testing.T) {
	t.Parallel()
	c := small()
	c.Now = func() time.Time { return at(3).Add(20 * time.Second) }
	s := server(t, c)
	// Without an end the running bucket is the last; with one, never later than it.
	for _, more := range []string{"", "&ending_at=2026-11-24T00:00:00Z"} {
		b := data(t, get(t, s, report+"?starting_at=2026-11-23T12:00:00Z&bucket_width=1m"+more))
		if n := len(b); n != 4 || b[n-1]["starting_at"] != "2026-11-23T12:03:00Z" || text(b[n-1]["results"]) != "[]" {
			t.Errorf("got %s", text(b))
		}
	}
	days := data(t, get(t, s, report+"?starting_at=2026-11-22T00:00:00Z"))
	if len(days) != 2 || text(days[0]["results"]) != "[]" || len(days[1]["results"].([]any)) != 1 {
		t.Errorf("got %s", text(days))
	}
	if w := request(s, report+"?starting_at=2026-11-23T12:00:00Z&bucket_width=1m&page=page_eyJwIjoxfQ", nil); w.Code != http.StatusBadRequest {
		t.Errorf("got %d for a foreign cursor", w.Code)
	}
}
