package main

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"alerter/config"
	"alerter/evaluate/replay"
)

// BenchmarkBacktest reads and plays folders of pages of 1,000 rows, in which each
// group, with three limits, is used in every minute. Two weeks of four groups are
// 60 MB, a week of thirty-four is 250 MB; cost is linear in rows.
func BenchmarkBacktest(b *testing.B) {
	for _, size := range []struct {
		name         string
		days, groups int
		large        bool // takes gigabytes of disk: only where it is asked for
	}{{"14 days of 12 limits", 14, 4, false}, {"7 days of 102 limits", 7, 34, false}, {"90 days of 102 limits", 90, 34, true}} {
		b.Run(size.name, func(b *testing.B) {
			if size.large && os.Getenv("ALERTER_LARGE") == "" {
				b.Skip("ALERTER_LARGE is not set")
			}
			dir := b.TempDir()
			r := folderRecorder{t: b, dir: dir}
			r.busy(size.days, size.groups)
			conf, err := config.LoadRules("../../rules.yaml", func(string) (string, bool) { return "", false })
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				h, _, err := readHistory(dir, nil)
				if err != nil {
					b.Fatal(err)
				}
				h.Lag, h.Settle = 5*time.Minute, 5*time.Minute
				report := replay.Collect(replay.Run(h, conf.Rules, conf.Tree, h.Span()), h.Span(), nil)
				if report.Ticks != size.days*24*60 || report.Series != 3*size.groups {
					b.Fatalf("got %d steps of %d series", report.Ticks, report.Series)
				}
			}
		})
	}
}

// busy writes a history in which each of so many groups is used in every minute.
func (r folderRecorder) busy(days, groups int) {
	var limits, page bytes.Buffer
	for g := range groups {
		fmt.Fprintf(&limits, `,{"type":"rate_limit","group":{"type":"model_group","id":"rlg_%d","display_name":"Group %d"},"models":["model-%d"],"limits":[{"type":"requests_per_minute","value":1000},{"type":"input_tokens_per_minute_cache_aware","value":2000000},{"type":"output_tokens_per_minute","value":400000}]}`, g, g, g)
	}
	r.write("organization.json", []byte(`{"id":"org","name":"Acme"}`))
	r.write("workspaces.json", []byte(`{"data":[{"id":"wrkspc_default","name":"Default","archived_at":null}],"has_more":false}`))
	r.write("rate_limits.json", fmt.Appendf(nil, `{"data":[%s],"next_page":null}`, limits.Bytes()[1:]))
	rows, pages := 0, 0
	flush := func() {
		pages++
		r.write(fmt.Sprintf("usage/%06d.json", pages), fmt.Appendf(nil, `{"data":[%s],"has_more":false,"next_page":null,"data_refreshed_at":null}`, page.Bytes()[1:]))
		page.Reset()
	}
	for m := range days * 24 * 60 {
		at := past.Add(time.Duration(m) * time.Minute)
		for g := range groups {
			requests := (m*7919 + g*104729) % 1100
			fmt.Fprintf(&page, `,{"starting_at":%q,"ending_at":%q,"group":{"actor":null,"actor_type":null,"agent_id":null,"api_key_id":null,"claude_tag_category":null,"claude_tag_user_id":null,"context_window":null,"deployment_id":null,"environment_id":null,"inference_geo":null,"model":"model-%d","organization_id":null,"product":"messages_api","rbac_group_id":null,"service_tier":"standard","session_id":null,"slack_channel_id":null,"speed":"standard","user_profile_id":null,"workspace_id":"wrkspc_default"},"usage":{"requests":%d,"total_tokens":%d,"uncached_input_tokens":%d,"cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":0},"cache_read_input_tokens":0,"output_tokens":%d,"server_tool_use":{"web_search_requests":0}}}`,
				at.Format(time.RFC3339), at.Add(time.Minute).Format(time.RFC3339), g, requests, requests*1200, requests*1000, requests*200)
			if rows++; rows%1000 == 0 {
				flush()
			}
		}
	}
	if page.Len() > 0 {
		flush()
	}
}

func TestALongBacktestShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	at := past
	show := playing{progress: &progress{out: &out, width: func() int { return 80 }}, now: func() time.Time { return at }, began: at, steps: 640}
	show.page(1, 4) // too soon
	at = at.Add(3 * time.Second)
	show.page(2, 4)
	at = at.Add(time.Second)
	show.step(320)
	show.end()
	show.end()
	want := "reading: 2 of 4 pages (50 %)\r\033[Kplaying: 320 of 640 steps (50 %)\r\033[K"
	if out.String() != want {
		t.Errorf("got %q, want %q", &out, want)
	}
}
