package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// checkBaseURL accepts https, and plain http for loopback addresses only: the
// admin key travels there.
func checkBaseURL(text string) error {
	u, err := webAddress("base_url", text)
	if err != nil {
		return err
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return fmt.Errorf("base_url: plain http would show the admin key on the way; it is for loopback addresses only")
	}
	return nil
}

// webAddress parses the address under a key: http or https with a host, and
// without user, query and fragment, since paths are appended to it. The message
// does not repeat the address, which may hold a secret.
func webAddress(key, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, fmt.Errorf("%s: it is not an address such as https://example.com", key)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("%s: an address without user, query (?) and fragment (#) is needed", key)
	}
	return u, nil
}

// checkPing accepts any address that can be asked for: queries are common there.
func checkPing(key, text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("%s: it is not an address such as https://example.com/ping", key)
	}
	return nil
}

// isLoopback reports whether only this machine answers under a host's name.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// isToken reports whether s may stand in an HTTP header: ASCII that prints, no spaces.
func isToken(s string) bool {
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return s != ""
}

// isLine reports whether s is one line that begins and ends with a letter, not a space.
func isLine(s string) bool {
	return s == strings.TrimSpace(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 })
}

// hostPort splits an address to listen on.
func hostPort(address string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(address)
	if err != nil {
		return "", "", fmt.Errorf("it is not host:port, such as 127.0.0.1:9911")
	}
	return host, port, nil
}
