package web

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"alerter/evaluate"
	"alerter/store"
)

// Server answers over HTTP. Fill in the fields, then serve [Server.Handler].
type Server struct {
	Store *store.Store
	Log   zerolog.Logger
	Now   func() time.Time
	// Ready reports whether the first cycle has begun.
	Ready func() bool
	// Load reads the configuration again and puts it in force, or says why not.
	Load func(context.Context) error
	// Token is asked for by each writing call; an empty one lets only callers on
	// this machine write.
	Token func() (string, error)
	// View puts an alert into words.
	View func(evaluate.Alert) Alert
	// Settle is how long after its end a minute of the organization is final.
	Settle func(organization string) time.Duration
	// Registry is what /metrics shows, beside the readings of the store.
	Registry *prometheus.Registry
	Version  string
	Revision string

	reload sync.Mutex
	state  reloadState
}

// Handler is all paths.
func (s *Server) Handler() http.Handler {
	s.state.loaded(s.Now(), nil)
	s.Registry.MustRegister(&collector{server: s})
	metrics := promhttp.HandlerFor(s.Registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
	mux := http.NewServeMux()
	for _, path := range []string{"/-/healthy", "/healthz", "/health"} {
		mux.HandleFunc("GET "+path, s.healthy)
	}
	for _, path := range []string{"/-/ready", "/readyz"} {
		mux.HandleFunc("GET "+path, s.readiness)
	}
	mux.HandleFunc("POST /-/reload", s.writing(s.reloadNow))
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /api/v1/status", s.json(s.statusNow))
	mux.HandleFunc("GET /api/v1/series", s.json(s.seriesNow))
	mux.HandleFunc("GET /api/v1/alerts", s.json(s.alertsNow))
	mux.HandleFunc("GET /api/v1/limits", s.json(s.limitsNow))
	mux.HandleFunc("GET /api/v1/events", s.json(s.eventsNow))
	mux.HandleFunc("GET /api/v1/outbox", s.json(s.outboxNow))
	mux.HandleFunc("GET /api/v1/rules", s.json(s.rulesNow))
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /assets/", s.asset)
	return guarded(mux)
}

// guarded sets what every answer says to browsers.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("OK\n"))
}

func (s *Server) readiness(w http.ResponseWriter, _ *http.Request) {
	if !s.Ready() {
		http.Error(w, "not ready: the first cycle has not begun", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("OK\n"))
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
		if token == "" {
			if !local(r) {
				http.Error(w, "only callers on the machine itself may write; set web.token for others", http.StatusForbidden)
				return
			}
			next(w, r)
			return
		}
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || subtle.ConstantTimeCompare([]byte(given), []byte(token)) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "this needs Authorization: Bearer <web.token>", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

// local reports whether the caller is on this machine and means to be: a page
// of another site that the browser here has open is not.
func local(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	if ip == nil || !ip.IsLoopback() || r.Header.Get("X-Forwarded-For") != "" {
		return false
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return false
	}
	name := r.Host
	if h, _, err := net.SplitHostPort(name); err == nil {
		name = h
	}
	// A name that is not this machine's points here by somebody else's DNS.
	named := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || (named != nil && named.IsLoopback())
}
