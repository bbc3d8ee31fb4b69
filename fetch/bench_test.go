package fetch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"alerter/usage"
)

// fullRow is a row of analytics/usage with all its fields, as the API writes it.
const fullRow = `{"starting_at":"%s","ending_at":"%s","group":{"actor":null,"actor_type":null,"agent_id":null,"api_key_id":null,` +
	`"claude_tag_category":null,"claude_tag_user_id":null,"context_window":null,"deployment_id":null,"environment_id":null,"inference_geo":null,` +
	`"model":"claude-model-%d","organization_id":null,"product":"messages_api","rbac_group_id":null,"service_tier":"standard","session_id":null,` +
	`"slack_channel_id":null,"speed":"standard","user_profile_id":null,"workspace_id":"wrkspc_01HvQm7TzRk4NbXc9WpLd2YsJf"},` +
	`"usage":{"requests":34,"total_tokens":2466837,"uncached_input_tokens":412350,"cache_creation":{"ephemeral_1h_input_tokens":0,` +
	`"ephemeral_5m_input_tokens":88210},"cache_read_input_tokens":1904400,"output_tokens":61877,"server_tool_use":{"web_search_requests":0}}}`

// pageOf is a page of so many combinations in each of the minutes of a span.
func pageOf(from time.Time, minutes, combinations int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"data":[`)
	for m := range minutes {
		start := from.Add(time.Duration(m) * time.Minute)
		for c := range combinations {
			if m+c > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, fullRow, start.Format(time.RFC3339), start.Add(time.Minute).Format(time.RFC3339), c)
		}
	}
	b.WriteString(`],"has_more":false,"next_page":null,"data_refreshed_at":null}`)
	return b.Bytes()
}

// One page of 20 MB: 26,400 rows.
func BenchmarkPageOf20MB(b *testing.B) {
	from := minute(0, 0)
	page := pageOf(from, 240, 110)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		tally := newTally(from, from.Add(4*time.Hour))
		if _, err := readPage(held(page), readAnalyticsRow(nil, tally, 1)); err != nil {
			b.Fatal(err)
		}
		if got := tally.split(usage.SourceAnalytics, tick); len(got) != 240 {
			b.Fatal(len(got))
		}
	}
}

// reportDay writes a day of the older report, minute by minute, without holding it.
func reportDay(w io.Writer, from time.Time, combinations int) {
	const result = `{"account_id":null,"api_key_id":null,"cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":88210},` +
		`"cache_read_input_tokens":1904400,"context_window":null,"inference_geo":null,"model":"claude-model-%d","output_tokens":61877,` +
		`"server_tool_use":{"web_search_requests":0},"service_account_id":null,"service_tier":"standard","uncached_input_tokens":412350,` +
		`"workspace_id":"wrkspc_01HvQm7TzRk4NbXc9WpLd2YsJf"}`
	var results bytes.Buffer
	for c := range combinations {
		if c > 0 {
			results.WriteByte(',')
		}
		fmt.Fprintf(&results, result, c)
	}
	_, _ = io.WriteString(w, `{"data":[`)
	for m := range 1440 {
		start := from.Add(time.Duration(m) * time.Minute)
		if m > 0 {
			_, _ = io.WriteString(w, ",")
		}
		fmt.Fprintf(w, `{"starting_at":"%s","ending_at":"%s","results":[`, start.Format(time.RFC3339), start.Add(time.Minute).Format(time.RFC3339))
		_, _ = w.Write(results.Bytes())
		_, _ = io.WriteString(w, "]}")
	}
	_, _ = io.WriteString(w, `],"has_more":false,"next_page":null}`)
}

// A day of minutes of 500 combinations: 720,000 rows over HTTP.
func BenchmarkDayOf500Combinations(b *testing.B) {
	from := minute(0, 0)
	b.Run("analytics in pages of 1000", func(b *testing.B) {
		a := serve(b, func(w http.ResponseWriter, r *http.Request, _ int) {
			var n int
			_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
			page := pageOf(from.Add(time.Duration(2*n)*time.Minute), 2, 500)
			if n < 719 {
				page = bytes.Replace(page, []byte(`"has_more":false,"next_page":null`), fmt.Appendf(nil, `"has_more":true,"next_page":"%d"`, n+1), 1)
			}
			_, _ = w.Write(page)
		})
		day(b, a, Query{Source: usage.SourceAnalytics, From: from, To: from.AddDate(0, 0, 1)})
	})
	b.Run("analytics an hour at a time", func(b *testing.B) { byTheHour(b, from) })
	b.Run("report in one page", func(b *testing.B) {
		a := serve(b, func(w http.ResponseWriter, _ *http.Request, _ int) { reportDay(w, from, 500) })
		day(b, a, Query{Source: usage.SourceReport, From: from, To: from.AddDate(0, 0, 1)})
	})
}

// byTheHour reads a day as the service fills the past in: nothing is kept beyond an
// hour. The memory it reports is what the process holds at most, that of the API which
// it talks to included.
func byTheHour(b *testing.B, from time.Time) {
	template := pageOf(from, 2, 500)
	written := []string{from.Format(time.RFC3339), from.Add(time.Minute).Format(time.RFC3339), from.Add(2 * time.Minute).Format(time.RFC3339)}
	a := serve(b, func(w http.ResponseWriter, r *http.Request, _ int) {
		var n int
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		start, err := time.Parse(time.RFC3339, r.URL.Query().Get("starting_at"))
		if err != nil {
			b.Error(err)
		}
		page := bytes.Clone(template)
		for i := len(written) - 1; i >= 0; i-- { // the last first: they are a minute apart
			page = bytes.ReplaceAll(page, []byte(written[i]), start.Add(time.Duration(2*n+i)*time.Minute).AppendFormat(nil, time.RFC3339))
		}
		if n < 29 {
			page = bytes.Replace(page, []byte(`"has_more":false,"next_page":null`), fmt.Appendf(nil, `"has_more":true,"next_page":"%d"`, n+1), 1)
		}
		_, _ = w.Write(page)
	})
	var most uint64
	look := func() error {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.Sys-m.HeapReleased)
		return nil
	}
	debug.FreeOSMemory()
	b.ReportAllocs()
	for b.Loop() {
		for hour := range 24 {
			q := Query{Source: usage.SourceAnalytics, From: from.Add(time.Duration(hour) * time.Hour), BeforePage: look}
			q.To = q.From.Add(time.Hour)
			got, err := a.client().Usage(b.Context(), q)
			if err != nil {
				b.Fatal(err)
			}
			if n := len(got.Minutes[59].Buckets); n != 500 {
				b.Fatalf("got %d buckets in the last minute, want 500", n)
			}
		}
	}
	b.ReportMetric(float64(most)/(1<<20), "held-MiB")
}

func day(b *testing.B, a *api, q Query) {
	b.ReportAllocs()
	for b.Loop() {
		got, err := a.client().Usage(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		if n := len(got.Minutes[1439].Buckets); n != 500 {
			b.Fatalf("got %d buckets in the last minute, want 500", n)
		}
	}
}

// A page is decoded as it comes: whenever a row is read, little more of the page
// has come than what is in front of it. What is allocated on the way is the
// benchmark's business.
func TestAPageOf20MBIsNotHeld(t *testing.T) {
	t.Parallel()
	from := minute(0, 0)
	page := held(pageOf(from, 240, 110))
	row := readAnalyticsRow(nil, newTally(from, from.Add(4*time.Hour)), 1)
	var ahead int64
	if _, err := readPage(page, func(d *json.Decoder) error {
		ahead = max(ahead, page.read-d.InputOffset())
		return row(d)
	}); err != nil {
		t.Fatal(err)
	}
	if page.read < 20<<20 || ahead > maxValue {
		t.Errorf("got %d bytes that were read before their turn, of a page of %d, want one row's at most", ahead, page.read)
	}
}
