package simulate_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"alerter/fetch/simulate"
)

// flood is one stream that wants 200 tokens in every step under a limit of 600 a
// minute, which lets 100 of them pass.
func flood(now func() time.Time) simulate.Config {
	c := small()
	c.Now, c.Organization.Overrides = now, nil
	c.Organization.Groups[1].Limits = []simulate.Limit{{Type: "input_tokens_per_minute", Value: 600}}
	c.Traffic.Epoch = noon
	c.Traffic.Streams = []simulate.Stream{{Workspace: shop, Model: sonnet, ServiceTier: "standard", Product: "messages_api",
		Load: simulate.Load{Trace: &simulate.Trace{Steps: []simulate.Step{{Requests: 2, Uncached: 200}}}}}}
	return c
}

func accepted(t *testing.T, s http.Handler) []float64 {
	t.Helper()
	var out []float64
	for _, r := range data(t, get(t, s, usage+hourQuery("&limit=1000"))) {
		out = append(out, dig(r, "usage", "uncached_input_tokens").(float64))
	}
	return out
}

func TestUsageSaturates(t *testing.T) {
	t.Parallel()
	got := accepted(t, server(t, flood(func() time.Time { return at(6) })))
	// 600 in the bucket and 5 refills (the first finds it full) let 1100 of the
	// first minute's 1200 pass; then 600 a minute.
	if text(got) != "[1100,600,600,600,600,600]" {
		t.Errorf("got %v", got)
	}
}

func TestLimitChanges(t *testing.T) {
	t.Parallel()
	value := func(v int64) *int64 { return &v }
	tests := []struct {
		name    string
		changes []simulate.Change
		want    string
	}{
		{"raise", []simulate.Change{{At: at(2), Group: "Claude Sonnet 5.5", Limiter: "input_tokens_per_minute", Value: value(900)}}, "[1100,600,900,900,900,900]"},
		{"lower", []simulate.Change{{At: at(2), Group: "rlg_sonnet", Limiter: "input_tokens_per_minute", Value: value(60)}}, "[1100,600,60,60,60,60]"},
		{"remove", []simulate.Change{{At: at(2), Group: "rlg_sonnet", Limiter: "input_tokens_per_minute"}}, "[1100,600,1200,1200,1200,1200]"},
		{"add another", []simulate.Change{{At: at(2), Group: "rlg_sonnet", Limiter: "input_tokens_per_minute_cache_aware", Value: value(300)}}, "[1100,600,550,300,300,300]"},
		{"override", []simulate.Change{{At: at(1), Workspace: "shop", Group: "rlg_sonnet", Limiter: "requests_per_minute", Value: value(3)}}, "[1100,550,300,300,300,300]"},
		{"override and away with it", []simulate.Change{
			{At: at(1), Workspace: "shop", Group: "rlg_sonnet", Limiter: "requests_per_minute", Value: value(3)},
			{At: at(4), Workspace: "shop", Group: "rlg_sonnet", Limiter: "requests_per_minute"},
		}, "[1100,550,300,300,1100,600]"},
		{"move the model", []simulate.Change{{At: at(3), Group: "rlg_opus", Model: sonnet}}, "[1100,600,600,1200,1200,1200]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := server(t, flood(func() time.Time { return at(6) }))
			accepted(t, s) // so that there is something to forget
			for _, c := range test.changes {
				if err := s.Change(c); err != nil {
					t.Fatal(err)
				}
			}
			if got := text(accepted(t, s)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestChangeIsSeenFromItsTime(t *testing.T) {
	t.Parallel()
	var now clock
	now.set(at(0))
	c := flood(now.now)
	c.Organization.Overrides = small().Organization.Overrides
	s := server(t, c)
	five := int64(5)
	for _, c := range []simulate.Change{
		{At: at(10), Group: "rlg_sonnet", Limiter: "input_tokens_per_minute", Value: &five},
		{At: at(10), Group: "rlg_opus", Model: sonnet},
		{At: at(20), Workspace: shop, Group: "rlg_opus", Limiter: "requests_per_minute"},
	} {
		if err := s.Change(c); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{`600 [claude-sonnet-5-5] 3`, `5 [] 3`, `5 [] 2`}
	for i, minute := range []int{9, 10, 20} {
		now.set(at(minute))
		all := data(t, get(t, s, limits))
		overrides := dig(get(t, s, shopSelf), "data", 0, "limits").([]any)
		got := text(dig(all[1], "limits", 0, "value")) + " " + strings.ReplaceAll(text(all[1]["models"]), `"`, "") + " " + text(len(overrides))
		if got != want[i] {
			t.Errorf("at minute %d: got %s, want %s", minute, got, want[i])
		}
	}
	now.set(at(10))
	if w := request(s, limits+"?model="+sonnet, nil); !strings.Contains(w.Body.String(), "rlg_opus") {
		t.Errorf("got %s for the model that moved", w.Body)
	}
	for name, c := range map[string]simulate.Change{
		"no group": {Group: "x", Limiter: "y"}, "no workspace": {Workspace: "x"}, "default workspace": {Workspace: home},
		"no limiter": {Group: "rlg_opus"}, "nothing to remove": {Group: "rlg_opus", Limiter: "x"}, "negative": {Group: "rlg_opus", Value: func() *int64 { v := int64(-1); return &v }()},
		"no override to remove": {Workspace: shop, Group: "rlg_batch", Limiter: "x"},
	} {
		if err := s.Change(c); err == nil || !strings.HasPrefix(err.Error(), "change limits") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestOrderOfQuestionsDoesNotMatter asks a server that can keep next to nothing,
// in random order and from many sides, for what another was asked for in order.
func TestOrderOfQuestionsDoesNotMatter(t *testing.T) {
	t.Parallel()
	c := simulate.Synthetic(3, 9, 4)
	c.Now = func() time.Time { return c.Start }
	calm := server(t, c)
	c.Memory = 1
	tight := server(t, c)
	path := func(hour int) string {
		from := c.Start.Add(time.Duration(hour-60) * time.Hour)
		return usage + "?time_bucket_width=1m&limit=1000&group_by[]=model&group_by[]=api_key_id&starting_at=" + from.Format(time.RFC3339) +
			"&ending_at=" + from.Add(time.Hour).Format(time.RFC3339)
	}
	want := make([]string, 60)
	for h := range want {
		want[h] = request(calm, path(h), nil).Body.String()
	}
	r := rand.New(rand.NewPCG(1, 1))
	var work sync.WaitGroup
	for range 3 {
		order := r.Perm(60)[:4]
		work.Go(func() {
			for _, h := range order {
				if got := request(tight, path(h), nil).Body.String(); got != want[h] {
					t.Errorf("hour %d differs", h)
				}
			}
		})
	}
	work.Wait()
	var day, hours float64
	from := c.Start.Truncate(24*time.Hour).AddDate(0, 0, -1)
	span := "?limit=1000&starting_at=" + from.Format(time.RFC3339) + "&ending_at=" + from.AddDate(0, 0, 1).Format(time.RFC3339)
	for _, x := range data(t, get(t, calm, usage+span+"&time_bucket_width=1d")) {
		day += dig(x, "usage", "total_tokens").(float64)
	}
	rows, _ := pages(t, calm, usage+span+"&time_bucket_width=1m&group_by[]=workspace_id")
	for _, x := range rows {
		var v object
		if err := json.Unmarshal([]byte(x), &v); err != nil {
			t.Fatal(err)
		}
		hours += dig(v, "usage", "total_tokens").(float64)
	}
	if day != hours || day == 0 {
		t.Errorf("got %v by the day and %v by the minute", day, hours)
	}
}
