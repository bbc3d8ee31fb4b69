package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestWhoMayWrite(t *testing.T) {
	t.Parallel()
	bearer := func(v string) func(*http.Request) { return header("Authorization", v) }
	type change = func(*http.Request)
	for name, c := range map[string]struct {
		token string
		with  []change
		want  int
	}{
		"this machine":                          {"", nil, 200},
		"this machine by name":                  {"", []change{host("LocalHost:9911")}, 200},
		"this machine by name without port":     {"", []change{host("localhost")}, 200},
		"this machine over IPv6":                {"", []change{from("[::1]:5"), host("[::1]:9911")}, 200},
		"this machine over IPv6 without port":   {"", []change{from("[::1]:5"), host("[::1]")}, 200},
		"its own page":                          {"", []change{header("Sec-Fetch-Site", "same-origin")}, 200},
		"typed by its user":                     {"", []change{header("Sec-Fetch-Site", "none")}, 200},
		"its own page in an older browser":      {"", []change{header("Origin", "http://127.0.0.1:9911")}, 200},
		"another machine":                       {"", []change{from("10.0.0.7:5")}, 403},
		"another machine that says localhost":   {"", []change{from("10.0.0.7:5"), host("localhost:9911")}, 403},
		"no address":                            {"", []change{from("")}, 403},
		"a name of somebody else's DNS":         {"", []change{host("rebound.example.com:9911")}, 403},
		"a name that only begins like ours":     {"", []change{host("localhost.example.com")}, 403},
		"another machine's address":             {"", []change{host("10.0.0.7:9911")}, 403},
		"a page of another site":                {"", []change{header("Sec-Fetch-Site", "cross-site")}, 403},
		"a page of a sister site":               {"", []change{header("Sec-Fetch-Site", "same-site")}, 403},
		"another site in an older browser":      {"", []change{header("Origin", "http://evil.example.com")}, 403},
		"another port here":                     {"", []change{header("Origin", "http://127.0.0.1:8080")}, 403},
		"a sandboxed page":                      {"", []change{header("Origin", "null")}, 403},
		"a proxy here for somebody":             {"", []change{header("X-Forwarded-For", "10.0.0.7")}, 403},
		"a proxy here by the standard's header": {"", []change{header("Forwarded", "for=10.0.0.7")}, 403},
		"the token":                             {"s3cret", []change{bearer("Bearer s3cret")}, 200},
		"the token in other case of scheme":     {"s3cret", []change{bearer("bearer s3cret")}, 200},
		"the token from elsewhere":              {"s3cret", []change{from("10.0.0.7:5"), host("alerter.example.com"), bearer("Bearer s3cret")}, 200},
		"no token on this machine":              {"s3cret", nil, 401},
		"another token":                         {"s3cret", []change{bearer("Bearer s3creT")}, 401},
		"a longer token":                        {"s3cret", []change{bearer("Bearer s3cret2")}, 401},
		"an empty token":                        {"s3cret", []change{bearer("Bearer ")}, 401},
		"the token as a password":               {"s3cret", []change{bearer("Basic s3cret")}, 401},
		"the token without scheme":              {"s3cret", []change{bearer("s3cret")}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := withoutStore()
			w.token = c.token
			loads := 0
			w.Load = counting(&loads)
			answer := w.ask(request("/-/reload", append(c.with, method(http.MethodPost))...))
			if answer.Code != c.want {
				t.Errorf("got %d %s, want %d", answer.Code, answer.Body, c.want)
			}
			if want := map[bool]int{true: 1}[c.want == http.StatusOK]; loads != want {
				t.Errorf("got %d reloads, want %d", loads, want)
			}
			if c.want == http.StatusUnauthorized && answer.Header().Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("got no WWW-Authenticate beside 401")
			}
			if strings.Contains(answer.Body.String(), "s3cret") || strings.Contains(w.log.String(), "s3cret") {
				t.Error("the token is in the answer or the log")
			}
			refused := c.want == http.StatusUnauthorized || c.want == http.StatusForbidden
			if told := strings.Contains(w.log.String(), `"message":"call refused"`); told != refused {
				t.Errorf("got log %q, want a line only where a call is refused", w.log)
			}
		})
	}
}

func TestATokenThatCannotBeReadLetsNobodyWrite(t *testing.T) {
	t.Parallel()
	w := withoutStore()
	w.Token = func() (string, error) { return "", errBoom }
	loads := 0
	w.Load = counting(&loads)
	answer := w.ask(request("/-/reload", method(http.MethodPost)))
	if answer.Code != http.StatusInternalServerError || loads != 0 {
		t.Errorf("got %d and %d reloads, want 500 and none", answer.Code, loads)
	}
	if strings.Contains(answer.Body.String(), "boom") || !strings.Contains(w.log.String(), "boom") {
		t.Errorf("got answer %q and log %q, want the cause in the log alone", answer.Body, w.log)
	}
}
