package fetch

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/usage"
)

// reply is an answer with a status.
type reply struct {
	code   int
	header map[string]string
	body   string
}

func (r reply) write(w http.ResponseWriter) {
	for k, v := range r.header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(r.code)
	_, _ = io.WriteString(w, r.body)
}

func envelope(kind, message, code string) string {
	details := ""
	if code != "" {
		details = `,"details":{"error_code":"` + code + `","more":1}`
	}
	return `{"type":"error","error":{"type":"` + kind + `","message":"` + message + `"` + details + `},"request_id":"req_body"}`
}

func TestEveryStatusHasAMeaning(t *testing.T) {
	t.Parallel()
	const html = "<html><body><h1>Bad Gateway</h1></body></html>"
	for name, tt := range map[string]struct {
		reply    reply
		want     StatusError
		text     string // after "fetch usage of acme: page 1: "
		requests int
		rest     [2]time.Duration // at least, at most
	}{
		"a wrong key": {
			reply{code: 401, body: string(recorded(t, "error_401.json"))},
			StatusError{Code: 401, Type: "authentication_error", Message: "invalid x-api-key"},
			`analytics_usage answered 401 authentication_error: "invalid x-api-key": the key is wrong, revoked or expired; give a valid Admin API key [request req_test]`,
			1, [2]time.Duration{5 * time.Minute, 5 * time.Minute},
		},
		"a key without the right": {
			reply{code: 403, body: envelope("permission_error", "no", "")},
			StatusError{Code: 403, Type: "permission_error", Message: "no"},
			`analytics_usage answered 403 permission_error: "no": the key may not read this; use a Console Admin API key (sk-ant-admin…) of this organization [request req_test]`,
			1, [2]time.Duration{5 * time.Minute, 5 * time.Minute},
		},
		"not enrolled": {
			reply{code: 400, body: envelope("invalid_request_error", "beta", "organization_not_enrolled_in_beta")},
			StatusError{Code: 400, Type: "invalid_request_error", ErrorCode: "organization_not_enrolled_in_beta", Message: "beta"},
			`analytics_usage answered 400 invalid_request_error (organization_not_enrolled_in_beta): "beta": the organization is not enrolled in this beta; the older report is used instead [request req_test]`,
			1, [2]time.Duration{},
		},
		"another kind of organization": {
			reply{code: 400, body: envelope("invalid_request_error", "no", "organization_type_not_supported")},
			StatusError{Code: 400, Type: "invalid_request_error", ErrorCode: "organization_type_not_supported", Message: "no"},
			`analytics_usage answered 400 invalid_request_error (organization_type_not_supported): "no": this kind of organization does not have it [request req_test]`,
			1, [2]time.Duration{},
		},
		"a bad parameter": {
			reply{code: 400, body: envelope("invalid_request_error", "limit: too large", "")},
			StatusError{Code: 400, Type: "invalid_request_error", Message: "limit: too large"},
			`analytics_usage answered 400 invalid_request_error: "limit: too large": the request was refused as it stands; repeating it does not help [request req_test]`,
			1, [2]time.Duration{},
		},
		"nothing there": {
			reply{code: 404, body: envelope("not_found_error", "Not found", "")},
			StatusError{Code: 404, Type: "not_found_error", Message: "Not found"},
			`analytics_usage answered 404 not_found_error: "Not found": there is nothing here for this organization, or base_url is wrong [request req_test]`,
			1, [2]time.Duration{},
		},
		"429 with Retry-After": {
			reply{code: 429, header: map[string]string{"Retry-After": "37"}, body: string(recorded(t, "error_429.json"))},
			StatusError{Code: 429, Type: "rate_limit_error", Message: "This request would exceed your organization's rate limit for this endpoint. Please try again later.", RetryAfter: 37 * time.Second},
			`analytics_usage answered 429 rate_limit_error: "This request would exceed your organization's rate limit for this endpoint. Please try again later.": the Admin API's own limit is reached; this endpoint rests [request req_test]`,
			1, [2]time.Duration{37 * time.Second, 37 * time.Second},
		},
		"429 with a reset": {
			reply{code: 429, header: map[string]string{"Anthropic-Ratelimit-Requests-Reset": "2026-11-23T11:06:00+01:00"}, body: envelope("rate_limit_error", "slow", "")},
			StatusError{Code: 429, Type: "rate_limit_error", Message: "slow", ResetAt: minute(10, 6)},
			`analytics_usage answered 429 rate_limit_error: "slow": the Admin API's own limit is reached; this endpoint rests [request req_test]`,
			1, [2]time.Duration{90 * time.Second, 90 * time.Second},
		},
		"429 with neither": {
			reply{code: 429, body: envelope("rate_limit_error", "slow", "a_new_code")},
			StatusError{Code: 429, Type: "rate_limit_error", ErrorCode: "a_new_code", Message: "slow"},
			`analytics_usage answered 429 rate_limit_error (a_new_code): "slow": the Admin API's own limit is reached; this endpoint rests [request req_test]`,
			1, [2]time.Duration{60 * time.Second, 75 * time.Second},
		},
		"429 for money": {
			reply{code: 429, body: envelope("rate_limit_error", "cap", "enforced_spend_limit_reached")},
			StatusError{Code: 429, Type: "rate_limit_error", ErrorCode: "enforced_spend_limit_reached", Message: "cap"},
			`analytics_usage answered 429 rate_limit_error (enforced_spend_limit_reached): "cap": the organization's spend limit is reached; repeating does not help [request req_test]`,
			1, [2]time.Duration{15 * time.Minute, 15 * time.Minute},
		},
		"a fault": {
			reply{code: 500, body: envelope("api_error", "Internal server error", "")},
			StatusError{Code: 500, Type: "api_error", Message: "Internal server error"},
			`analytics_usage answered 500 api_error: "Internal server error": the API has a fault of its own; it is asked again later [request req_test]`,
			3, [2]time.Duration{},
		},
		"overloaded": {
			reply{code: 529, body: string(recorded(t, "error_529.json"))},
			StatusError{Code: 529, Type: "overloaded_error", Message: "Overloaded"},
			`analytics_usage answered 529 overloaded_error: "Overloaded": the API is overloaded; it is asked again later [request req_test]`,
			3, [2]time.Duration{},
		},
		"overloaded for a long time": {
			reply{code: 529, header: map[string]string{"Retry-After": "120"}, body: string(recorded(t, "error_529.json"))},
			StatusError{Code: 529, Type: "overloaded_error", Message: "Overloaded", RetryAfter: 2 * time.Minute},
			`analytics_usage answered 529 overloaded_error: "Overloaded": the API is overloaded; it is asked again later [request req_test]`,
			1, [2]time.Duration{2 * time.Minute, 2 * time.Minute},
		},
		"a proxy's page": {
			reply{code: 502, header: map[string]string{"Content-Type": "text/html"}, body: html},
			StatusError{Code: 502, Message: "an HTML page, not the API's JSON; is a proxy in between?"},
			`analytics_usage answered 502 Bad Gateway: "an HTML page, not the API's JSON; is a proxy in between?": the API has a fault of its own; it is asked again later [request req_test]`,
			3, [2]time.Duration{},
		},
		"a proxy's words": {
			reply{code: 413, header: map[string]string{"Content-Type": "text/plain"}, body: "too\n\n  large"},
			StatusError{Code: 413, Message: "too large"},
			`analytics_usage answered 413 Request Entity Too Large: "too large" [request req_test]`,
			1, [2]time.Duration{},
		},
		"an empty fault": {
			reply{code: 503},
			StatusError{Code: 503},
			`analytics_usage answered 503 Service Unavailable: the API has a fault of its own; it is asked again later [request req_test]`,
			3, [2]time.Duration{},
		},
		"a timeout there": {
			reply{code: 408, body: envelope("timeout_error", "", "")},
			StatusError{Code: 408, Type: "timeout_error"},
			`analytics_usage answered 408 timeout_error [request req_test]`,
			3, [2]time.Duration{},
		},
		"a conflict": {
			reply{code: 409, body: envelope("conflict_error", "", "")},
			StatusError{Code: 409, Type: "conflict_error"},
			`analytics_usage answered 409 conflict_error [request req_test]`,
			3, [2]time.Duration{},
		},
		"no content": {
			reply{code: 204},
			StatusError{Code: 204},
			`analytics_usage answered 204 No Content [request req_test]`,
			1, [2]time.Duration{},
		},
		"a redirect on the same host": {
			reply{code: 308, header: map[string]string{"Location": "/login"}},
			StatusError{Code: 308, Message: "redirects to another path"},
			`analytics_usage answered 308 Permanent Redirect: "redirects to another path": the Admin API does not redirect, and the key is not taken elsewhere; put the final address into base_url [request req_test]`,
			1, [2]time.Duration{},
		},
		"a redirect": {
			reply{code: 302, header: map[string]string{"Location": "https://login.example.com/?next=usage"}},
			StatusError{Code: 302, Message: "redirects to login.example.com"},
			`analytics_usage answered 302 Found: "redirects to login.example.com": the Admin API does not redirect, and the key is not taken elsewhere; put the final address into base_url [request req_test]`,
			1, [2]time.Duration{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { tt.reply.write(w) })
			_, err := a.client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
			got, ok := errors.AsType[*StatusError](err)
			if !ok {
				t.Fatalf("got %v, want a StatusError", err)
			}
			tt.want.Endpoint, tt.want.RequestID = EndpointAnalytics, "req_test"
			if diff := cmp.Diff(&tt.want, got, cmpopts.IgnoreUnexported(StatusError{})); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if want := "fetch usage of acme: page 1: " + tt.text; err.Error() != want {
				t.Errorf("got text  %s\nwant text %s", err, want)
			}
			if n := len(a.asked()); n != tt.requests {
				t.Errorf("got %d requests, want %d", n, tt.requests)
			}
			if rest := RestFor(err, tick); rest < tt.rest[0] || rest > tt.rest[1] {
				t.Errorf("got rest %s, want %s to %s", rest, tt.rest[0], tt.rest[1])
			}
		})
	}
}

func TestStatusPredicates(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err                                         StatusError
		keyRefused, refused, rateLimited, temporary bool
	}{
		"401":                      {StatusError{Endpoint: EndpointAnalytics, Code: 401}, true, false, false, false},
		"403 of the beta":          {StatusError{Endpoint: EndpointAnalytics, Code: 403}, true, true, false, false},
		"403 elsewhere":            {StatusError{Endpoint: EndpointLimits, Code: 403}, true, false, false, false},
		"404 of the beta":          {StatusError{Endpoint: EndpointAnalytics, Code: 404}, false, true, false, false},
		"404 elsewhere":            {StatusError{Endpoint: EndpointReport, Code: 404}, false, false, false, false},
		"400 of the beta":          {StatusError{Endpoint: EndpointAnalytics, Code: 400}, false, false, false, false},
		"400 of a probe":           {StatusError{Endpoint: EndpointAnalytics, Code: 400, probing: true}, false, true, false, false},
		"not enrolled":             {StatusError{Endpoint: EndpointAnalytics, Code: 400, ErrorCode: "organization_not_enrolled_in_beta"}, false, true, false, false},
		"a parent's report":        {StatusError{Endpoint: EndpointAnalytics, Code: 400, ErrorCode: "parent_organization_required"}, false, true, false, false},
		"an unknown code":          {StatusError{Endpoint: EndpointAnalytics, Code: 400, ErrorCode: "moon_phase"}, false, false, false, false},
		"not enrolled, elsewhere":  {StatusError{Endpoint: EndpointReport, Code: 400, ErrorCode: "organization_not_enrolled_in_beta"}, false, false, false, false},
		"429":                      {StatusError{Endpoint: EndpointAnalytics, Code: 429}, false, false, true, false},
		"500":                      {StatusError{Endpoint: EndpointAnalytics, Code: 500}, false, false, false, true},
		"529 of anything":          {StatusError{Code: 529}, false, false, false, true},
		"408, which is as good as": {StatusError{Code: 408}, false, false, false, true},
	} {
		e := &tt.err
		if e.KeyRefused() != tt.keyRefused || e.Refused() != tt.refused || e.RateLimited() != tt.rateLimited || e.Temporary() != tt.temporary {
			t.Errorf("%s: got key refused %t, refused %t, rate limited %t, temporary %t", name, e.KeyRefused(), e.Refused(), e.RateLimited(), e.Temporary())
		}
	}
}

// What the worker asks of an error, which it knows by its methods only.
func TestAStatusErrorAnswersTheWorkersQuestions(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("fetch usage: %w", &StatusError{Code: 429, RetryAfter: 7 * time.Second})
	var status interface {
		error
		KeyRefused() bool
		Refused() bool
		RateLimited() bool
		Rest(at time.Time) time.Duration
	}
	if !errors.As(err, &status) || !status.RateLimited() || status.Rest(tick) != 7*time.Second {
		t.Errorf("got %v, want an error that says to rest for 7s", err)
	}
}

func TestTheStatusCountsEvenWhenTheBodyOfTheErrorBreaksOff(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Length", "500")
		w.Header().Set("Retry-After", "9")
		w.WriteHeader(429)
		_, _ = io.WriteString(w, `{"type":"error","err`)
	})
	_, err := a.client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if got, ok := errors.AsType[*StatusError](err); !ok || got.Code != 429 || got.RetryAfter != 9*time.Second {
		t.Errorf("got %v, want the 429 with its header", err)
	}
	if n := len(a.asked()); n != 1 {
		t.Errorf("got %d requests, want 1", n)
	}
}

func TestAnEndlessErrorIsReadInPart(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.WriteHeader(500)
		line := make([]byte, 32<<10)
		for i := range line {
			line[i] = 'x'
		}
		for r.Context().Err() == nil {
			if _, err := w.Write(line); err != nil {
				return
			}
		}
	})
	_, err := a.client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if got, ok := errors.AsType[*StatusError](err); !ok || got.Code != 500 || len(got.Message) > maxMessage+len("…") {
		t.Errorf("got %.200v, want a 500 with a short message", err)
	}
}
