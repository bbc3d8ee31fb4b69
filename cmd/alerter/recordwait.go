package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"alerter/fetch"
)

const (
	// recordTries is how often one answer is asked for, beyond what a client does
	// by itself.
	recordTries = 6
	// recordPatience is how long a wait may be that the API asks for.
	recordPatience = 10 * time.Minute
	firstPause     = 5 * time.Second // doubled each time
)

// patiently asks until there is an answer: it waits as long as the API asks, and
// out its faults and the network's.
func patiently[T any](ctx context.Context, r *recording, ask func(context.Context) (T, error)) (T, error) {
	for try := 1; ; try++ {
		answer, err := ask(ctx)
		if err == nil {
			r.reached = true
			return answer, nil
		}
		wait := r.waitAfter(err, try)
		if wait == 0 || try == recordTries || ctx.Err() != nil {
			return answer, err
		}
		r.show.note(fmt.Sprintf("%v; trying again in %s", err, wait.Round(time.Second)))
		if r.pause(ctx, wait) != nil {
			return answer, err
		}
	}
}

// waitAfter is how long to wait after an error; zero: asking again does not help.
func (r *recording) waitAfter(err error, try int) time.Duration {
	backoff := firstPause << (try - 1)
	refused, answered := errors.AsType[*fetch.StatusError](err)
	if !answered {
		_, network := errors.AsType[net.Error](err)
		if r.reached && (network || errors.Is(err, io.ErrUnexpectedEOF)) {
			return backoff
		}
		return 0 // an answer that cannot be read, or an address where nobody is
	}
	rest := fetch.RestFor(err, r.now())
	switch {
	case refused.KeyRefused() || rest > recordPatience:
		return 0
	case rest > 0:
		return rest
	case refused.Temporary():
		return backoff
	}
	return 0
}
