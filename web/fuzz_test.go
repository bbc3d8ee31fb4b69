package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Whatever a caller posts or asks for, the answer blames the caller or does as it was
// told, and what is listed afterwards can be read.
func FuzzCallsOfOthers(f *testing.F) {
	const silence = `{"matchers":[{"name":"severity","value":"warn.*","isRegex":true}],"startsAt":"2026-11-23T14:00:00Z","endsAt":"2027-11-23T14:00:00+01:00","createdBy":"anna","comment":"load test"}`
	f.Add("f1", `{"by":"anna"}`)
	f.Add(`severity=~"warn.*"`, silence)
	f.Add("1", strings.Replace(silence, "2027-11-23T14:00:00+01:00", "9999-12-31T23:59:59-23:00", 1))
	f.Add("none", strings.Replace(silence, "2026-11-23T14:00:00Z", "0000-01-01T00:00:00+23:00", 1))
	f.Add(`workspace!="\n"`, `{"by":"\u0000"}`)
	f.Add("", "{")
	f.Fuzz(func(t *testing.T, word, body string) {
		w := quietWorld(t)
		part, value := url.PathEscape(word), url.QueryEscape(word)
		for _, c := range [][3]string{
			{"POST", "/api/v2/silences", body},
			{"POST", "/api/v1/alerts/f1/ack", body},
			{"POST", "/api/v1/alerts/" + part + "/ack", body},
			{"POST", "/api/v1/outbox/" + part + "/replay", body},
			{"DELETE", "/api/v2/silence/" + part, ""},
			{"GET", "/api/v2/silence/" + part, ""},
			{"GET", "/api/v2/alerts?filter=" + value, ""},
			{"GET", "/api/v2/silences?filter=" + value, ""},
		} {
			if answer := w.call(t, c[0], c[1], c[2], nil); answer.Code >= http.StatusInternalServerError {
				t.Errorf("%s %s with %q: got %d %s", c[0], c[1], c[2], answer.Code, answer.Body)
			}
		}
		for _, path := range []string{"/api/v1/alerts", "/api/v1/events", "/api/v2/alerts", "/api/v2/silences", "/metrics", "/"} {
			w.body(t, path)
		}
	})
}
