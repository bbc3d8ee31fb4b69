package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"alerter/config"
	"alerter/store"
	"alerter/web"
	"alerter/worker"
)

// service is the worker and the web server over one database.
type service struct {
	mu     sync.Mutex
	config *config.Config
	log    zerolog.Logger
	worker *worker.Worker
	build  build
	web    *web.Server
	// listener is where the page is served; nil: a new one on web.listen.
	listener net.Listener
	// reread gets the configuration again for a reload; nil: there is none.
	reread func() (*config.Config, error)
}

// logger writes to standard error, so that standard output is the alerts' own.
// Times are UTC, in one form everywhere: RFC 3339 with seconds.
func (p *program) logger(now func() time.Time) zerolog.Logger {
	level, err := zerolog.ParseLevel(p.cli.Log.Level)
	if err != nil {
		level = zerolog.InfoLevel // unreachable: kong has checked it
	}
	var log zerolog.Logger
	if p.cli.Log.Format == "json" {
		log = zerolog.New(p.err)
	} else {
		log = zerolog.New(zerolog.ConsoleWriter{Out: p.err, NoColor: !p.colours(p.errTTY), TimeFormat: time.RFC3339, TimeLocation: time.UTC})
	}
	// zerolog's own timestamp is the machine's local time.
	return log.Level(level).Hook(zerolog.HookFunc(func(line *zerolog.Event, _ zerolog.Level, _ string) {
		line.Time(zerolog.TimestampFieldName, now().UTC())
	}))
}

// run serves and works until ctx ends. A listener that cannot be had ends it at once.
func (s *service) run(ctx context.Context) error {
	plan, err := s.build.plan(s.config)
	if err != nil {
		return err
	}
	if s.listener == nil {
		if s.listener, err = net.Listen("tcp", s.config.Web.Listen); err != nil {
			return fmt.Errorf("listen on %s (web.listen): %w", s.config.Web.Listen, err)
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	server := &http.Server{Handler: s.web.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	go func() {
		if err := s.serve(server, s.listener); !errors.Is(err, http.ErrServerClosed) {
			cancel(fmt.Errorf("serve on %s: %w", s.listener.Addr(), err))
		}
	}()
	s.log.Info().Str("listen", s.listener.Addr().String()).Msg("serving")
	err = errors.Join(s.worker.Run(ctx, plan), shutdown(ctx, server))
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded) {
		err = errors.Join(err, cause)
	}
	return err
}

// shutdown gives answers under way a second.
func shutdown(ctx context.Context, server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if server.Shutdown(ctx) == nil {
		return nil
	}
	return server.Close()
}

func (s *service) serve(server *http.Server, l net.Listener) error {
	tls := s.current().Web.TLS
	if tls.CertFile != "" {
		return server.ServeTLS(l, tls.CertFile, tls.KeyFile)
	}
	return server.Serve(l)
}

// reload reads the configuration again, puts it in force, and says what that
// changed; or it says why not and leaves the old one.
func (s *service) reload(ctx context.Context) (changes []string, err error) {
	if s.reread == nil {
		return nil, errors.New("there is no file to read again")
	}
	c, err := s.reread()
	if err != nil {
		return nil, err
	}
	now := s.current()
	if c.Web.Listen != now.Web.Listen || c.Storage.Path != now.Storage.Path {
		return nil, errors.New("web.listen and storage.path cannot change while the service runs: restart it")
	}
	plan, err := s.build.plan(c)
	if err != nil {
		return nil, err
	}
	rules, err := s.worker.Apply(ctx, plan)
	if err != nil {
		return nil, err
	}
	warn(s.log, c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config = c
	return append(worker.RuleChanges(rules), config.Changes(now, c)...), nil
}

// current is the configuration in force.
func (s *service) current() *config.Config {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.config
}

// signals stops on the first SIGTERM or SIGINT and at once on the second, and
// reloads on SIGHUP.
func (s *service) signals(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	got := make(chan os.Signal, 4)
	signal.Notify(got, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	go func() {
		stopping := false
		for sig := range got {
			switch {
			case sig == syscall.SIGHUP:
				go func() { _, _ = s.web.Reload(ctx) }() // which logs how it ended
			case stopping:
				s.log.Warn().Msg("stopping at once")
				os.Exit(exitError)
			default:
				stopping = true
				s.log.Info().Str("reason", sig.String()).Msg("stopping")
				cancel()
			}
		}
	}()
	return ctx, func() { signal.Stop(got); close(got); cancel() }
}

// openStore opens the database of the service, which it holds alone.
func openStore(ctx context.Context, path string) (*store.Store, error) {
	return store.Open(ctx, path, store.Options{Lock: true})
}

func registry(m *worker.Metrics) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(m.Collectors()...)
	return r
}
