package worker

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"

	"alerter/store"
	"alerter/usage"
)

// panicError is what a job panicked with.
type panicError struct{ text string }

// Error is the text.
func (e *panicError) Error() string { return e.text }

// causeOf says by what kind of thing an error came about, the nearest to the service
// first: what to do follows from it.
func causeOf(err error) usage.Cause {
	answers := statuses(err)
	switch {
	case is[*panicError](err):
		return usage.CausePanic
	case is[*store.FileError](err):
		return usage.CauseDatabase
	case len(answers) > 0:
		return causeOfAnswers(answers)
	case is[*tls.CertificateVerificationError](err), is[tls.RecordHeaderError](err), is[tls.AlertError](err):
		return usage.CauseTLS
	case is[*net.DNSError](err):
		return usage.CauseDNS
	case isTimeout(err):
		return usage.CauseTimeout
	case isNotUnderstood(err):
		return usage.CauseAnswer
	case is[*net.OpError](err), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return usage.CauseNetwork
	}
	return usage.CauseUnknown
}

// causeOfAnswers is what the API's answers come from; a refusal comes before a fault,
// since it does not go away by itself.
func causeOfAnswers(answers []statusError) usage.Cause {
	cause := usage.CauseFault
	for _, a := range answers {
		switch {
		case a.RateLimited():
			return usage.CauseRateLimit
		case !a.Temporary():
			cause = usage.CauseRefused
		}
	}
	return cause
}

// is reports whether err holds an error of that type.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// isTimeout reports whether something took too long.
func isTimeout(err error) bool {
	slow, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && slow.Timeout()
}

// unusable is an answer that came and is not what was asked for.
type unusable interface {
	error
	Unusable() bool
}

// isNotUnderstood reports whether an answer came whole that cannot be used.
func isNotUnderstood(err error) bool {
	answer, ok := errors.AsType[unusable](err)
	return ok && answer.Unusable()
}
