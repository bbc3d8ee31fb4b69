package fetch

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"alerter/usage"
)

// testKey is put together so that nothing in this folder looks like a key.
var testKey = "sk-ant-" + "admin01-" + "Kq4VbTz7XnRw9LmPc2HdYsGf5JtWvBx8"

const (
	orgAgents  = "wrkspc_01HvQm7TzRk4NbXc9WpLd2YsJf"
	orgBatch   = "wrkspc_01BtRx5KvNq8MwZc3LpYh6DsGj"
	orgCode    = "wrkspc_01CcPz6YtKv8MqRb4XnWd9LsHg"
	orgDefault = "wrkspc_01DfLt9XqRw4NmKc7VpZb3HsYj"
)

// tick is the time of the tests' clocks: when the recorded pages were asked for.
var tick = time.Date(2026, 11, 23, 10, 4, 30, 0, time.UTC)

// minute is a minute of the recorded hour: minute(9, 57).
func minute(hour, min int) time.Time { return time.Date(2026, 11, 23, hour, min, 0, 0, time.UTC) }

// api is a server that answers by a function and keeps what it was asked.
type api struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
}

func (a *api) asked() []*http.Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]*http.Request(nil), a.requests...)
}

// serve starts a server. n counts its requests from 0.
func serve(t testing.TB, answer func(w http.ResponseWriter, r *http.Request, n int)) *api {
	t.Helper()
	a := &api{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		n := len(a.requests)
		a.requests = append(a.requests, r.Clone(context.Background()))
		a.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("request-id", "req_test")
		answer(w, r, n)
	}))
	t.Cleanup(a.Close)
	return a
}

// client is a client of the server that does not wait between attempts.
func (a *api) client() *Client {
	return &Client{
		Name: "acme", BaseURL: a.URL, HTTP: a.Client(),
		Key:   func() (string, error) { return testKey, nil },
		Now:   func() time.Time { return tick },
		pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

// recorded is a page from testdata.
func recorded(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pages answers the first request with the first page and so on.
func pages(t testing.TB, names ...string) *api {
	t.Helper()
	var bodies [][]byte
	for _, name := range names {
		bodies = append(bodies, recorded(t, name))
	}
	return serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		_, _ = w.Write(bodies[n%len(bodies)])
	})
}

// says answers every request with one body.
func says(t testing.TB, body string) *api {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { _, _ = w.Write([]byte(body)) })
}

// recordedHour is the query the recorded pages answer.
func recordedHour(source usage.SourceKind) Query {
	return Query{Source: source, From: minute(9, 57), To: minute(10, 3), DefaultWorkspaceID: orgDefault}
}
