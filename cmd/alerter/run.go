package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/rs/zerolog"

	alerter "alerter"
	"alerter/config"
	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
	"alerter/web"
	"alerter/worker"
)

// defaultFile is looked for where --config is not given.
const defaultFile = "rules.yaml"

type runCommand struct{}

// Run runs the service until it is told to stop.
func (runCommand) Run(p *program) error {
	return p.withService(func(ctx context.Context, s *service) error {
		s.reread = p.load
		s.worker.OnBackfill = s.showBackfill
		ctx, stop := s.signals(ctx)
		defer stop()
		err := s.run(ctx)
		s.log.Info().Msg("stopped")
		return err
	})
}

// withService does something with the configured service, which then holds the
// database alone.
func (p *program) withService(do func(context.Context, *service) error) error {
	c, err := p.load()
	if err != nil {
		return err
	}
	log := p.logger(p.now)
	warn(log, c)
	ctx := context.Background()
	st, err := openStore(ctx, c.Storage.Path)
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, p.service(c, st, log, p.now)), st.Close())
}

// read reads the configuration: the named file, ./rules.yaml, or the built-in copy.
func (p *program) read() (*config.Config, error) {
	path, ok := p.file()
	if !ok {
		return config.LoadBuiltIn(alerter.Rules, p.env)
	}
	return config.Load(path, p.env)
}

// file is the configuration's file; there is none where the built-in copy is used.
func (p *program) file() (path string, ok bool) {
	if p.cli.Config != "" {
		return p.cli.Config, true
	}
	_, err := os.Stat(defaultFile)
	return defaultFile, err == nil
}

// warn logs what of the configuration works but deserves a look.
func warn(log zerolog.Logger, c *config.Config) {
	if c.BuiltIn {
		log.Info().Msg("no rules.yaml here: the built-in rules are used; see `alerter config show`")
	}
	for _, w := range c.Warnings {
		log.Warn().Str("reason", w).Msg("the configuration deserves a look")
	}
}

// service wires the parts together over one store and one clock.
func (p *program) service(c *config.Config, st *store.Store, log zerolog.Logger, now func() time.Time) *service {
	metrics := worker.NewMetrics()
	s := &service{
		config: c, log: log,
		build:  build{now: now, out: p.out, colour: p.colours(p.outTTY), columns: p.columns, metrics: metrics},
		worker: &worker.Worker{Store: st, Log: log, Now: now, Metrics: metrics},
	}
	s.web = &web.Server{
		Store: st, Log: log, Now: func() time.Time { return moment(now) }, Ready: s.worker.Ready, Unkept: s.worker.Unkept, Load: s.reload,
		Token: func() (string, error) { return s.current().Web.Secret() },
		View:  viewAlert, Settle: func(name string) time.Duration { return s.current().Settle(name) },
		Config:   func() ([]byte, error) { return s.current().Show() },
		Routes:   func() route.Tree { return s.current().Tree },
		Registry: registry(metrics), Version: version(), Revision: revision(),
	}
	return s
}

// viewAlert puts an alert into the words of messages, for the page.
func viewAlert(a evaluate.Alert, s route.Standing) web.Alert {
	return web.Alert(notify.View(a).With(s))
}

// showBackfill logs how far the past has been filled in, every so often.
func (s *service) showBackfill(organization string, done, all time.Duration) {
	if done%(4*time.Hour) == 0 || done == all {
		s.log.Info().Str("organization", organization).Str("span", span(done)+" of "+span(all)).Msg("past filled in")
	}
}

// look reads the status as the page shows it.
func (s *service) look() web.Look {
	return web.Look{Store: s.web.Store, View: s.web.View, Settle: s.web.Settle}
}
