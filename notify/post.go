package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"time"
)

// poster sends the requests of channels that speak plain HTTP.
type poster struct {
	client *http.Client
	agent  string
	now    func() time.Time
}

// newPoster is for places the operator's own configuration names: any address,
// and no redirect to another host.
func newPoster(env Env) poster { return newGuardedPoster(env, true) }

// newGuardedPoster is for places that may be in a private network only if that
// was allowed.
func newGuardedPoster(env Env, allowPrivate bool) poster {
	t := env.Transport
	switch {
	case t != nil:
	case allowPrivate:
		t = openTransport()
	default:
		t = guardedTransport()
	}
	return poster{
		client: &http.Client{Transport: t, CheckRedirect: sameHostRedirects},
		agent:  env.userAgent(), now: env.Now,
	}
}

// letter is one request.
type letter struct {
	doing  string // every error begins with it: post to Discord
	to     string // the address; it may be a secret, and is never repeated
	header http.Header
	body   []byte // JSON
	safe   redactor
	// wait reads from the body of a refusal when to try again, zero where it does
	// not say; nil: only the header Retry-After does.
	wait func(body []byte) time.Duration
}

// endpoint is the address of a path below a base, which may end with that path, or
// with a slash, as people write it.
func endpoint(base, path string) string {
	return strings.TrimSuffix(strings.TrimRight(base, "/"), path) + path
}

// post sends l and returns the beginning of the answer. Only a 2xx is a success.
func (p poster) post(ctx context.Context, l letter) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.to, bytes.NewReader(l.body))
	if err != nil {
		return nil, Permanent(fmt.Errorf("%s: %w", l.doing, l.safe.err(err)))
	}
	if l.header != nil {
		req.Header = l.header
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", p.agent)
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, classified(ctx, l.doing, err, l.safe)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	_ = resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return body, nil // what it has taken in it has, though its answer is cut off
	}
	if err != nil && ctx.Err() != nil {
		return nil, classified(ctx, l.doing, err, l.safe)
	}
	return nil, p.refused(resp, body, l)
}

// refused is the error for an answer that is not a success.
func (p poster) refused(resp *http.Response, body []byte, l letter) error {
	said := fmt.Sprintf("%s: answered %s", l.doing, resp.Status)
	switch {
	case resp.StatusCode == http.StatusGone:
		said += ": the receiving side has closed this address for good"
	case resp.StatusCode/100 == 3:
		said += ": a redirect to another place is not followed, put the final address into url"
	default:
		if text := l.safe.text(oneLine(string(body))); text != "" {
			said += ": " + text
		}
	}
	wait := parseRetryAfter(resp.Header.Get("Retry-After"), p.now())
	if l.wait != nil {
		wait = max(wait, l.wait(body))
	}
	return statusFailure(resp.StatusCode, wait, errors.New(l.safe.text(said)))
}

// seconds is a number of seconds that a place asks for as a span, in whole
// milliseconds and bounded as Retry-After is.
func seconds(n float64) time.Duration {
	if !(n > 0) { // NaN too
		return 0
	}
	return time.Duration(math.Ceil(min(n, maxRetryAfter.Seconds())*1000)) * time.Millisecond
}
