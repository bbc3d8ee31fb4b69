package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"sync"
	"testing"
	"time"
)

// fixedNow is the time of every attempt in tests.
func fixedNow() time.Time { return noon.Add(3 * time.Second) }

// jsonSettings is a receiver's part of the configuration, written as JSON.
type jsonSettings string

// Decode refuses unknown keys, as the configuration does.
func (s jsonSettings) Decode(into any) error {
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// settingsOf writes settings from keys and values.
func settingsOf(pairs map[string]any) jsonSettings {
	b, err := json.Marshal(pairs)
	if err != nil {
		panic("unreachable: strings, lists and numbers can be written") // test data only
	}
	return jsonSettings(b)
}

// answer is what a fake place says.
type answer struct {
	code   int
	header map[string]string
	body   string
	// echo puts the whole request, headers and all, into the answer, as careless servers do.
	echo bool
	// hang answers only when the client has gone.
	hang bool
}

// request is what a fake place received.
type request struct {
	path   string
	header http.Header
	body   []byte
}

// place is an HTTP server that records and answers.
type place struct {
	*httptest.Server
	mu       sync.Mutex
	seen     []request
	answers  []answer // the last one is repeated
	received chan struct{}
}

// newPlace starts a place; it ends with the test.
func newPlace(t *testing.T, answers ...answer) *place {
	t.Helper()
	p := &place{answers: answers, received: make(chan struct{}, 100)}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *place) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	dump, _ := httputil.DumpRequest(r, false)
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	n := len(p.seen)
	p.seen = append(p.seen, request{path: r.URL.RequestURI(), header: r.Header.Clone(), body: body})
	a := p.answers[min(n, len(p.answers)-1)]
	p.mu.Unlock()
	select {
	case p.received <- struct{}{}:
	default: // nobody waits for so many
	}
	if a.hang {
		<-r.Context().Done()
		return
	}
	for key, value := range a.header {
		w.Header().Set(key, value)
	}
	w.WriteHeader(a.code)
	_, _ = io.WriteString(w, a.body)
	if a.echo {
		_, _ = fmt.Fprintf(w, "you sent %s %s", dump, body)
	}
}

// requests returns what came so far.
func (p *place) requests() []request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]request(nil), p.seen...)
}

// last returns the newest request.
func (p *place) last(t *testing.T) request {
	t.Helper()
	all := p.requests()
	if len(all) == 0 {
		t.Fatal("got no request, want one")
	}
	return all[len(all)-1]
}

// pretty indents JSON for golden files.
func pretty(t *testing.T, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		t.Fatalf("read JSON %q: %v", clip(string(raw), 300), err)
	}
	b.WriteByte('\n')
	return b.Bytes()
}
