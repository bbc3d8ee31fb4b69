package fetch

import (
	"net"
	"net/http"
	"time"
)

// newHTTPClient has a limit on every phase before the body; the body's is the
// attempt's deadline.
func newHTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  attemptTimeout,
		MaxResponseHeaderBytes: 64 << 10,
	}}
}

// withoutRedirects is hc, or a client of our own, that returns a redirect instead
// of following it. net/http takes Authorization off a request to another host, but
// not x-api-key, and the Admin API has no redirects.
func withoutRedirects(hc *http.Client) *http.Client {
	if hc == nil {
		hc = newHTTPClient()
	}
	c := *hc
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}
