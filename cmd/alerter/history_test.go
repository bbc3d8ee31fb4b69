package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/config"
	"alerter/evaluate/replay"
	"alerter/fetch/simulate"
)

// past is when the recorded history begins; it has three hours.
var past = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

const pastMinutes = 180

// pastOrganization uses a fifth of its output limit, more than all of it for half an
// hour after the first, and little after the limit was raised.
func pastOrganization() simulate.Config {
	c := scriptOrganization(past.Add(2*time.Hour), 0)
	stream := &c.Traffic.Streams[0]
	stream.Rows = nil
	for i := range pastMinutes {
		output := int64(scriptLimit / 5)
		switch {
		case i%10 == 9:
			continue // nothing was used
		case i >= 60 && i < 75:
			output = scriptLimit * int64(i-50) / 16
		case i >= 75 && i < 90:
			output = scriptLimit * 3 / 2
		}
		stream.Rows = append(stream.Rows, simulate.Row{At: past.Add(time.Duration(i) * time.Minute), Counts: simulate.Counts{Requests: 3, Uncached: 2 * output, Output: output}})
	}
	c.Traffic.Epoch = past
	now := past.Add(pastMinutes * time.Minute).Add(24 * time.Hour)
	c.Now = func() time.Time { return now }
	return c
}

// record saves what the built-in Admin API answers, as somebody would with curl.
func record(t *testing.T, dir string, reports ...string) {
	t.Helper()
	server, err := simulate.New(pastOrganization())
	if err != nil {
		t.Fatal(err)
	}
	r := folderRecorder{t: t, server: server, dir: dir}
	r.save("v1/organizations/me", nil, "organization.json")
	r.save("v1/organizations/workspaces", url.Values{"limit": {"1000"}, "include_default": {"true"}, "include_archived": {"true"}}, "workspaces.json")
	r.save("v1/organizations/rate_limits", nil, "rate_limits.json")
	r.save("v1/organizations/workspaces/wrkspc_prod/rate_limits", url.Values{"include_inherited": {"true"}}, "workspaces/wrkspc_prod/rate_limits.json")
	for _, report := range reports {
		q := url.Values{
			"group_by[]":  {"model", "workspace_id", "service_tier"},
			"starting_at": {past.Format(time.RFC3339)}, "ending_at": {past.Add(pastMinutes * time.Minute).Format(time.RFC3339)},
		}
		if report == "usage" {
			q["time_bucket_width"], q["limit"], q["order_by"], q["order"] = []string{"1m"}, []string{"100"}, []string{"time"}, []string{"asc"}
			q["group_by[]"] = append(q["group_by[]"], "product", "speed")
			r.pages("v1/organizations/analytics/usage", q, report)
		} else {
			q["bucket_width"], q["limit"] = []string{"1m"}, []string{"100"}
			r.pages("v1/organizations/usage_report/messages", q, report)
		}
	}
	limits, err := os.ReadFile(filepath.Join(dir, "rate_limits.json"))
	if err != nil {
		t.Fatal(err)
	}
	raised := strings.ReplaceAll(string(limits), fmt.Sprint(scriptLimit), fmt.Sprint(4*scriptLimit))
	r.write("rate_limits/2026-11-23T10:00:00Z.json", []byte(raised))
	r.write("history.json", []byte(`{"from": "2026-11-23T08:00:00Z", "to": "2026-11-23T11:00:00Z"}`+"\n"))
}

// folderRecorder asks the built-in Admin API and saves its answers.
type folderRecorder struct {
	t      testing.TB
	server http.Handler
	dir    string
}

func (r folderRecorder) ask(path string, q url.Values) []byte {
	r.t.Helper()
	req := httptest.NewRequest(http.MethodGet, "/"+path+"?"+q.Encode(), nil)
	req.Header.Set("X-Api-Key", scriptKey)
	req.Header.Set("Anthropic-Version", "2023-06-01")
	if strings.Contains(path, "analytics") {
		req.Header.Set("Anthropic-Beta", "analytics-usage-cost-2026-08-24")
	}
	w := httptest.NewRecorder()
	r.server.ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		r.t.Fatalf("GET %s: %d %s", req.URL, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

func (r folderRecorder) save(path string, q url.Values, name string) { r.write(name, r.ask(path, q)) }

func (r folderRecorder) pages(path string, q url.Values, folder string) {
	for n := 1; ; n++ {
		b := r.ask(path, q)
		r.write(fmt.Sprintf("%s/page%02d.json", folder, n), b)
		var p struct {
			Next *string `json:"next_page"`
		}
		if err := json.Unmarshal(b, &p); err != nil {
			r.t.Fatal(err)
		}
		if p.Next == nil {
			return
		}
		q.Set("page", *p.Next)
	}
}

func (r folderRecorder) write(name string, b []byte) {
	path := filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// backtested is the report on a folder by the rules of the repository.
func backtested(t *testing.T, dir string, lag time.Duration) replay.Report {
	t.Helper()
	h, notes, err := readHistory(dir, nil)
	if err != nil || len(notes) > 0 {
		t.Fatalf("read the history: %v, notes %q", err, notes)
	}
	h.Lag, h.Settle = lag, 5*time.Minute
	return reported(t, h)
}

// reported is the report on a history by the rules of the repository.
func reported(t testing.TB, h replay.History) replay.Report {
	t.Helper()
	conf, err := config.LoadRules("../../rules.yaml", func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	return replay.Collect(replay.Run(h, conf.Rules, conf.Tree, h.Span()), h.Span(), nil)
}

const historyFolderName = "../../testdata/history"

func TestARecordedHistoryIsReadFromEitherReport(t *testing.T) {
	t.Parallel()
	if *update {
		record(t, historyFolderName, "usage")
	}
	want := backtested(t, historyFolderName, 5*time.Minute)
	if len(want.Episodes) == 0 || len(want.LimitMinutes) == 0 || want.Ticks != pastMinutes {
		t.Fatalf("got %d episodes, %d minutes at the limit, %d ticks", len(want.Episodes), len(want.LimitMinutes), want.Ticks)
	}
	for _, reports := range [][]string{{"usage"}, {"usage_report"}, {"usage", "usage_report"}} {
		dir := t.TempDir()
		record(t, dir, reports...)
		if diff := cmp.Diff(want, backtested(t, dir, 5*time.Minute)); diff != "" {
			t.Errorf("from %q (-want +got):\n%s", reports, diff)
		}
	}
}

func TestALongerLagShowsTheSameLater(t *testing.T) {
	t.Parallel()
	at := func(lag time.Duration) time.Time {
		return backtested(t, historyFolderName, lag).Episodes[0].FiredAt
	}
	if got := at(8 * time.Minute).Sub(at(5 * time.Minute)); got != 3*time.Minute {
		t.Errorf("got %s later, want 3m", got)
	}
}

func TestNotedTimesTakeThePlaceOfTheLag(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	record(t, dir, "usage")
	r := folderRecorder{t: t, dir: dir}
	r.write("seen.jsonl", []byte(`{"file":"usage/page01.json","at":"2026-11-23T10:45:00Z"}
{"file":"usage/page02.json","at":"2026-11-23T10:45:00Z"}
`))
	got := backtested(t, dir, 5*time.Minute)
	for _, e := range got.Episodes {
		if e.Alertname == "LimitPressure" && e.FiredAt.Before(past.Add(165*time.Minute)) {
			t.Errorf("got %s fired at %s, before anything was seen", e.Alertname, e.FiredAt)
		}
	}
	r.write("seen.jsonl", []byte(`{"file":"usage/page01.json","at":"2026-11-23T10:45:00Z"}`))
	if _, _, err := readHistory(dir, nil); err == nil || !strings.Contains(err.Error(), "usage/page02.json") {
		t.Errorf("got error %v, want one that names the file that is not noted", err)
	}
}

func TestAFolderThatIsNoHistorySaysWhy(t *testing.T) {
	t.Parallel()
	for missing, want := range map[string]string{
		"organization.json": "it is not a history",
		"rate_limits.json":  "without limits nothing can be full",
		"usage":             "no pages under usage",
	} {
		dir := t.TempDir()
		record(t, dir, "usage")
		if err := os.RemoveAll(filepath.Join(dir, missing)); err != nil {
			t.Fatal(err)
		}
		if missing == "rate_limits.json" {
			if err := os.RemoveAll(filepath.Join(dir, "rate_limits")); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := readHistory(dir, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %s: got error %v, want %q", missing, err, want)
		}
	}
	dir := t.TempDir()
	record(t, dir, "usage")
	folderRecorder{t: t, dir: dir}.write("usage/page00.json", []byte(`{"data": [{"starting_at": 5}]}`))
	if _, _, err := readHistory(dir, nil); err == nil || !strings.Contains(err.Error(), "usage/page00.json: data[0]") {
		t.Errorf("got error %v, want one that names the file and the row", err)
	}
}
