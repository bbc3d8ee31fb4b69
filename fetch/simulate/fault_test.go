package simulate_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"alerter/fetch/simulate"
)

func inject(t testing.TB, s *simulate.Server, f simulate.Fault) int {
	t.Helper()
	id, err := s.Inject(f)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestStatusFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault             simulate.Fault
		kind, after, when string
	}{
		{simulate.Fault{Status: 401}, "authentication_error", "", ""},
		{simulate.Fault{Status: 403}, "permission_error", "", ""},
		{simulate.Fault{Status: 404}, "not_found_error", "", ""},
		{simulate.Fault{Status: 429, RetryAfter: 1500 * time.Millisecond}, "rate_limit_error", "2", ""},
		{simulate.Fault{Status: 429, ResetAfter: 45 * time.Second}, "rate_limit_error", "", "2026-11-23T13:00:45Z"},
		{simulate.Fault{Status: 500}, "api_error", "", ""},
		{simulate.Fault{Status: 502}, "api_error", "", ""},
		{simulate.Fault{Status: 503, ErrorCode: "cmek_key_unreachable"}, "api_error", "", ""},
		{simulate.Fault{Status: 529}, "overloaded_error", "", ""},
	}
	for _, test := range tests {
		s := server(t, small())
		test.fault.Kind, test.fault.Endpoint, test.fault.Count = simulate.Status, simulate.RateLimits, 2
		inject(t, s, test.fault)
		for range 2 {
			if w := request(s, spaces, nil); w.Code != http.StatusOK {
				t.Errorf("got %d from an endpoint without fault", w.Code)
			}
			w := request(s, limits, nil)
			body := decode(t, w)
			if w.Code != test.fault.Status || dig(body, "error", "type") != test.kind {
				t.Errorf("%d: got %d %s", test.fault.Status, w.Code, w.Body)
			}
			if a, r := w.Header().Get("retry-after"), w.Header().Get("anthropic-ratelimit-requests-reset"); a != test.after || r != test.when {
				t.Errorf("%d: got retry-after %q and reset %q", test.fault.Status, a, r)
			}
			if test.fault.ErrorCode != "" && dig(body, "error", "details", "error_code") != test.fault.ErrorCode {
				t.Errorf("got %s without its code", w.Body)
			}
		}
		if w := request(s, limits, nil); w.Code != http.StatusOK || len(s.Faults()) != 0 {
			t.Errorf("%d: got %d after its count", test.fault.Status, w.Code)
		}
	}
}

func TestFaultsOfTheNewerReports(t *testing.T) {
	t.Parallel()
	const hour = "?starting_at=2026-11-23T12:00:00Z"
	s := server(t, small())
	id := inject(t, s, simulate.Fault{Kind: simulate.NotEnrolled})
	for _, path := range []string{usage + hour, cost + hour} {
		w := request(s, path, nil)
		if w.Code != 400 || dig(decode(t, w), "error", "details", "error_code") != "organization_not_enrolled_in_beta" {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	}
	if w := request(s, report+hour, nil); w.Code != http.StatusOK {
		t.Errorf("got %d from the older report", w.Code)
	}
	s.Clear(id)
	inject(t, s, simulate.Fault{Kind: simulate.LateAnalytics, Lateness: 58 * time.Minute})
	rows := data(t, get(t, s, usage+hourQuery("")))
	if len(rows) != 1 || rows[0]["starting_at"] != "2026-11-23T12:00:00Z" { // 13:00 - 58 min: 12:01 is over
		t.Errorf("got %s, 58 minutes late", text(rows))
	}
	if b := data(t, get(t, s, report+hour+"&bucket_width=1m&limit=4")); text(b[3]["results"]) == "[]" {
		t.Errorf("the older report is late too: %s", text(b))
	}
	s.Clear()
	inject(t, s, simulate.Fault{Kind: simulate.StopReporting, Since: at(3)})
	if rows := data(t, get(t, s, usage+hourQuery(""))); len(rows) != 2 {
		t.Errorf("got %d rows, want those before it stopped", len(rows))
	}
	if b := data(t, get(t, s, report+hour+"&bucket_width=1m&limit=4")); text(b[3]["results"]) != "[]" || text(b[2]["results"]) == "[]" {
		t.Errorf("the older report did not stop: %s", text(b))
	}
	s.Clear()
	if rows := data(t, get(t, s, usage+hourQuery(""))); len(rows) != 3 {
		t.Errorf("got %d rows after all faults are cleared", len(rows))
	}
}

func TestFaultsThatAddThings(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	inject(t, s, simulate.Fault{Kind: simulate.UnknownLimiter})
	inject(t, s, simulate.Fault{Kind: simulate.UnknownGroup})
	all := data(t, get(t, s, limits))
	if n := len(all); n != 5 || dig(all[4], "group", "type") != "dream_group" || len(all[0]["limits"].([]any)) != 4 {
		t.Errorf("got %s", text(all))
	}
	s.Clear()
	inject(t, s, simulate.Fault{Kind: simulate.ExtraField})
	for _, path := range []string{limits, shopSelf, spaces, spaces + "/" + shop, apiKeys, "/v1/organizations/me", usage + hourQuery(""),
		cost + hourQuery(""), report + "?starting_at=2026-11-23T12:00:00Z", costs + "?starting_at=2026-11-23T12:00:00Z"} {
		o := get(t, s, path)
		if o["simulated_future_field"] == nil {
			t.Errorf("GET %s: no extra field in %s", path, text(o))
		}
		if list, ok := o["data"].([]any); ok && list[0].(object)["simulated_future_field"] == nil {
			t.Errorf("GET %s: no extra field in %s", path, text(list[0]))
		}
	}
}

func TestFaultsOfTransport(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	ask := func(ctx context.Context) (*http.Response, []byte, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, web.URL+limits, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("x-api-key", key)
		r.Header.Set("anthropic-version", "2026-10-21")
		res, err := web.Client().Do(r)
		if err != nil {
			return nil, nil, err
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		return res, b, err
	}
	inject(t, s, simulate.Fault{Kind: simulate.CutOff, Count: 1})
	if res, b, err := ask(t.Context()); !errors.Is(err, io.ErrUnexpectedEOF) || res.StatusCode != 200 || json.Valid(b) {
		t.Errorf("cut off: got %q, %v", b, err)
	}
	inject(t, s, simulate.Fault{Kind: simulate.HTML, Count: 1})
	if res, b, err := ask(t.Context()); err != nil || res.StatusCode != 200 || !strings.HasPrefix(string(b), "<!doctype") ||
		!strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		t.Errorf("HTML: got %q, %v", b, err)
	}
	inject(t, s, simulate.Fault{Kind: simulate.Hang}) // for good: a busy machine may never get to ask
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, b, err := ask(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hang: got %q, %v", b, err)
	}
	s.Clear()
	if res, b, err := ask(t.Context()); err != nil || res.StatusCode != 200 || !json.Valid(b) {
		t.Errorf("afterwards: got %q, %v", b, err)
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	s := server(t, small())
	tests := []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "clock", "", 200, `{"now":"2026-11-23T13:00:00Z","start":"2026-11-23T12:00:00Z"}`},
		{"GET", "faults", "", 200, `{"faults":[]}`},
		{"POST", "faults", `{"kind":"status","endpoint":"analytics_usage","status":429,"retry_after":"30s","count":2}`, 200, `{"id":1}`},
		{"POST", "faults", `{"kind":"late_analytics","lateness":"1h"}`, 200, `{"id":2}`},
		{"POST", "faults", `{"kind":"stop_reporting"}`, 200, `{"id":3}`},
		{"GET", "faults", "", 200, `{"faults":[{"id":1,"kind":"status","endpoint":"analytics_usage","count":2,"status":429,"retry_after":"30s"},{"id":2,"kind":"late_analytics","lateness":"1h0m0s"},{"id":3,"kind":"stop_reporting","since":"2026-11-23T13:00:00Z"}]}`},
		{"DELETE", "faults/2", "", 200, `{}`},
		{"DELETE", "faults/x", "", 400, `{"error":"fault id \"x\" is not a number"}`},
		{"DELETE", "faults", "", 200, `{}`},
		{"GET", "faults", "", 200, `{"faults":[]}`},
		{"POST", "faults", `{"kind":"flood"}`, 400, `{"error":"inject fault: unknown kind \"flood\""}`},
		{"POST", "faults", `{"kind":"status","status":200}`, 400, `{"error":"inject fault: status 200 is not an error"}`},
		{"POST", "faults", `{"kind":"hang","endpoint":"moon"}`, 400, `{"error":"inject fault: unknown endpoint \"moon\""}`},
		{"POST", "faults", `{"kind":"late_analytics"}`, 400, `{"error":"inject fault: lateness 0s is not positive"}`},
		{"POST", "faults", `{"kind":"hang","count":-1}`, 400, `{"error":"inject fault: count, retry_after or reset_after is negative"}`},
		{"POST", "faults", `{"kind":"hang","colour":1}`, 400, `{"error":"decode request: json: unknown field \"colour\""}`},
		{"POST", "faults", `{"kind":"hang"} {}`, 400, `{"error":"decode request: more than one value"}`},
		{"POST", "limits", `{"workspace":"shop","group":"Claude Opus 4.x","limiter":"requests_per_minute","value":7}`, 200, `{}`},
		{"POST", "limits", `{"group":"nothing","limiter":"requests_per_minute","value":7}`, 400, `{"error":"change limits at 2026-11-23T13:00:00Z: no group \"nothing\""}`},
		{"POST", "limits", `[]`, 400, ""},
		{"PUT", "limits", `{}`, 404, `{"error":"no such control: PUT /simulate/limits"}`},
	}
	for _, test := range tests {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(test.method, "/simulate/"+test.path, strings.NewReader(test.body)))
		if got := w.Body.String(); w.Code != test.status || test.want != "" && got != test.want {
			t.Errorf("%s %s %s:\ngot  %d %s\nwant %d %s", test.method, test.path, test.body, w.Code, got, test.status, test.want)
		}
	}
	if got := dig(get(t, s, shopSelf), "data", 0, "limits", 0, "value"); got != 7.0 {
		t.Errorf("got %v, want the override that was set", got)
	}
}
