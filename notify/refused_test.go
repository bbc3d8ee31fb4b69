package notify

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAnErrorIsRefusedOnlyWhereNothingWasTakenIn(t *testing.T) {
	t.Parallel()
	no := statusFailure(http.StatusTooManyRequests, 0, io.EOF)
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"none":                          {nil, false},
		"plain":                         {io.EOF, false},
		"429":                           {no, true},
		"429, wrapped":                  {fmt.Errorf("x: %w", because(ReasonOther, no)), true},
		"500":                           {statusFailure(http.StatusInternalServerError, 0, io.EOF), false},
		"429 after a part was taken in": {&failure{error: no, partly: true}, false},
		"all of several":                {errors.Join(no, no), true},
		"one of several":                {errors.Join(no, io.EOF), false},
	} {
		if got := IsRefused(c.err); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestAPlaceThatIsNotReachedHasTakenNothingIn(t *testing.T) {
	t.Parallel()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0) // that it is not trusted is what is tested
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(cut.Close)
	for name, c := range map[string]struct {
		url  string
		want bool
	}{
		"nobody listens":            {"http://127.0.0.1:1/x", true},
		"no such name":              {"http://nowhere.invalid/x", true},
		"a certificate of its own":  {untrusted.URL, true},
		"the connection is cut off": {cut.URL, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			channel := open(t, "webhook", settingsOf(map[string]any{"url": c.url, "allow_private_networks": true}), nil)
			_, err := channel.Send(t.Context(), samples()[0].m)
			if err == nil || IsPermanent(err) || IsRefused(err) != c.want {
				t.Errorf("got %v (permanent %v, refused %v), want one to retry, refused %v", err, IsPermanent(err), IsRefused(err), c.want)
			}
		})
	}
}
