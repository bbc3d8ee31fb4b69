package web

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
)

// Server answers over HTTP. Fill in the fields, then serve [Server.Handler].
type Server struct {
	Store *store.Store
	Log   zerolog.Logger
	Now   func() time.Time
	// Ready reports whether the first cycle has begun.
	Ready func() bool
	// Unkept is why the newest cycle could not be stored, nil where it was. Nil:
	// nobody knows.
	Unkept func() error
	// Load reads the configuration again and puts it in force, and says what that
	// changed, a few words for each thing; or it says why not.
	Load func(context.Context) (changes []string, err error)
	// Config is the configuration in force, without secrets; only its hash is
	// shown, in metrics. Nil: there is no hash.
	Config func() ([]byte, error)
	// Token is asked for by each writing call; an empty one lets only callers on
	// this machine write.
	Token func() (string, error)
	// View puts an alert into words, with what people have done about it.
	View func(evaluate.Alert, route.Standing) Alert
	// Settle is how long after its end a minute of the organization is final.
	Settle func(organization string) time.Duration
	// Routes are those in force.
	Routes func() route.Tree
	// Registry is what /metrics shows, beside the readings of the store. It is
	// only read. Nil: nothing beside them.
	Registry *prometheus.Registry
	Version  string
	Revision string

	reload sync.Mutex
	state  reloadState
}

// readTime bounds how long an answer waits for the database.
const readTime = 10 * time.Second

// answers is a server with what its answers share.
type answers struct {
	*Server
	// status is the state of everything, at most fresh old.
	status func() (Status, error)
}

// Handler is all paths. It may be called more than once; each handler reads
// the store for itself.
func (s *Server) Handler() http.Handler {
	s.state.begun(s.Now())
	a := &answers{Server: s}
	a.status = remembered(s.Now, func() (Status, error) {
		// Not the request's context: others wait for the same reading.
		ctx, cancel := context.WithTimeout(context.Background(), readTime)
		defer cancel()
		st, err := s.look().Status(ctx, s.Now())
		st.Problem = s.unkept()
		return st, err
	})
	mux := http.NewServeMux()
	for _, path := range []string{"/-/healthy", "/healthz", "/health"} {
		mux.HandleFunc("GET "+path, healthy)
	}
	for _, path := range []string{"/-/ready", "/readyz"} {
		mux.HandleFunc("GET "+path, s.readiness)
	}
	mux.HandleFunc("POST /-/reload", s.writing(s.reloadNow))
	mux.Handle("GET /metrics", a.metrics())
	mux.HandleFunc("GET /api/v1/status", s.json(a.statusNow))
	mux.HandleFunc("GET /api/v1/series", s.json(a.seriesNow))
	mux.HandleFunc("GET /api/v1/alerts", s.json(a.alertsNow))
	mux.HandleFunc("GET /api/v1/limits", s.json(s.limitsNow))
	mux.HandleFunc("GET /api/v1/events", s.json(s.eventsNow))
	mux.HandleFunc("GET /api/v1/outbox", s.json(s.outboxNow))
	mux.HandleFunc("POST /api/v1/outbox/{id}/replay", s.writing(s.replayNow))
	mux.HandleFunc("GET /api/v1/rules", s.json(s.rulesNow))
	mux.HandleFunc("POST /api/v1/alerts/{fingerprint}/ack", s.writing(s.ackNow))
	s.alertmanagerPaths(mux)
	mux.HandleFunc("GET /{$}", a.page)
	for _, name := range []string{"page.css", "icon.svg"} {
		mux.Handle("GET /assets/"+name, asset(name))
	}
	return guarded(mux)
}

// alertmanagerPaths are those of Alertmanager's API, for programs made for it.
func (s *Server) alertmanagerPaths(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/v2/status", s.json(s.v2Status))
	mux.HandleFunc("GET /api/v2/receivers", s.json(s.v2Receivers))
	mux.HandleFunc("GET /api/v2/alerts", s.v2Alerts)
	mux.HandleFunc("GET /api/v2/alerts/groups", s.v2Groups)
	mux.HandleFunc("GET /api/v2/silences", s.v2Silences)
	mux.HandleFunc("POST /api/v2/silences", s.writing(s.v2PutSilence))
	mux.HandleFunc("GET /api/v2/silence/{id}", s.v2SilenceOf)
	mux.HandleFunc("DELETE /api/v2/silence/{id}", s.writing(s.v2ExpireSilence))
}

func (s *Server) look() Look { return Look{Store: s.Store, View: s.View, Settle: s.Settle} }

// unkept says for people why the newest cycle could not be stored, with what to do where
// that is known; empty where it was. Where the database is stands in the log alone.
func (s *Server) unkept() string {
	if s.Unkept == nil {
		return ""
	}
	err := s.Unkept()
	if err == nil {
		return ""
	}
	const said = "what was read last could not be stored: nothing is evaluated, and nobody is told anything; "
	if file, ok := errors.AsType[*store.FileError](err); ok {
		return said + file.Advice
	}
	return said + "see the log"
}

func healthy(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("OK\n"))
}

func (s *Server) readiness(w http.ResponseWriter, _ *http.Request) {
	if !s.Ready() {
		http.Error(w, "not ready: the first cycle has not begun", http.StatusServiceUnavailable)
		return
	}
	if why := s.unkept(); why != "" {
		http.Error(w, "not ready: "+why, http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("OK\n"))
}
