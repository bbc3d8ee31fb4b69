package simulate_test

import (
	"testing"
)

const costSpan = "?starting_at=2026-11-23T12:00:00Z&ending_at=2026-11-23T13:00:00Z&limit=1000"

// In cents: opus 5 and 25 dollars a million, sonnet 3 and 15; writes 1.25 and 2,
// reads a tenth, batch half, fast six times; a fifth off for tokens.
func TestCostByTokenType(t *testing.T) {
	t.Parallel()
	rows := data(t, get(t, server(t, small()), cost+costSpan+
		"&group_by[]=model&group_by[]=service_tier&group_by[]=speed&group_by[]=cost_type&group_by[]=token_type&models[]="+opus+"&service_tiers[]=standard"))
	got := map[string]string{}
	for _, r := range rows {
		g := r["group"].(object)
		if g["cost_type"] != "tokens" || dig(r, "cost", "requests") != nil || dig(r, "cost", "currency") != "USD" || len(g) != 22 {
			t.Errorf("got %s", text(r))
		}
		got[g["speed"].(string)+" "+g["token_type"].(string)] = dig(r, "cost", "amount").(string) + " of " + dig(r, "cost", "list_amount").(string)
	}
	want := map[string]string{
		"standard uncached_input_tokens":                    "346.9432 of 433.679",   // 867358 x 500/M
		"standard cache_creation.ephemeral_5m_input_tokens": "50.127 of 62.65875",    // 100254 x 625/M
		"standard cache_creation.ephemeral_1h_input_tokens": "24.4 of 30.5",          // 30500 x 1000/M
		"standard cache_read_input_tokens":                  "164.61152 of 205.7644", // 4115288 x 50/M
		"standard output_tokens":                            "264.376 of 330.47",     // 132188 x 2500/M
		"fast uncached_input_tokens":                        "72.288 of 90.36",       // 30120 x 3000/M
		"fast cache_read_input_tokens":                      "50.496 of 63.12",       // 210400 x 300/M
		"fast output_tokens":                                "97.344 of 121.68",      // 8112 x 15000/M
	}
	if text(got) != text(want) {
		t.Errorf("got  %s\nwant %s", text(got), text(want))
	}
}

func TestCostFansOut(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	count := func(query string) (rows, requests int, kinds map[any]int) {
		kinds = map[any]int{}
		for _, r := range data(t, get(t, s, cost+costSpan+query)) {
			rows++
			kinds[dig(r, "group", "cost_type")]++
			if dig(r, "cost", "requests") != nil {
				requests++
			}
		}
		return rows, requests, kinds
	}
	if rows, requests, kinds := count(""); rows != 1 || requests != 1 || kinds[nil] != 1 {
		t.Errorf("ungrouped: got %d rows, %d with requests", rows, requests)
	}
	if rows, requests, kinds := count("&group_by[]=cost_type"); rows != 3 || requests != 0 || kinds["tokens"] != 1 || kinds["web_search"] != 1 || kinds["code_execution"] != 1 {
		t.Errorf("by cost_type: got %d rows %v", rows, kinds)
	}
	if rows, requests, kinds := count("&group_by[]=token_type"); rows != 5 || requests != 0 || kinds["tokens"] != 5 {
		t.Errorf("by token_type: got %d rows %v", rows, kinds)
	}
	if rows, _, kinds := count("&group_by[]=token_type&group_by[]=cost_type"); rows != 7 || kinds["tokens"] != 5 {
		t.Errorf("by both: got %d rows %v", rows, kinds)
	}
	// A page of one row may hold all that the row fans out to.
	o := get(t, s, cost+"?starting_at=2026-11-23T12:00:00Z&ending_at=2026-11-23T13:00:00Z&limit=1&group_by[]=model&group_by[]=token_type")
	if n := len(data(t, o)); n != 5 || o["has_more"] != true {
		t.Errorf("got %d rows on a page of one, has_more %v", n, o["has_more"])
	}
}

func TestCostOrder(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	var got []any
	for _, r := range data(t, get(t, s, cost+hourQuery("&group_by[]=model"))) {
		got = append(got, r["starting_at"].(string)[14:16], dig(r, "group", "model"), dig(r, "cost", "requests"))
	}
	want := `["00","claude-opus-4-8",34,"00","claude-sonnet-5-5",2,"00",null,4,"02","claude-opus-4-8",44,"02","claude-sonnet-5-5",416,"03","claude-opus-4-8",5,"03","claude-sonnet-5-5",2]`
	if text(got) != want {
		t.Errorf("got %s, want %s", text(got), want)
	}
	rows := data(t, get(t, s, cost+costSpan+"&group_by[]=model&order=asc&order_by=list_amount"))
	if dig(rows[0], "group", "model") != nil || dig(rows[2], "group", "model") != opus {
		t.Errorf("got %s", text(rows))
	}
}

func TestLegacyCost(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	plain := get(t, s, costs+"?starting_at=2026-11-22T00:00:00Z&group_by[]=workspace_id")
	days := data(t, plain)
	if len(days) != 2 || text(days[0]["results"]) != "[]" || plain["has_more"] != false {
		t.Fatalf("got %s", text(plain))
	}
	first := dig(days[1], "results", 0)
	if dig(first, "workspace_id") != shop || dig(first, "model") != nil || dig(first, "description") != nil || len(first.(object)) != 10 {
		t.Errorf("got %s", text(first))
	}
	if w := dig(days[1], "results", 1, "workspace_id"); w != nil {
		t.Errorf("got workspace %v, want null for the default one", w)
	}
	described := map[string]string{}
	day := data(t, get(t, s, costs+"?starting_at=2026-11-23T00:00:00Z&group_by[]=workspace_id&group_by[]=description"))[0]
	for _, r := range day["results"].([]any) {
		described[dig(r, "description").(string)+text(dig(r, "service_tier"))] += dig(r, "amount").(string) + ";"
	}
	for name, want := range map[string]string{
		`Claude Opus 4.8 Usage - Input Tokens, Cache Write (1h)"standard"`: "24.4;",
		`Claude Sonnet 5.5 Usage - Input Tokens, Batch"batch"`:             "219.648;", // 1830400 x 150/M x 0.8
		`Web Search Usagenull`:     "3;",
		`Code Execution Usagenull`: "0.2;",
	} {
		if described[name] != want {
			t.Errorf("%s: got %q, want %q, in %v", name, described[name], want, described)
		}
	}
	for name := range described {
		if name == `Claude Opus 4.8 Usage - Output Tokens"priority"` {
			t.Errorf("got %s: Priority Tier is not in this report", name)
		}
	}
}
