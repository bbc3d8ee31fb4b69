package simulate_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"alerter/fetch/simulate"
)

// episode is a series whose pressure reached 0.85, until a quarter of an hour
// after it was last there.
type episode struct {
	series         string
	warned, closed time.Time
}

// watch polls a server once a minute, as a client with a settling time of five
// minutes would, and returns its warnings in order. It is written from the
// description of the rule and of the reports, with nothing of the simulator's.
func watch(t *testing.T, s http.Handler, now *clock, from, to time.Time) []episode {
	t.Helper()
	now.set(from)
	groups := data(t, get(t, s, limits))
	open := map[string]*episode{}
	lastSeen := map[string]time.Time{}
	var all []episode
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		now.set(at)
		query := fmt.Sprintf("%s?starting_at=%s&ending_at=%s&time_bucket_width=1m&order_by=time&order=asc&limit=1000&group_by[]=model&group_by[]=service_tier&group_by[]=speed",
			usage, at.Add(-21*time.Minute).Format(time.RFC3339), at.Add(-5*time.Minute).Format(time.RFC3339))
		rows := data(t, get(t, s, query))
		for _, g := range groups {
			for _, l := range g["limits"].([]any) {
				kind, value := dig(l, "type").(string), dig(l, "value").(float64)
				name := fmt.Sprint(dig(g, "group", "display_name"), " ", kind)
				sums := map[int64]float64{}
				for _, r := range rows {
					if !contains(g["models"], dig(r, "group", "model")) || dig(r, "group", "service_tier") == "batch" ||
						dig(r, "group", "speed") == "fast" && kind != "requests_per_minute" {
						continue
					}
					minute, err := time.Parse(time.RFC3339, r["starting_at"].(string))
					if err != nil {
						t.Fatal(err)
					}
					sums[minute.Unix()] += counted(kind, r["usage"].(object)) / value
				}
				e := 0.0
				for i := range 15 {
					sum := 0.0
					for j := i; j < 15; j++ {
						sum += sums[at.Add(time.Duration(j-20)*time.Minute).Unix()]
						e = max(e, sum/float64(j-i+2))
					}
				}
				switch o := open[name]; {
				case e >= 0.85 && o == nil:
					open[name], lastSeen[name] = &episode{series: name, warned: at}, at
				case e >= 0.85:
					lastSeen[name] = at
				case o != nil && at.Sub(lastSeen[name]) >= 15*time.Minute:
					o.closed = at
					all = append(all, *o)
					delete(open, name)
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b episode) int { return a.warned.Compare(b.warned) })
	return all
}

func contains(list, v any) bool {
	models, _ := list.([]any)
	return slices.Contains(models, v)
}

func counted(kind string, u object) float64 {
	requests, _ := u["requests"].(float64)
	aware := u["uncached_input_tokens"].(float64) + dig(u, "cache_creation", "ephemeral_5m_input_tokens").(float64) + dig(u, "cache_creation", "ephemeral_1h_input_tokens").(float64)
	switch kind {
	case "requests_per_minute":
		return requests
	case "input_tokens_per_minute_cache_aware":
		return aware
	case "input_tokens_per_minute":
		return aware + u["cache_read_input_tokens"].(float64)
	case "output_tokens_per_minute":
		return u["output_tokens"].(float64)
	}
	return 0
}

func TestDemoTellsAStory(t *testing.T) {
	t.Parallel()
	c, err := simulate.Demo(1)
	if err != nil {
		t.Fatal(err)
	}
	var now clock
	c.Now = now.now
	got := watch(t, server(t, c), &now, c.Start.Add(-time.Hour), c.Start.Add(6*time.Hour+15*time.Minute))
	for _, e := range got {
		t.Logf("%s: warned after %s, closed after another %s", e.series, e.warned.Sub(c.Start), e.closed.Sub(e.warned))
	}
	if len(got) < 3 {
		t.Fatalf("got %d episodes in six hours, want at least 3", len(got))
	}
	if after := got[0].warned.Sub(c.Start); after < 20*time.Minute || after > 30*time.Minute {
		t.Errorf("first warning after %s, want 20 to 30 minutes", after)
	}
	if took := got[0].closed.Sub(got[0].warned); took < 30*time.Minute || took > time.Hour {
		t.Errorf("it took %s, want 30 to 60 minutes", took)
	}
}

func TestDemoOfATrace(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"azure-code-2023", "sg-steady-2"} {
		f, err := os.Open("../../testdata/traces/" + name + ".csv.gz")
		if err != nil {
			t.Fatal(err)
		}
		trace, err := simulate.LoadTrace(f)
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		c, err := simulate.DemoTrace(trace, 1)
		if err != nil {
			t.Fatal(err)
		}
		var now clock
		c.Now = now.now
		got := watch(t, server(t, c), &now, c.Start.Add(-time.Minute), c.Start.Add(2*time.Hour))
		found := slices.IndexFunc(got, func(e episode) bool {
			return strings.HasPrefix(e.series, "Claude Opus 4.x") && e.warned.After(c.Start)
		})
		if found < 0 || got[found].warned.Sub(c.Start) > time.Hour {
			t.Errorf("%s: got %v from %s, want a warning in the first hour", name, got, c.Start)
		}
	}
	if _, err := simulate.DemoTrace(&simulate.Trace{}, 1); err == nil {
		t.Error("an empty trace is taken")
	}
}

// TestDemoIsComplete looks for everything the demo is said to show.
func TestDemoIsComplete(t *testing.T) {
	t.Parallel()
	c, err := simulate.Demo(2)
	if err != nil {
		t.Fatal(err)
	}
	c.Now = func() time.Time { return c.Start }
	s := server(t, c)
	span := fmt.Sprintf("?starting_at=%s&ending_at=%s", c.Start.Add(-2*time.Hour).Format(time.RFC3339), c.Start.Format(time.RFC3339))
	rows, _ := pages(t, s, usage+span+"&time_bucket_width=1m&order_by=time&order=asc&limit=1000&group_by[]=product&group_by[]=service_tier&group_by[]=speed&group_by[]=workspace_id&group_by[]=context_window")
	all := strings.Join(rows, "\n")
	for _, want := range []string{`"fast"`, `"batch"`, `"priority"`, `"claude_code"`, `"managed_agents_api"`, `"claude_console"`, `"200k-1M"`,
		`"product":null,"rbac_group_id":null,"service_tier":null`, `"wrkspc_01DfLt9XqRw4NmKc7VpZb3HsYj"`} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in the rows before the start", want)
		}
	}
	costRows, _ := pages(t, s, cost+span+"&group_by[]=cost_type&limit=1000")
	for _, want := range []string{"tokens", "web_search", "code_execution", "session_usage"} {
		if !strings.Contains(strings.Join(costRows, "\n"), `"cost_type":"`+want+`"`) {
			t.Errorf("no cost of %s", want)
		}
	}
	weeks, _ := pages(t, s, usage+"?starting_at=2026-10-24T00:00:00Z&ending_at=2026-11-23T00:00:00Z&time_bucket_width=1d&order_by=time&order=asc&limit=1000&models[]=claude-haiku-4-5-20251001&workspace_ids[]=wrkspc_01PaYm3TnXs8VkRq5ZbWc7LdHg")
	if len(weeks) != 30 {
		t.Errorf("got %d days of history, want 30", len(weeks))
	}
}

func BenchmarkDayOfMinutes(b *testing.B) {
	c, err := simulate.Demo(1)
	if err != nil {
		b.Fatal(err)
	}
	c.Now = func() time.Time { return c.Start }
	s := server(b, c)
	path := fmt.Sprintf("%s?starting_at=%s&ending_at=%s&time_bucket_width=1m&order_by=time&order=asc&limit=1000&group_by[]=model&group_by[]=workspace_id&group_by[]=product&group_by[]=service_tier&group_by[]=speed",
		usage, c.Start.AddDate(0, 0, -1).Format(time.RFC3339), c.Start.Format(time.RFC3339))
	for b.Loop() {
		next, rows := "", 0
		for {
			o := get(b, s, path+next)
			rows += len(o["data"].([]any))
			if o["has_more"] != true {
				break
			}
			next = "&page=" + o["next_page"].(string)
		}
		b.ReportMetric(float64(rows), "rows")
	}
}

func BenchmarkFirstHourOfLargeOrganization(b *testing.B) {
	c := simulate.Synthetic(500, 5000, 1)
	c.Now = func() time.Time { return c.Start }
	path := fmt.Sprintf("%s?starting_at=%s&ending_at=%s&time_bucket_width=1m&order_by=time&order=asc&limit=1000&group_by[]=model", usage,
		c.Start.Truncate(24*time.Hour).Format(time.RFC3339), c.Start.Truncate(24*time.Hour).Add(time.Hour).Format(time.RFC3339))
	for b.Loop() {
		get(b, server(b, c), path)
	}
}
