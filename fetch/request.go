package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/anthropics/anthropic-sdk-go/v2/option"
)

const (
	attemptTimeout = 30 * time.Second // of one attempt, its body included
	callTimeout    = time.Minute      // of a call whose context has no deadline
	usageTimeout   = 5 * time.Minute  // the same for usage, which may have many pages

	maxErrorBody = 64 << 10  // an error object is some hundred bytes
	maxListBody  = 16 << 20  // a thousand workspaces are less than one
	maxUsageBody = 512 << 20 // a day of 500 combinations is 300 MB in one page of the older report
)

// The versions of the API. The older reports are documented with the older one.
// https://platform.claude.com/docs/en/api/versioning
const (
	versionLegacy = "2023-06-01"
	versionNow    = "2026-10-21"
)

// request is one question to the API.
type request struct {
	endpoint string // one of the Endpoint constants
	path     string
	query    query
	beta     string // the anthropic-beta header, or empty
	legacy   bool   // an endpoint that the SDK has no method for
	maxBody  int64
	keep     *keeper // of the answer as it came; nil: nobody wants it
}

// query is the parameters of a request. A plain url.Values would be sent by the SDK
// as a body: only what has this method becomes a query string.
type query interface{ URLQuery() (url.Values, error) }

// values is a query of an endpoint that the SDK has no parameters for.
type values url.Values

// URLQuery returns the parameters themselves.
func (v values) URLQuery() (url.Values, error) { return url.Values(v), nil }

// attempt asks once and lets decode read the answer. again reports whether the
// same question may be answered a moment later.
func (c *Client) attempt(ctx context.Context, r request, decode func(*body) error) (again bool, err error) {
	key, err := c.key()
	if err != nil {
		return false, err
	}
	start, code := c.Now(), 0
	defer func() {
		err = conceal(err, key)
		if c.OnRequest != nil {
			c.OnRequest(r.endpoint, code, c.Now().Sub(start))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	var res, seen *http.Response
	err = c.sdk.Get(ctx, r.path, r.query, &res, append(r.headers(key), option.WithMiddleware(watch(&seen)))...)
	if res != nil && res.Body != nil {
		defer func() { _ = res.Body.Close() }() // the answer is read or given up
	}
	if seen == nil {
		return true, fmt.Errorf("%s gave no answer: %w", r.endpoint, plain(err))
	}
	code = seen.StatusCode
	if code != http.StatusOK {
		refused := newStatusError(r.endpoint, seen, err, key, start)
		return refused.Temporary(), refused
	}
	if err != nil { // the deadline passed between the headers and here
		return true, fmt.Errorf("%s gave no whole answer: %w", r.endpoint, plain(err))
	}
	b := &body{from: r.keep.tap(res.Body), left: r.maxBody, kind: res.Header.Get("Content-Type")}
	err = decode(b)
	again = err != nil && b.cutOff(err)
	if err == nil {
		err = r.keep.take(key)
	}
	if err != nil {
		return again, &AnswerError{
			Endpoint: r.endpoint, RequestID: clip(scrub(res.Header.Get("request-id"), key), 100), CutOff: again, Err: b.explain(err),
		}
	}
	return false, nil
}

// headers are the options that carry the credential and the version.
func (r request) headers(key string) []option.RequestOption {
	var opts []option.RequestOption
	switch {
	case r.legacy && !strings.HasPrefix(key, oauthPrefix):
		opts = append(opts, option.WithHeader("X-Api-Key", key), option.WithHeader("anthropic-version", versionLegacy))
	case r.legacy: // a token is a bearer token everywhere
		opts = append(opts, option.WithAPIKey(key), option.WithHeader("anthropic-version", versionLegacy))
	default:
		opts = append(opts, option.WithAPIKey(key), option.WithHeader("anthropic-version", versionNow))
	}
	if r.beta != "" {
		opts = append(opts, option.WithHeader("anthropic-beta", r.beta))
	}
	return opts
}

// watch keeps the answer's status and headers, which the SDK loses where the body
// of an error breaks off, and bounds that body, which the SDK reads whole.
func watch(seen **http.Response) option.Middleware {
	return func(req *http.Request, next option.MiddlewareNext) (*http.Response, error) {
		res, err := next(req)
		if err != nil || res == nil {
			return res, err
		}
		*seen = res
		if res.StatusCode >= http.StatusBadRequest && res.Body != nil {
			res.Body = struct {
				io.Reader
				io.Closer
			}{io.LimitReader(res.Body, maxErrorBody), res.Body}
		}
		return res, nil
	}
}

// plain is err without the method and the long query that net/http puts before it.
func plain(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
