package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// t0 is when the tests look; not a whole second, as a clock never is.
var t0 = time.Date(2026, 11, 23, 14, 0, 20, 123456789, time.UTC)

// settle is when minutes are final in the tests.
const settle = 2 * time.Minute

// hostile is a name that must stay text wherever it is shown.
const hostile = `<script>alert("1")</script> & 'co'`

// world is a server over a real store, with a clock and a log that tests hold.
type world struct {
	*Server
	handler http.Handler
	log     *lines
	loadErr error // what the next reload says
	changes []string
	token   string
	tree    route.Tree
	ready   bool
	// closeStore takes the database away.
	closeStore func()
	mu         sync.Mutex
	at         time.Time
}

// lines is a log that several goroutines write.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

// newWorld is a server over an empty store.
func newWorld(t testing.TB) *world {
	t.Helper()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "alerter.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := withoutStore()
	w.Store = st
	w.closeStore = sync.OnceFunc(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(w.closeStore)
	return w
}

// withoutStore is a server for calls that ask nothing of the database.
func withoutStore() *world {
	w := &world{log: &lines{}, ready: true, at: t0}
	w.Server = &Server{
		Log: zerolog.New(w.log), Now: w.now, Ready: func() bool { return w.ready },
		Load:     func(context.Context) ([]string, error) { return w.changes, w.loadErr },
		Config:   func() ([]byte, error) { return []byte("rules: []\n"), nil },
		Token:    func() (string, error) { return w.token, nil },
		View:     view,
		Settle:   func(string) time.Duration { return settle },
		Routes:   func() route.Tree { return w.tree },
		Registry: prometheus.NewRegistry(), Version: "1.2.3", Revision: "abc",
	}
	w.handler = w.Handler()
	return w
}

// view stands in for the words of messages.
func view(a evaluate.Alert, done route.Standing) Alert {
	annotations := map[string]string{"summary": a.Labels.Workspace + " is near its limit"}
	if len(a.Reading.Top) > 0 {
		annotations["top_consumers"] = a.Reading.Top[0].Name
	}
	if !done.SilencedUntil.IsZero() {
		annotations["silenced_by"], annotations["silenced_until"] = done.SilencedBy, done.SilencedUntil.Format(time.RFC3339)
	}
	return Alert{
		Labels: map[string]string{
			"alertname": a.Rule, "severity": string(a.Severity), "organization": a.Labels.Organization,
			"workspace": a.Labels.Workspace, "model_group": a.Labels.ModelGroup, "limiter": a.Labels.Limiter,
		},
		Annotations: annotations, Fingerprint: a.Fingerprint, State: a.State, Severity: a.Severity,
		PendingAt: moment(a.PendingAt), FiredAt: moment(a.FiredAt), ResolvedAt: moment(a.ResolvedAt), Silenced: !done.SilencedUntil.IsZero(),
	}
}

func (w *world) update(t testing.TB, f func(*store.Tx) error) {
	t.Helper()
	if err := w.Store.Update(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

// request is a GET from this machine unless the change says otherwise.
func request(path string, change ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:40000", "127.0.0.1:9911"
	for _, c := range change {
		c(r)
	}
	return r
}

func method(m string) func(*http.Request) { return func(r *http.Request) { r.Method = m } }

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func from(address string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = address }
}

func host(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }

func (w *world) ask(r *http.Request) *httptest.ResponseRecorder {
	out := httptest.NewRecorder()
	w.handler.ServeHTTP(out, r)
	return out
}

// body is the answer to a GET that must succeed.
func (w *world) body(t testing.TB, path string) string {
	t.Helper()
	answer := w.ask(request(path))
	if answer.Code != http.StatusOK {
		t.Fatalf("GET %s: got %d %s", path, answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// decoded is the JSON answer to a GET that must succeed.
func decoded[T any](t testing.TB, w *world, path string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(w.body(t, path)), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; run with -update and read the diff (-want +got):\n%s", path, diff)
	}
}

// history is a row of numbers, which is read in one line.
var history = regexp.MustCompile(`"history": \[[^\]]*\]`)

// pretty is JSON as people read it.
func pretty(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		t.Fatal(err)
	}
	oneLine := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	return strings.TrimSpace(history.ReplaceAllStringFunc(b.String(), oneLine)) + "\n"
}

// inf is the utilization of a limit of zero.
var inf = math.Inf(1)

var errBoom = errors.New("boom")
