package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

func TestErrorsKeepTheirMeaningWhenWrapped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		err       error
		permanent bool
		wait      time.Duration
		reason    string
	}{
		{"none", nil, false, 0, ""},
		{"plain", io.EOF, false, 0, ReasonOther},
		{"permanent", fmt.Errorf("x: %w", Permanent(io.EOF)), true, 0, ReasonOther},
		{"permanent of nil", Permanent(nil), false, 0, ""},
		{"retry after", fmt.Errorf("x: %w", RetryAfter(time.Minute, io.EOF)), false, time.Minute, ReasonRateLimited},
		{"retry after of nil", RetryAfter(time.Minute, nil), false, 0, ""},
		{"retry after less than nothing", RetryAfter(-time.Minute, io.EOF), false, 0, ReasonRateLimited},
		{"permanent over retry after", Permanent(RetryAfter(time.Minute, io.EOF)), true, time.Minute, ReasonRateLimited},
		{"cancelled", fmt.Errorf("x: %w", context.Canceled), false, 0, ReasonContextCanceled},
		{"too late", because(ReasonServerError, context.DeadlineExceeded), false, 0, ReasonContextDeadlineExceeded},
		{"redacted", newRedactor("s").err(context.Canceled), false, 0, ReasonContextCanceled},
		{"joined", errors.Join(io.EOF, Permanent(io.ErrNoProgress)), true, 0, ReasonOther},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := IsPermanent(c.err); got != c.permanent {
				t.Errorf("got permanent %v, want %v", got, c.permanent)
			}
			if got, said := RetryAfterOf(c.err); got != c.wait || said != (c.wait > 0) {
				t.Errorf("got retry after %v (%v), want %v", got, said, c.wait)
			}
			if got := ReasonOf(c.err); got != c.reason {
				t.Errorf("got reason %q, want %q", got, c.reason)
			}
		})
	}
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "-5": 0, "90": 90 * time.Second, " 7 ": 7 * time.Second, "1.5": 0, "later": 0,
		"99999999999999":                maxRetryAfter,
		"Mon, 23 Nov 2026 10:00:00 GMT": 2 * time.Minute,
		"Mon, 23 Nov 2026 09:00:00 GMT": 0,
		"Mon, 23 Nov 2099 09:00:00 GMT": maxRetryAfter,
	} {
		if got := parseRetryAfter(header, noon); got != want {
			t.Errorf("parseRetryAfter(%q): got %v, want %v", header, got, want)
		}
	}
}

func TestOnly410SaysThatAPlaceHasClosed(t *testing.T) {
	t.Parallel()
	for code := 300; code < 600; code++ {
		if err := statusFailure(code, 0, errors.New("no")); IsClosed(err) != (code == http.StatusGone) {
			t.Errorf("%d: got closed %v", code, IsClosed(err))
		}
	}
	if Closed(nil) != nil || IsClosed(nil) || IsClosed(Permanent(errors.New("no"))) {
		t.Error("got closed for what says nothing of it")
	}
}
