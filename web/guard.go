package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
)

// guarded sets what every answer says to browsers: nothing of other sites, no
// script at all, no frame around it, and no other site may read it.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		next.ServeHTTP(w, r)
	})
}

// writing lets a call through that may write: with the token where one is set,
// else only from this machine.
func (s *Server) writing(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, err := s.Token()
		if err != nil {
			s.Log.Error().Err(err).Msg("web token not read")
			http.Error(w, "the token of this service cannot be read; see its log", http.StatusInternalServerError)
			return
		}
		switch {
		case token != "" && !bears(r, token):
			w.Header().Set("WWW-Authenticate", "Bearer")
			s.turnAway(w, r, "this needs Authorization: Bearer <web.token>", http.StatusUnauthorized)
		case token == "" && !local(r):
			s.turnAway(w, r, "only callers on the machine itself may write; set web.token for others", http.StatusForbidden)
		default:
			next(w, r)
		}
	}
}

// turnAway answers why a call may not write, and tells the operator that somebody
// tried.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, why string, code int) {
	s.Log.Warn().Str("call", r.Method+" "+r.URL.Path).Str("from", r.RemoteAddr).Str("reason", why).Msg("call refused")
	http.Error(w, why, code)
}

// bears reports whether the request carries the token. The hashes are compared,
// so that the time taken tells not even its length.
func bears(r *http.Request, token string) bool {
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	want, got := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(strings.TrimSpace(given)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// proxied names the headers by which a proxy on this machine says that it
// speaks for somebody else.
var proxied = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"}

// local reports whether the caller is on this machine and means to be: a page
// of another site that the browser here has open is not.
func local(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !loopback(host) {
		return false
	}
	for _, name := range proxied {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	name := r.Host
	if h, _, err := net.SplitHostPort(name); err == nil {
		name = h
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	// A name that is not this machine's points here by somebody else's DNS.
	if !strings.EqualFold(name, "localhost") && !loopback(name) {
		return false
	}
	return new(http.CrossOriginProtection).Check(r) == nil
}

func loopback(address string) bool {
	ip := net.ParseIP(address)
	return ip != nil && ip.IsLoopback()
}

// caller is who makes a call that may write, as far as that is known: the name that
// goes with it, the caller's own (amtool takes one in its URL) or a signing-in proxy's;
// else where it comes from.
func caller(r *http.Request) string {
	if name, _, _ := r.BasicAuth(); name != "" {
		return name
	}
	if name := r.Header.Get("X-Forwarded-User"); name != "" {
		return name
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	switch {
	case err != nil:
		return "somebody over HTTP"
	case loopback(host):
		return "somebody on this machine, over HTTP"
	}
	return "somebody at " + host + ", over HTTP"
}
