package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestAMessageThatWasGivenUpIsSentAgainOnRequest(t *testing.T) {
	t.Parallel()
	w := filled(t)
	post := func(path string, code int, says string) {
		t.Helper()
		answer := w.ask(request(path, method(http.MethodPost)))
		if answer.Code != code || !strings.Contains(answer.Body.String(), says) {
			t.Errorf("%s: got %d %s, want %d with %q", path, answer.Code, answer.Body, code, says)
		}
	}
	post("/api/v1/outbox/2/replay", http.StatusOK, `{"id":2,"receiver":"pager","state":"waiting","refused":""}`)
	post("/api/v1/outbox/2/replay", http.StatusConflict, "not sent again: it was not given up: it is waiting")
	post("/api/v1/outbox/1/replay", http.StatusConflict, "it was not given up: it is sent")
	post("/api/v1/outbox/99/replay", http.StatusNotFound, "there is no such message")
	post("/api/v1/outbox/two/replay", http.StatusBadRequest, "the id of a message is a number")
	if body := w.ask(request("/api/v1/outbox")).Body.String(); !strings.Contains(body, `"replayed_at":"2026`) {
		t.Errorf("got outbox %s, want when it was sent again", body)
	}
}

func TestOnlyWhoMayWriteSendsAMessageAgain(t *testing.T) {
	t.Parallel()
	w := filled(t)
	answer := w.ask(request("/api/v1/outbox/2/replay", method(http.MethodPost), from("192.0.2.1:1234")))
	if answer.Code != http.StatusForbidden {
		t.Errorf("got %d, want 403", answer.Code)
	}
}
