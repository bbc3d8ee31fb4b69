package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"
)

// dialTimeout bounds a connection attempt; everything else is bounded by the
// context of Send.
const dialTimeout = 10 * time.Second

// openTransport is for places the operator's own configuration names: any
// address, through the proxy of the environment.
func openTransport() http.RoundTripper {
	return transport(&net.Dialer{Timeout: dialTimeout}, true)
}

// guardedTransport refuses to connect to addresses inside the network. The check
// is made on the address that is about to be dialled, after the name was
// resolved, so that a name cannot change its meaning in between. It knows no
// proxy: behind one, the proxy's address would be the one checked.
func guardedTransport() http.RoundTripper {
	return transport(&net.Dialer{Timeout: dialTimeout, Control: refusePrivate}, false)
}

// transport is the common part of both.
func transport(d *net.Dialer, proxy bool) http.RoundTripper {
	t := &http.Transport{
		DialContext:           d.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          8,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   dialTimeout,
		ExpectContinueTimeout: time.Second,
	}
	if proxy {
		t.Proxy = http.ProxyFromEnvironment
	}
	return t
}

// errPrivateAddress is a place inside the network that was not allowed.
var errPrivateAddress = errors.New("the address is inside a private network; allow_private_networks: true would permit it")

// refusePrivate is a [net.Dialer.Control]: it sees the resolved address.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("check address %s: %w", address, err)
	}
	if private(to.Addr()) {
		return fmt.Errorf("connect to %s: %w", to.Addr(), errPrivateAddress)
	}
	return nil
}

// reserved are the networks that are not on the internet and that netip has no
// word for: https://www.iana.org/assignments/iana-ipv4-special-registry
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // carrier-grade NAT
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, broadcast
	netip.MustParsePrefix("64:ff9b::/96"),    // NAT64: any IPv4 address behind it
	netip.MustParsePrefix("64:ff9b:1::/48"),  // local NAT64
	netip.MustParsePrefix("2002::/16"),       // 6to4: any IPv4 address inside it
	netip.MustParsePrefix("2001:0000::/32"),  // Teredo, the same
	netip.MustParsePrefix("fec0::/10"),       // site-local, deprecated
	netip.MustParsePrefix("::ffff:0:0:0/96"), // IPv4-translated
}

// private reports whether an address is not on the internet.
func private(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return true // loopback, link-local, multicast and unspecified are not global unicast
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// maxRedirects is how often a place may send a request on, within itself.
const maxRedirects = 3

// sameHostRedirects lets a request be sent on only to the same host and scheme,
// and only by the codes that keep method and body. Any other redirect is left as
// the answer.
func sameHostRedirects(to *http.Request, via []*http.Request) error {
	code := 0
	if to.Response != nil {
		code = to.Response.StatusCode
	}
	keeps := code == http.StatusTemporaryRedirect || code == http.StatusPermanentRedirect
	if !keeps || len(via) > maxRedirects || to.URL.Host != via[0].URL.Host || to.URL.Scheme != via[0].URL.Scheme {
		return http.ErrUseLastResponse
	}
	return nil
}

// maxAnswer is how much of an answer is read at all.
const maxAnswer = 64 << 10

// oneLine makes foreign text fit for an error.
func oneLine(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	return clip(strings.Join(strings.Fields(strings.Map(visible, s)), " "), 200)
}

// classified is the error of a request that got no answer: why, for metrics, and
// whether it is of use to try again. Where the context has ended, its cause says
// what there is to say: how a call that is cut off fails is chance.
func classified(ctx context.Context, doing string, raw error, safe redactor) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", doing, context.Cause(ctx))
	}
	said := fmt.Errorf("%s: %w", doing, safe.err(raw))
	switch {
	case errors.Is(raw, context.Canceled) || errors.Is(raw, context.DeadlineExceeded):
		return said
	case errors.Is(raw, errPrivateAddress):
		return &failure{error: said, permanent: true, reason: ReasonClientError}
	case unreached(raw):
		return &failure{error: said, reason: ReasonOther, refused: true}
	}
	return because(ReasonOther, said)
}

// plainHTTP is the warning about an address where whoever is on the way can read
// what; none where the way does not leave this machine.
func plainHTTP(key, address, what string) []string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || isLoopback(u.Hostname()) {
		return nil
	}
	return []string{fmt.Sprintf("%s over plain http: anybody on the way can read %s", key, what)}
}

// isLoopback reports whether a host is this machine by its own word.
func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}
