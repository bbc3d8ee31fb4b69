package fetch

import (
	"errors"
	"math/rand/v2"
	"time"
)

const (
	restUnknown    = time.Minute      // after a 429 that does not say how long
	restJitter     = 15 * time.Second // added to it, so that several services do not return together
	restKeyRefused = 5 * time.Minute  // a refused key is tried again this often
	restMost       = 15 * time.Minute // a mistaken header must not blind the service for hours
)

// RestFor is how long the endpoint that gave err should be left alone, counted
// from at. After a 429: the Retry-After header, else the reset header, else 60 to
// 75 seconds; a quarter of an hour where the spend limit is the cause. After a
// refused key: five minutes, unless the key changes. After a fault of the API's
// own: its Retry-After, if it sent one. Never more than 15 minutes. Zero for nil and
// for any other error: the next scheduled attempt is late enough.
func RestFor(err error, at time.Time) time.Duration {
	e, ok := errors.AsType[*StatusError](err)
	if !ok {
		return 0
	}
	switch {
	case e.spendCapReached():
		return restMost
	case e.KeyRefused():
		return restKeyRefused
	case e.RetryAfter > 0:
		return min(e.RetryAfter, restMost)
	case e.RateLimited() && e.ResetAt.After(at):
		return min(e.ResetAt.Sub(at), restMost)
	case e.RateLimited():
		return restUnknown + rand.N(restJitter)
	}
	return 0
}

// Rest is [RestFor] of e.
func (e *StatusError) Rest(at time.Time) time.Duration { return RestFor(e, at) }
