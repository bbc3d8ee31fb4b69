package fetch

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

func TestCheckTellsAllThatIsWrong(t *testing.T) {
	t.Parallel()
	got := (&Client{BaseURL: "ftp://example.com"}).Check()
	want := "no key is given\nno clock is given\nbase_url must begin with https:// and name a host"
	if got == nil || got.Error() != want {
		t.Errorf("got %v, want %s", got, want)
	}
	for name, call := range calls(&Client{Name: "acme"}) {
		if err := call(t.Context()); err == nil || err.Error() != "check the Admin API settings of acme: no key is given\nno clock is given" {
			t.Errorf("%s: got %v, want the same", name, err)
		}
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"":                               "",
		"https://api.anthropic.com":      "",
		"https://gateway.example.com/a/": "",
		"http://localhost:8080":          "",
		"http://127.0.0.1:1":             "",
		"http://127.8.9.1":               "",
		"http://[::1]:8080/path":         "",
		"http://api.anthropic.com":       "base_url uses plain http for api.anthropic.com: the key would travel in the clear; use https (http is for loopback addresses)",
		"http://10.0.0.1":                "base_url uses plain http for 10.0.0.1: the key would travel in the clear; use https (http is for loopback addresses)",
		"http://localhost.example.com":   "base_url uses plain http for localhost.example.com: the key would travel in the clear; use https (http is for loopback addresses)",
		"http://0.0.0.0":                 "base_url uses plain http for 0.0.0.0: the key would travel in the clear; use https (http is for loopback addresses)",
		"api.anthropic.com":              "base_url must begin with https:// and name a host",
		"//api.anthropic.com":            "base_url must begin with https:// and name a host",
		"https:///v1":                    "base_url must begin with https:// and name a host",
		"file:///etc/passwd":             "base_url must begin with https:// and name a host",
		"https://me:secret@example.com":  "base_url must not hold a user name or password",
		"https://example.com?key=secret": "base_url must end with its path: no query and no fragment",
		"https://example.com/#secret":    "base_url must end with its path: no query and no fragment",
		"https://exa mple.com/secret":    "base_url is not a URL",
	} {
		c := &Client{BaseURL: base, Key: func() (string, error) { return "", nil }, Now: time.Now}
		got := ""
		if err := c.Check(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", base, got, want)
		}
	}
}

func TestAPathInTheBaseURLIsKept(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/gateway/anthropic", "/gateway/anthropic/"} {
		a := says(t, `{"id":"1","data":[],"has_more":false}`)
		c := a.client()
		c.BaseURL += path
		for name, call := range calls(c) {
			if err := call(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, r := range a.asked() {
			if !strings.HasPrefix(r.URL.Path, "/gateway/anthropic/v1/organizations/") {
				t.Errorf("got path %s, want it below the base URL's", r.URL.Path)
			}
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := says(t, `{"id":"1","data":[],"has_more":false}`)
	for _, code := range []int{301, 302, 303, 307, 308} {
		a := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, code)
		})
		for name, call := range calls(a.client()) {
			err := call(t.Context())
			if refused, ok := errors.AsType[*StatusError](err); !ok || refused.Code != code {
				t.Errorf("%s: got %v, want status %d", name, err, code)
			}
		}
	}
	if n := len(elsewhere.asked()); n != 0 {
		t.Errorf("got %d requests at the other host, want none", n)
	}
}

func TestTheCallersHTTPClientIsNotChanged(t *testing.T) {
	t.Parallel()
	a := says(t, `{"id":"1"}`)
	c := a.client()
	c.HTTP = &http.Client{Timeout: time.Minute}
	if _, err := c.Organization(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.HTTP.CheckRedirect != nil {
		t.Error("CheckRedirect is set, want the client left alone")
	}
}

func TestWithoutAnHTTPClientThereIsOneWithLimits(t *testing.T) {
	t.Parallel()
	a := says(t, `{"id":"1","name":"Acme"}`)
	c := a.client()
	c.HTTP = nil
	if got, err := c.Organization(t.Context()); err != nil || got.Name != "Acme" {
		t.Errorf("got %+v, %v, want Acme", got, err)
	}
	tr, ok := newHTTPClient().Transport.(*http.Transport)
	if !ok || tr.ResponseHeaderTimeout == 0 || tr.TLSHandshakeTimeout == 0 || tr.MaxResponseHeaderBytes == 0 {
		t.Errorf("got %+v, want limits", tr)
	}
}

func TestOnRequestHearsOfEveryAttempt(t *testing.T) {
	t.Parallel()
	type heard struct {
		Endpoint string
		Code     int
		Took     time.Duration
	}
	a := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		switch n {
		case 0: // on a new connection: net/http itself asks again on a used one
			panic(http.ErrAbortHandler)
		case 1:
			w.WriteHeader(529)
		default:
			_, _ = w.Write([]byte(`{"data":[],"has_more":false}`))
		}
	})
	c, clock := a.client(), tick
	c.Now = func() time.Time { clock = clock.Add(time.Second); return clock }
	var got []heard
	c.OnRequest = func(endpoint string, code int, took time.Duration) { got = append(got, heard{endpoint, code, took}) }
	if _, err := c.Workspaces(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []heard{{EndpointWorkspaces, 0, time.Second}, {EndpointWorkspaces, 529, time.Second}, {EndpointWorkspaces, 200, time.Second}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

func TestOneClientServesManyCallsAtOnce(t *testing.T) {
	t.Parallel()
	a := says(t, `{"id":"1","data":[],"has_more":false}`)
	var wg sync.WaitGroup
	c := a.client()
	for range 4 {
		for name, call := range calls(c) {
			wg.Go(func() {
				if err := call(t.Context()); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
	}
	wg.Wait()
}

func TestAnAnswerBeyondAllBoundsIsGivenUp(t *testing.T) {
	t.Parallel()
	line := []byte(strings.Repeat("x", 64<<10))
	for name, tt := range map[string]struct {
		head string
		want string
	}{
		"one endless string":  {`{"data":[{"id":"`, "one value of the answer is too long"},
		"one endless unknown": {`{"data":[],"future":"`, "one value of the answer is too long"},
		"an endless name":     {`{"data":[{"`, "one value of the answer is too long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
				_, _ = w.Write([]byte(tt.head))
				for r.Context().Err() == nil {
					if _, err := w.Write(line); err != nil {
						return
					}
				}
			})
			for _, call := range []string{"Workspaces", "OrganizationLimits", "Usage analytics", "Usage report"} {
				if err := calls(a.client())[call](t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s: got %v, want %s", call, err, tt.want)
				}
			}
			if n := len(a.asked()); n != 4 {
				t.Errorf("got %d requests, want one each", n)
			}
		})
	}
}

func TestAnEndlessListIsGivenUp(t *testing.T) {
	t.Parallel()
	a := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rows := []byte(strings.Repeat(`{"id":"`+strings.Repeat("w", 4000)+`"},`, 16))
		_, _ = w.Write([]byte(`{"data":[`))
		for r.Context().Err() == nil {
			if _, err := w.Write(rows); err != nil {
				return
			}
		}
	}))
	t.Cleanup(a.Close)
	c := &Client{BaseURL: a.URL, Key: func() (string, error) { return testKey, nil }, Now: func() time.Time { return tick }}
	_, err := c.Workspaces(t.Context())
	if err == nil || !strings.Contains(err.Error(), "the answer is too long: more than 16 MB") {
		t.Errorf("got %v, want it too long", err)
	}
}

func TestDeepNestingInAnUnknownFieldIsAnError(t *testing.T) {
	t.Parallel()
	a := says(t, `{"data":[],"future":`+strings.Repeat("[", 200)+strings.Repeat("]", 200)+`}`)
	_, err := a.client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if err == nil || !strings.Contains(err.Error(), "future: it is nested more than 100 deep") {
		t.Errorf("got %v, want it nested too deep", err)
	}
}

func TestEndpointsHaveDistinctNames(t *testing.T) {
	t.Parallel()
	all := []string{EndpointOrganization, EndpointWorkspaces, EndpointKeys, EndpointLimits, EndpointWorkspaceLimits, EndpointAnalytics, EndpointReport}
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != 7 {
		t.Errorf("got %d names, want 7", n)
	}
}
