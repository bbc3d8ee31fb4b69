package fetch

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/anthropics/anthropic-sdk-go/v2"
)

// maxMessage is how much of a server's words is repeated, in bytes.
const maxMessage = 300

// newStatusError makes the error of an answer. err is what the SDK made of it, or
// nil for a status the SDK takes for success.
func newStatusError(endpoint string, res *http.Response, err error, key string, at time.Time) *StatusError {
	e := &StatusError{
		Endpoint:   endpoint,
		Code:       res.StatusCode,
		RequestID:  clip(scrub(res.Header.Get("request-id"), key), 100),
		RetryAfter: retryAfter(res.Header, at),
		ResetAt:    resetAt(res.Header),
	}
	if said, ok := errors.AsType[*anthropic.Error](err); ok {
		e.Type = clip(scrub(string(said.Type()), key), 100)
		e.ErrorCode = clip(scrub(string(said.ErrorCode()), key), 100)
		e.Message = said.Message
		if e.Message == "" && e.Type == "" {
			e.Message = describeBody(said.RawJSON())
		}
	}
	if e.Code >= 300 && e.Code < 400 {
		e.Message = "redirects to " + redirectHost(res)
	}
	e.Message = clip(scrub(e.Message, key), maxMessage)
	return e
}

// describeBody says what came where the API's error object was expected.
func describeBody(body string) string {
	body = strings.TrimSpace(body)
	switch {
	case body == "":
		return ""
	case strings.HasPrefix(body, "<"):
		return "an HTML page, not the API's JSON; is a proxy in between?"
	}
	return body
}

func redirectHost(res *http.Response) string {
	u, err := url.Parse(res.Header.Get("Location"))
	if err != nil || u.Host == "" {
		return "another path"
	}
	return u.Host
}

// clip shortens s to n bytes and makes one printable line of it.
func clip(s string, n int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// retryAfter reads the header: seconds, or a date that is taken relative to the
// server's own clock where it tells it. Zero: no header, or none that makes sense.
// https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
func retryAfter(h http.Header, at time.Time) time.Duration {
	const most = 24 * time.Hour // longer is a mistake, and must not overflow
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		if math.IsNaN(s) || s <= 0 {
			return 0
		}
		return time.Duration(min(s, most.Seconds()) * float64(time.Second))
	}
	when, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		at = date
	}
	return min(max(when.Sub(at), 0), most)
}

// resetAt reads the header that the Admin API's 429 has been seen to carry in
// place of Retry-After.
// https://platform.claude.com/docs/en/api/rate-limits#response-headers
func resetAt(h http.Header) time.Time {
	t, err := time.Parse(time.RFC3339, h.Get("anthropic-ratelimit-requests-reset"))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
