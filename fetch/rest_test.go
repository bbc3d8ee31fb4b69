package fetch

import (
	"io"
	"net/http"
	"testing"
	"time"
)

func TestRestForIsCappedAndZeroForOtherErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err      error
		min, max time.Duration
	}{
		"nil":                 {nil, 0, 0},
		"another error":       {io.ErrUnexpectedEOF, 0, 0},
		"an hour":             {&StatusError{Code: 429, RetryAfter: time.Hour}, 15 * time.Minute, 15 * time.Minute},
		"a reset tomorrow":    {&StatusError{Code: 429, ResetAt: tick.Add(24 * time.Hour)}, 15 * time.Minute, 15 * time.Minute},
		"a reset in the past": {&StatusError{Code: 429, ResetAt: tick.Add(-time.Hour)}, time.Minute, 75 * time.Second},
		"both":                {&StatusError{Code: 429, RetryAfter: 5 * time.Second, ResetAt: tick.Add(time.Minute)}, 5 * time.Second, 5 * time.Second},
		"contract":            {&StatusError{Code: 429, ErrorCode: "contract_spend_limit_reached", RetryAfter: time.Second}, 15 * time.Minute, 15 * time.Minute},
		"a fault":             {&StatusError{Code: 500}, 0, 0},
		"a bad request":       {&StatusError{Code: 400}, 0, 0},
	} {
		if got := RestFor(tt.err, tick); got < tt.min || got > tt.max {
			t.Errorf("%s: got %s, want %s to %s", name, got, tt.min, tt.max)
		}
	}
}

func TestRetryAfterIsReadOrIgnored(t *testing.T) {
	t.Parallel()
	date := tick.Add(90 * time.Second).Format(http.TimeFormat)
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "-5": 0, "soon": 0, "NaN": 0, "2.5": 2500 * time.Millisecond,
		" 7 ":   7 * time.Second, //nolint:gocritic // the space is what is tested
		"1e300": 24 * time.Hour, "+Inf": 24 * time.Hour, "999999999999": 24 * time.Hour,
		date: 90 * time.Second, tick.Add(-time.Hour).Format(http.TimeFormat): 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, tick); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
	// The server's clock is an hour off; the date is relative to it.
	h := http.Header{"Retry-After": {tick.Add(time.Hour + time.Minute).Format(http.TimeFormat)}, "Date": {tick.Add(time.Hour).Format(http.TimeFormat)}}
	if got := retryAfter(h, tick); got != time.Minute {
		t.Errorf("with another clock: got %s, want 1m", got)
	}
}
