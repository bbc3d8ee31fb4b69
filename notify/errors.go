package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Why a delivery failed, as metrics count it: Alertmanager's words.
const (
	ReasonClientError             = "clientError"
	ReasonAuthError               = "authError"
	ReasonRateLimited             = "rateLimited"
	ReasonServerError             = "serverError"
	ReasonContextCanceled         = "contextCanceled"
	ReasonContextDeadlineExceeded = "contextDeadlineExceeded"
	ReasonOther                   = "other"
)

// Reasons lists every reason that there is.
func Reasons() []string {
	return []string{
		ReasonClientError, ReasonAuthError, ReasonRateLimited, ReasonServerError,
		ReasonContextCanceled, ReasonContextDeadlineExceeded, ReasonOther,
	}
}

// failure is an error and what it means for the outbox.
type failure struct {
	error
	permanent  bool
	closed     bool          // the place has closed for good
	retryAfter time.Duration // zero: the place did not say
	reason     string        // empty: unknown
	refused    bool          // the place has not taken it in, for certain
	partly     bool          // it has taken a part of it in, whatever the error inside says
}

// Unwrap returns what went wrong.
func (f *failure) Unwrap() error { return f.error }

// Permanent marks err as one that no retry can cure. Nil stays nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &failure{error: err, permanent: true}
}

// RetryAfter marks err as a refusal after which the place asked not to be tried
// again before d has passed. Nil stays nil; a d of zero or less says nothing.
func RetryAfter(d time.Duration, err error) error {
	if err == nil {
		return nil
	}
	return &failure{error: err, retryAfter: max(d, 0), reason: ReasonRateLimited, refused: true}
}

// Closed marks err as one that says that the place has closed for good. Nil stays nil.
func Closed(err error) error {
	if err == nil {
		return nil
	}
	return &failure{error: err, permanent: true, closed: true, reason: ReasonClientError}
}

// because marks err with its reason. Nil stays nil.
func because(reason string, err error) error {
	if err == nil {
		return nil
	}
	return &failure{error: err, reason: reason}
}

// IsPermanent reports whether no retry can cure err.
func IsPermanent(err error) bool {
	for f, ok := errors.AsType[*failure](err); ok; f, ok = errors.AsType[*failure](f.error) {
		if f.permanent {
			return true
		}
	}
	return false
}

// IsRefused reports whether the place has surely not taken the message in: it
// said no, or there was no connection to it. After any other error it may have,
// such as one whose answer was lost.
func IsRefused(err error) bool {
	if f, ok := err.(*failure); ok { //nolint:errorlint // each layer has its own say
		if f.refused || f.partly {
			return f.refused
		}
		return IsRefused(f.error)
	}
	switch e := err.(type) { //nolint:errorlint // the layers are taken off one by one
	case interface{ Unwrap() error }:
		return IsRefused(e.Unwrap())
	case interface{ Unwrap() []error }:
		all := e.Unwrap()
		return len(all) > 0 && !slices.ContainsFunc(all, func(err error) bool { return !IsRefused(err) })
	}
	return false
}

// unreached reports whether err says that there was no connection to the place, so
// that nothing was said to it: its name, its address or its certificate.
func unreached(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// IsClosed reports whether the place said that it has closed for good (410 Gone),
// so that nothing else need be sent there either.
func IsClosed(err error) bool {
	for f, ok := errors.AsType[*failure](err); ok; f, ok = errors.AsType[*failure](f.error) {
		if f.closed {
			return true
		}
	}
	return false
}

// RetryAfterOf returns how long the place asked to be left alone, and whether it
// said so at all.
func RetryAfterOf(err error) (time.Duration, bool) {
	for f, ok := errors.AsType[*failure](err); ok; f, ok = errors.AsType[*failure](f.error) {
		if f.retryAfter > 0 {
			return f.retryAfter, true
		}
	}
	return 0, false
}

// ReasonOf says why a delivery failed, in one of the Reason constants; empty for no error.
func ReasonOf(err error) string {
	if err == nil {
		return ""
	}
	// The caller's own end comes first: a cancelled request is nobody's fault.
	if errors.Is(err, context.Canceled) {
		return ReasonContextCanceled
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return ReasonContextDeadlineExceeded
	}
	for f, ok := errors.AsType[*failure](err); ok; f, ok = errors.AsType[*failure](f.error) {
		if f.reason != "" {
			return f.reason
		}
	}
	return ReasonOther
}

// reasonOfStatus classifies an HTTP status that is not a success.
func reasonOfStatus(code int) string {
	switch {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return ReasonAuthError
	case code == http.StatusTooManyRequests:
		return ReasonRateLimited
	case code >= 500:
		return ReasonServerError
	case code >= 300:
		return ReasonClientError
	}
	return ReasonOther
}

// worthRetrying reports whether an HTTP status may be different next time: the
// server's own faults, and the client errors that only mean "not now".
func worthRetrying(code int) bool {
	switch code {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return code >= 500
}

// maxRetryAfter bounds what a place may ask for, so that one wrong header does
// not put a warning to sleep for a year.
const maxRetryAfter = 24 * time.Hour

// parseRetryAfter reads a Retry-After header in both its forms, seconds and HTTP
// date; zero where it says nothing usable: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
func parseRetryAfter(header string, at time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0
	}
	if seconds, err := strconv.ParseInt(header, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(maxRetryAfter/time.Second))) * time.Second
	}
	if when, err := http.ParseTime(header); err == nil {
		return min(max(when.Sub(at), 0), maxRetryAfter)
	}
	return 0
}

// statusFailure is the error for an HTTP answer that is not a success: permanent
// or not by its code, and with the time the place asked for.
func statusFailure(code int, retryAfter time.Duration, err error) error {
	if code == http.StatusGone {
		return Closed(err)
	}
	return &failure{
		error:      err,
		permanent:  !worthRetrying(code),
		retryAfter: retryAfter,
		reason:     reasonOfStatus(code),
		refused:    code/100 == 4,
	}
}
