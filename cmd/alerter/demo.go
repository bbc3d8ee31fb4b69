package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"alerter/config"
	"alerter/evaluate"
	"alerter/fetch/simulate"
)

// demoKey opens the simulator and nothing else.
const demoKey = "sk-ant-admin01-demo"

const (
	// demoSkip is how much of the traffic's quiet beginning nobody has to wait for.
	demoSkip = 12 * time.Minute
	// demoQuiet is about what is left of it: the first warning comes then.
	demoQuiet = 14 * time.Minute
)

type demoCommand struct {
	Speed  float64        `help:"Virtual seconds in a real one." default:"60"`
	Listen string         `help:"Where the web page is; without it 127.0.0.1:9911." default:"127.0.0.1:9911" placeholder:"ADDR"`
	For    *time.Duration `help:"Stop after this much real time; without it, at Ctrl-C." placeholder:"D"`
	Trace  string         `help:"Recorded traffic of your own: t10,requests,input_uncached,cache_read,output as CSV, plain or gzip." placeholder:"FILE"`
	Seed   uint64         `help:"Which rows are late or corrected." default:"1"`
}

// demoRules watches the simulated organization with the rules of the built-in
// file. The settling time fits the simulator's lag. The page has a listener by then.
const demoRules = `
organizations:
  - {admin_key: %s, base_url: %s, settle: 5m, backfill: 24h}
storage: {path: %q}
rules:
  - alert: LimitPressure
    pressure: {}
  - alert: LimitChanged
    limit_change: {}
  - alert: DataStale
    stale: {warning: 15m, critical: 45m}
receivers:
  - name: console
    console: {}
web: {listen: "127.0.0.1:0"}
`

// Run plays recorded traffic to the whole service in a temporary folder.
func (c demoCommand) Run(p *program) error {
	if c.Speed < 1 || c.Speed > 3600 {
		return coded{exitUsage, "alerter: --speed must be from 1 to 3600"}
	}
	if c.For != nil && *c.For <= 0 {
		return coded{exitUsage, "alerter: --for must be more than 0s"}
	}
	if err := checkListen(c.Listen); err != nil {
		return err
	}
	sim, err := c.simulation()
	if err != nil {
		return err
	}
	clock := newClock(sim.Start.Add(demoSkip), c.Speed)
	sim.Now, sim.AdminKeys = clock.now, []string{demoKey}
	address, closeSimulator, err := serveSimulator(sim)
	if err != nil {
		return err
	}
	defer closeSimulator()
	folder, err := os.MkdirTemp("", "alerter-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	err = c.play(p, clock, "http://"+address, folder)
	return errors.Join(err, os.RemoveAll(folder))
}

// play runs the service against the simulator at address.
func (c demoCommand) play(p *program, clock clock, address, folder string) error {
	conf, err := c.config(p, address, folder)
	if err != nil {
		return err
	}
	ctx := context.Background()
	st, err := openStore(ctx, conf.Storage.Path)
	if err != nil {
		return err
	}
	page, err := listenNear(c.Listen)
	if err != nil {
		return errors.Join(err, st.Close())
	}
	c.introduce(p, clock, page.Addr().String())
	show := p.stage(clock)
	behind := p.behind(show)
	s := behind.service(conf, st, behind.logger(clock.now), clock.now)
	s.listener = page
	s.worker.OnTime, s.worker.BackfillPages = clock.schedule, rate.Inf
	s.worker.OnBackfill = show.backfill
	ctx, stop := s.signals(ctx)
	defer stop()
	if c.For != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, *c.For)
		defer cancel()
	}
	ctx, cancel := context.WithCancel(ctx)
	var following sync.WaitGroup
	following.Go(func() { show.follow(ctx, s.look()) })
	err = s.run(ctx)
	cancel()
	following.Wait()
	show.end()
	return errors.Join(err, st.Close())
}

// behind is the program as a demo runs it: it writes to the stage, and logs little.
func (p *program) behind(s *stage) *program {
	quiet := *p
	quiet.out, quiet.err = s, s.err
	quiet.cli = &cli{Config: p.cli.Config, Log: p.cli.Log}
	if quiet.cli.Log.Level == "info" {
		quiet.cli.Log.Level = "error" // the alerts are the show; --log.level debug shows the rest
	}
	return &quiet
}

// simulation is the recorded traffic, or the user's own.
func (c demoCommand) simulation() (simulate.Config, error) {
	if c.Trace == "" {
		return simulate.Demo(c.Seed)
	}
	f, err := os.Open(c.Trace)
	if err != nil {
		return simulate.Config{}, coded{exitUsage, fmt.Sprintf("alerter: open the trace: %v", err)}
	}
	defer f.Close()
	trace, err := simulate.LoadTrace(f)
	if err != nil {
		return simulate.Config{}, coded{exitUsage, fmt.Sprintf("alerter: %s: %v", c.Trace, err)}
	}
	return simulate.DemoTrace(trace, c.Seed)
}

func (c demoCommand) config(p *program, address, folder string) (*config.Config, error) {
	text := fmt.Sprintf(demoRules, demoKey, address, filepath.Join(folder, "alerter.db"))
	return config.LoadBytes("demo.yaml", []byte(text), p.env)
}

// introduce says what is played, by which clock, and where to look.
func (c demoCommand) introduce(p *program, clock clock, page string) {
	wait := ""
	if c.Trace == "" { // of other traffic it is not known
		wait = fmt.Sprintf("\nThe first warning comes about %s from now.", evaluate.Duration((time.Duration(float64(demoQuiet) / c.Speed)).Round(time.Second)))
	}
	fmt.Fprintf(p.out, `alerter demo: recorded traffic is played to a simulated Admin API,
%g times as fast as it was. The organization is made up; nothing leaves this
machine, and no key is needed.
It is %s there, and all times below are of that clock.
Usage shows there five minutes late, as in the real report.%s
Page: http://%s/   Stop: Ctrl-C

`, c.Speed, clock.now().Format("2006-01-02 15:04 UTC"), wait, page)
}

// checkListen refuses what is not host:port.
func checkListen(address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return coded{exitUsage, fmt.Sprintf("alerter: --listen is host:port, such as 127.0.0.1:9911: %v", err)}
	}
	return nil
}

// listenNear listens on an address, or where that is taken on a free port beside it.
func listenNear(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	host, _, splitErr := net.SplitHostPort(address)
	if splitErr != nil {
		return nil, splitErr // unreachable: checkListen has split it
	}
	if l, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l, nil
}

// serveSimulator serves the simulated Admin API on a free port of this machine.
func serveSimulator(c simulate.Config) (address string, closeIt func(), err error) {
	handler, err := simulate.New(c)
	if err != nil {
		return "", nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen for the simulated Admin API: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with Close
	return l.Addr().String(), func() { _ = server.Close() }, nil
}

type simulateCommand struct {
	Listen string  `help:"Where the simulated Admin API is; without it 127.0.0.1:9912." default:"127.0.0.1:9912" placeholder:"ADDR"`
	Speed  float64 `help:"Virtual seconds in a real one." default:"1"`
	Trace  string  `help:"Recorded traffic of your own, as for demo." placeholder:"FILE"`
	Seed   uint64  `help:"Which rows are late or corrected." default:"1"`
}

// Run serves the simulated Admin API until it is told to stop.
func (c simulateCommand) Run(p *program) error {
	if c.Speed <= 0 || c.Speed > 3600 {
		return coded{exitUsage, "alerter: --speed must be above 0 and at most 3600"}
	}
	if err := checkListen(c.Listen); err != nil {
		return err
	}
	sim, err := demoCommand{Trace: c.Trace, Seed: c.Seed}.simulation()
	if err != nil {
		return err
	}
	clock := newClock(sim.Start, c.Speed)
	if c.Speed == 1 {
		clock.start = clock.began // real time: other tools ask for minutes around now
	}
	sim.Now = clock.now
	handler, err := simulate.New(sim)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	ctx, stop := untilStopped()
	defer stop()
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Fprintf(p.out, "Simulated Admin API: http://%s (any admin key; it is %s there)\n", l.Addr(), clock.now().Format("2006-01-02 15:04 UTC"))
	fmt.Fprintf(p.out, "In rules.yaml: organizations: [{admin_key: %s, base_url: \"http://%s\"}]\n", demoKey, l.Addr())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
