package fetch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	maxRetries  = 2                      // of one page, after the first attempt
	firstPause  = 300 * time.Millisecond // doubled for the second, jittered by half
	longestWait = 3 * time.Second        // a Retry-After above this is left to the caller
)

// ask asks until an answer is decoded, at most three times: connections that
// break, bodies that are cut off and faults of the API's own are tried again,
// anything else is returned at once, 429 above all. decode may run more than once
// and must begin anew each time.
func (c *Client) ask(ctx context.Context, r request, decode func(*body) error) error {
	for try := 0; ; try++ {
		again, err := c.attempt(ctx, r, decode)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return withCause(ctx, err)
		}
		wait := backoff(try)
		if refused, ok := errors.AsType[*StatusError](err); ok {
			wait = max(wait, refused.RetryAfter)
		}
		if !again || try == maxRetries || wait > longestWait {
			return err
		}
		if c.wait(ctx, wait) != nil {
			return withCause(ctx, err)
		}
	}
}

// withCause adds why there was no further attempt, where err does not say so.
func withCause(ctx context.Context, err error) error {
	if errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w (not tried again: %w)", err, ctx.Err())
}

// backoff is the pause before the next attempt: a half to the whole of 300 ms,
// then of 600 ms.
func backoff(try int) time.Duration {
	d := firstPause << try
	return d/2 + rand.N(d/2)
}

// wait pauses for d, or until ctx is done.
func (c *Client) wait(ctx context.Context, d time.Duration) error {
	if c.pause != nil {
		return c.pause(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// bounded gives ctx a deadline if it has none: no call waits for ever.
func bounded(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, most)
}
