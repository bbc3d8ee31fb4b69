package web

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/store"
)

// counting is a reload that succeeds and is counted.
func counting(n *int) func(context.Context) ([]string, error) {
	return func(context.Context) ([]string, error) { *n++; return nil, nil }
}

func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	w := filled(t) // for all: nothing here changes it
	get, head, post, put, del := http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete
	for _, c := range []struct {
		path    string
		methods map[string]int
	}{
		{"/", map[string]int{get: 200, head: 200, post: 405, del: 405}},
		{"/-/healthy", map[string]int{get: 200, head: 200, post: 405}},
		{"/healthz", map[string]int{get: 200, head: 200}},
		{"/health", map[string]int{get: 200, head: 200}},
		{"/-/ready", map[string]int{get: 200, head: 200, post: 405}},
		{"/readyz", map[string]int{get: 200, head: 200}},
		{"/-/reload", map[string]int{post: 200, get: 405, head: 405, put: 405}},
		{"/metrics", map[string]int{get: 200, head: 200, post: 405}},
		{"/api/v1/status", map[string]int{get: 200, head: 200, post: 405, put: 405, del: 405}},
		{"/api/v1/series", map[string]int{get: 200, head: 200, post: 405}},
		{"/api/v1/alerts", map[string]int{get: 200, head: 200, post: 405}},
		{"/api/v1/limits", map[string]int{get: 200, head: 200, post: 405}},
		{"/api/v1/events", map[string]int{get: 200, head: 200, post: 405}},
		{"/api/v1/outbox", map[string]int{get: 200, head: 200, post: 405}},
		{"/api/v1/outbox/2/replay", map[string]int{get: 405, put: 405}},
		{"/api/v1/rules", map[string]int{get: 200, head: 200, post: 405}},
		{"/assets/page.css", map[string]int{get: 200, head: 200, post: 405}},
		{"/assets/icon.svg", map[string]int{get: 200}},
		{"/assets/", map[string]int{get: 404}},
		{"/assets/page.html", map[string]int{get: 404}},
		{"/assets/..%2fserver.go", map[string]int{get: 404}},
		{"/api/v1/", map[string]int{get: 404}},
		{"/api/v1/nothing", map[string]int{get: 404, post: 404}},
		{"/status", map[string]int{get: 404}},
	} {
		for m, want := range c.methods {
			t.Run(m+" "+c.path, func(t *testing.T) {
				t.Parallel()
				answer := w.ask(request(c.path, method(m)))
				if answer.Code != want {
					t.Errorf("got %d %s, want %d", answer.Code, answer.Body, want)
				}
				if want >= 400 && !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/plain") {
					t.Errorf("got %s, want plain text", answer.Header().Get("Content-Type"))
				}
				if want == http.StatusMethodNotAllowed && answer.Header().Get("Allow") == "" {
					t.Error("got no Allow beside 405")
				}
				checkGuarded(t, answer.Header())
			})
		}
	}
}

func checkGuarded(t *testing.T, h http.Header) {
	t.Helper()
	if csp := h.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "script-src") {
		t.Errorf("got policy %q, want nothing but our own style and pictures", csp)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("got %s %q, want %q", name, got, want)
		}
	}
}

func TestThePageSaysThatNothingIsStored(t *testing.T) {
	t.Parallel()
	w := filled(t)
	const problem = "what was read last could not be stored: nothing is evaluated, and nobody is told anything; see the log"
	if got := w.body(t, "/"); strings.Contains(got, problem) {
		t.Error("it does so where everything is stored")
	}
	w.pass(time.Minute)
	w.Unkept = func() error { return errBoom }
	if got := w.body(t, "/"); !strings.Contains(got, problem) || strings.Contains(got, errBoom.Error()) {
		t.Errorf("got no %q, or why, in\n%s", problem, got)
	}
	if got := decoded[Status](t, w, "/api/v1/status").Problem; got != problem {
		t.Errorf("got problem %q in JSON, want %q", got, problem)
	}
}

func TestReadyOnceTheFirstCycleHasBegun(t *testing.T) {
	t.Parallel()
	w := withoutStore()
	w.ready = false
	for _, path := range []string{"/-/ready", "/readyz"} {
		if got := w.ask(request(path)).Code; got != http.StatusServiceUnavailable {
			t.Errorf("%s: got %d before the first cycle, want 503", path, got)
		}
	}
	if got := w.ask(request("/-/healthy")).Code; got != http.StatusOK {
		t.Errorf("got %d from healthy, want 200 whatever ready says", got)
	}
	w.ready = true
	w.Unkept = func() error {
		return &store.FileError{Path: "/secret/alerter.db", Advice: "the disk is full", Err: errBoom}
	}
	answer := w.ask(request("/-/ready"))
	if want := "not ready: what was read last could not be stored: nothing is evaluated, and nobody is told anything; the disk is full\n"; answer.Code != 503 || answer.Body.String() != want {
		t.Errorf("got %d %q, want 503 and %q", answer.Code, answer.Body, want)
	}
	if got := w.ask(request("/-/healthy")).Code; got != http.StatusOK {
		t.Errorf("got %d from healthy, want 200: a restart would not help", got)
	}
	w.Unkept = func() error { return nil }
	if got := w.body(t, "/-/ready"); got != "OK\n" {
		t.Errorf("got %q, want OK", got)
	}
}

func TestAssetsAreSentOnce(t *testing.T) {
	t.Parallel()
	w := withoutStore()
	first := w.ask(request("/assets/page.css"))
	tag := first.Header().Get("ETag")
	if got := first.Header().Get("Content-Type"); tag == "" || !strings.HasPrefix(got, "text/css") {
		t.Errorf("got tag %q and type %q, want a tag and text/css", tag, got)
	}
	again := w.ask(request("/assets/page.css", header("If-None-Match", tag)))
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("got %d with %d bytes, want 304 and none", again.Code, again.Body.Len())
	}
}

func TestARefusedReloadSaysWhyAndKeepsTheOldTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pass(time.Minute)
	w.loadErr = errBoom
	answer := w.ask(request("/-/reload", method(http.MethodPost)))
	want := "reload refused, the old configuration stays: boom\n"
	if answer.Code != http.StatusInternalServerError || answer.Body.String() != want {
		t.Errorf("got %d %q, want 500 %q", answer.Code, answer.Body, want)
	}
	checkMetric(t, w, "alerter_config_last_reload_successful", "0")
	checkMetric(t, w, "alerter_config_last_reload_success_timestamp_seconds", "1.795442420123e+09")
	w.loadErr = nil
	w.pass(time.Minute)
	w.changes = []string{"rule Slow added", "route changed"}
	if answer := w.ask(request("/-/reload", method(http.MethodPost))); answer.Body.String() != "reloaded\nrule Slow added\nroute changed\n" {
		t.Errorf("got %q, want reloaded, and what changed", answer.Body)
	}
	w.changes = nil
	if answer := w.ask(request("/-/reload", method(http.MethodPost))); answer.Body.String() != "reloaded\nnothing changed\n" {
		t.Errorf("got %q, want reloaded, and that nothing changed", answer.Body)
	}
	want = `{"level":"warn","error":"boom","message":"reload refused, the old configuration stays"}
{"level":"info","changes":"rule Slow added, route changed","message":"reloaded"}
{"level":"info","changes":"nothing changed","message":"reloaded"}
`
	if diff := cmp.Diff(want, w.log.String()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	checkMetric(t, w, "alerter_config_last_reload_successful", "1")
	checkMetric(t, w, "alerter_config_last_reload_success_timestamp_seconds", "1.795442540123e+09")
}

func TestAServerMayHaveSeveralHandlers(t *testing.T) {
	t.Parallel()
	w := filled(t)
	w.loadErr = errBoom
	if _, err := w.Reload(t.Context()); err == nil {
		t.Fatal("got no error from a reload that errs")
	}
	w.handler = w.Handler()
	checkMetric(t, w, "alerter_config_last_reload_successful", "0")
}

func TestAnyNumberOfCallersCostsOneReading(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	at, reads := t0, 0
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return at }
	read := remembered(now, func() (int, error) { reads++; return reads, errBoom })
	ask := func(want int) {
		t.Helper()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if got, err := read(); got != want || err != errBoom { //nolint:errorlint // the very error is handed on
					t.Errorf("got %d %v, want reading %d and its error", got, err, want)
				}
			})
		}
		all.Wait()
	}
	pass := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); at = at.Add(d) }
	ask(1)
	pass(fresh - time.Nanosecond)
	ask(1)
	pass(time.Nanosecond)
	ask(2)
	pass(-time.Hour) // a clock that was set back
	ask(3)
}
