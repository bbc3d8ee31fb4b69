package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"alerter/usage"
)

func TestCheckKey(t *testing.T) {
	t.Parallel()
	secret := "Kq4VbTz7XnRw9LmPc2HdYs"
	for name, tt := range map[string]struct{ key, warning, err string }{
		"an Admin API key":       {"sk-ant-" + "admin01-" + secret, "", ""},
		"with space around":      {" sk-ant-" + "admin01-" + secret + "\n", "", ""},
		"another admin key":      {"sk-ant-" + "admin07-" + secret, "", ""},
		"a workspace key":        {"sk-ant-" + "api03-" + secret, "this is not an Admin API key", ""},
		"an OAuth token":         {"sk-ant-" + "oat01-" + secret, "this is an OAuth token", ""},
		"something else":         {secret, "this does not look like an Admin API key", ""},
		"empty":                  {"", "", "is empty"},
		"only space":             {" \t\n", "", "is empty"},
		"not expanded":           {"${ANTHROPIC_ADMIN_KEY}", "", "was not expanded"},
		"not expanded, short":    {"$ANTHROPIC_ADMIN_KEY", "", "was not expanded"},
		"not expanded, in part":  {"sk-ant-" + "admin01-${REST}", "", "was not expanded"},
		"in quotes":              {`"sk-ant-` + `admin01-` + secret + `"`, "", "quotation marks"},
		"two lines":              {"sk-ant-" + "admin01-" + secret + "\nother", "", "spaces or characters"},
		"a header with it":       {"x-api-key: " + secret, "", "spaces or characters"},
		"a character of no key":  {"sk-ant-" + "admin01-…", "", "spaces or characters"},
		"a control character":    {"sk-ant-" + "admin01-" + secret + "\x00", "", "spaces or characters"},
		"a byte that is no UTF8": {"sk-ant-" + "admin01-" + secret + "\xff", "", "spaces or characters"},
	} {
		warning, err := CheckKey(tt.key)
		text := fmt.Sprint(err)
		switch {
		case (err != nil) != (tt.err != "") || err != nil && !strings.Contains(text, tt.err):
			t.Errorf("%s: got error %v, want %q", name, err, tt.err)
		case (warning != "") != (tt.warning != "") || !strings.HasPrefix(warning, tt.warning):
			t.Errorf("%s: got warning %q, want %q", name, warning, tt.warning)
		case strings.Contains(warning+text, secret):
			t.Errorf("%s: the key is repeated: %q %q", name, warning, text)
		}
	}
}

func TestAKeyThatCannotBeOneIsNotSent(t *testing.T) {
	t.Parallel()
	gone := errors.New("no such file")
	for name, tt := range map[string]struct {
		key  func() (string, error)
		want string
	}{
		"unreadable":   {func() (string, error) { return "", gone }, "fetch organizations/me of acme: read the Admin API key of acme: no such file"},
		"empty":        {func() (string, error) { return "\n", nil }, "fetch organizations/me of acme: read the Admin API key of acme: the Admin API key is empty: set admin_key or admin_key_file"},
		"not expanded": {func() (string, error) { return "${KEY}", nil }, "fetch organizations/me of acme: read the Admin API key of acme: the Admin API key is a variable that was not expanded: is it set in the service's environment?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := says(t, `{}`)
			c := a.client()
			c.Key = tt.key
			if _, err := c.Organization(t.Context()); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if n := len(a.asked()); n != 0 {
				t.Errorf("got %d requests, want none", n)
			}
		})
	}
}

// echoes are the places where a server, or something in between, can put the key
// it was sent.
func echoes(key string) map[string]func(w http.ResponseWriter) {
	body := func(code int, text string) func(w http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(code); _, _ = io.WriteString(w, text) }
	}
	return map[string]func(w http.ResponseWriter){
		"message":      body(401, envelope("authentication_error", "invalid key "+key, "")),
		"type":         body(401, envelope(key, "no", "")),
		"code":         body(400, envelope("invalid_request_error", "no", key)),
		"message 500":  body(500, envelope("api_error", "Bearer "+key, "")),
		"html":         body(502, "<html>"+key),
		"plain":        body(500, "upstream said: authorization: Bearer "+key),
		"broken json":  body(503, `{"type":"error","error":{"message":"`+key),
		"not found":    body(404, envelope("not_found_error", key, "")),
		"200 text":     body(200, key),
		"200 html":     body(200, "<p>"+key),
		"200 field":    body(200, `{"`+key+`":1,"`+key+`":2}`),
		"200 nested":   body(200, `{"data":[{"`+key+`":1,"id":7,"group":{"type":3},"starting_at":"`+key+`"}]}`),
		"200 cut":      body(200, `{"data":[{"id":"`+key),
		"200 time":     body(200, `{"data":[],"data_refreshed_at":"`+key+`","has_more":{}}`),
		"200 limiter":  body(200, `{"data":[{"group":{"type":"`+key+`","id":"`+key+`"},"limits":[{"type":"`+key+`","value":1},{"type":"`+key+`","value":2}]}]}`),
		"content type": func(w http.ResponseWriter) { w.Header().Set("Content-Type", key); _, _ = io.WriteString(w, "text") },
		"request id": func(w http.ResponseWriter) {
			w.Header().Set("Request-Id", key)
			w.WriteHeader(429)
		},
		"request id of 200": func(w http.ResponseWriter) { w.Header().Set("Request-Id", key); _, _ = io.WriteString(w, `{}`) },
		"redirect": func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://"+strings.ToLower(key)+".example.com/"+key)
			w.WriteHeader(307)
		},
		"a header that is none": func(w http.ResponseWriter) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+key+"\r\n\r\n")
				_ = conn.Close()
			}
		},
		"a status line that is none": func(w http.ResponseWriter) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 "+key+"\r\n\r\n")
				_ = conn.Close()
			}
		},
	}
}

// calls are all calls there are.
func calls(c *Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Organization":       func(ctx context.Context) error { _, err := c.Organization(ctx); return err },
		"Workspaces":         func(ctx context.Context) error { _, err := c.Workspaces(ctx); return err },
		"Keys":               func(ctx context.Context) error { _, err := c.Keys(ctx); return err },
		"OrganizationLimits": func(ctx context.Context) error { _, err := c.OrganizationLimits(ctx); return err },
		"WorkspaceLimits":    func(ctx context.Context) error { _, err := c.WorkspaceLimits(ctx, orgAgents); return err },
		"Usage analytics": func(ctx context.Context) error {
			_, err := c.Usage(ctx, recordedHour(usage.SourceAnalytics))
			return err
		},
		"Usage report":    func(ctx context.Context) error { _, err := c.Usage(ctx, recordedHour(usage.SourceReport)); return err },
		"Usage keys":      func(ctx context.Context) error { _, err := c.Usage(ctx, recordedHour(usage.SourceKeys)); return err },
		"Probe analytics": func(ctx context.Context) error { _, err := c.Probe(ctx, usage.SourceAnalytics, tick); return err },
		"Probe report":    func(ctx context.Context) error { _, err := c.Probe(ctx, usage.SourceReport, tick); return err },
	}
}

// texts is every text that can be got out of an error.
func texts(err error) string {
	all := fmt.Sprintf("%v\n%+v\n%#v\n%s\n%q\n", err, err, err, err, err)
	switch e := err.(type) { //nolint:errorlint // each layer of the chain is looked at by itself
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			all += texts(inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			all += texts(inner)
		}
	}
	return all
}

// Promise 9: no secret leaves.
func TestTheKeyIsInNoErrorWhateverTheServerEchoes(t *testing.T) {
	t.Parallel()
	for where, answer := range echoes(testKey) {
		a := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w) })
		for name, call := range calls(a.client()) {
			t.Run(where+"/"+name, func(t *testing.T) {
				t.Parallel()
				err := call(t.Context())
				if err != nil && strings.Contains(strings.ToLower(texts(err)), strings.ToLower(testKey)) {
					t.Errorf("the key is in the error: %v", err)
				}
			})
		}
	}
}

func TestTheKeyIsInOneHeaderOnly(t *testing.T) {
	t.Parallel()
	a := says(t, `{"id":"1","data":[],"has_more":false}`)
	for name, call := range calls(a.client()) {
		if err := call(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, r := range a.asked() {
		found := 0
		for header, values := range r.Header {
			for _, v := range values {
				if !strings.Contains(v, testKey) {
					continue
				}
				found++
				want := "Authorization"
				if strings.Contains(r.URL.Path, "usage_report") {
					want = "X-Api-Key"
				}
				if header != want {
					t.Errorf("%s: the key is in the header %s, want %s", r.URL.Path, header, want)
				}
			}
		}
		if found != 1 || strings.Contains(r.URL.String(), testKey) {
			t.Errorf("%s: the key is in %d headers, want 1, and not in the URL", r.URL.Path, found)
		}
	}
}

func TestOtherKeysAreConcealedToo(t *testing.T) {
	t.Parallel()
	other := "sk-ant-" + "api03-" + "R9fAbCdEfGh_-1"
	got := scrub("a "+other+" and "+testKey+", b+c/d%3D and b%2Bc%2Fd%3D", "b+c/d=")
	if want := "a <secret> and <secret>, b+c/d%3D and <secret>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAConcealedErrorIsStillWhatItWas(t *testing.T) {
	t.Parallel()
	err := conceal(fmt.Errorf("at %s: %w", testKey, context.DeadlineExceeded), testKey)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want it to be a passed deadline", err)
	}
	if errors.Is(err, io.EOF) {
		t.Errorf("%v is an io.EOF, want not", err)
	}
}

func TestAKeyThatIsAnOrdinaryWordHidesNoStatus(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		reply{code: 401, body: envelope("x", "y", "")}.write(w)
	})
	c := a.client()
	c.Key = func() (string, error) { return "key", nil }
	_, err := c.Organization(t.Context())
	if refused, ok := errors.AsType[*StatusError](err); !ok || !refused.KeyRefused() {
		t.Errorf("got %v, want a refused key", err)
	}
}

func TestNoFixtureHasAKey(t *testing.T) {
	t.Parallel()
	// A whole key has dozens of characters behind its beginning; the hints of the
	// API's answers have dots.
	key := regexp.MustCompile(`sk-ant-[a-z]+[0-9]*-[A-Za-z0-9_-]{12,}`)
	err := filepath.WalkDir("testdata", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && key.Match(b) {
			t.Errorf("%s has something like a key in it", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
