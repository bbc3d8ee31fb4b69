package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"alerter/evaluate"
	"alerter/web"
)

// stage is what somebody who watches a demo sees: the alerts, and below them what
// goes on between two. Off a terminal a line now and then takes the place of the
// latter.
type stage struct {
	progress *progress
	out      io.Writer // the alerts, above the progress
	err      io.Writer // the log, above the progress
	clock    clock
	told     chan struct{} // a message was printed: what goes on is shown anew

	mu       sync.Mutex
	messages int
	warned   time.Time // there: when the first warning came; zero: not yet
}

func (p *program) stage(clock clock) *stage {
	g := p.progress()
	return &stage{progress: g, out: g.above(p.out), err: g.above(p.err), clock: clock, told: make(chan struct{}, 1)}
}

// Write prints a message of the console receiver, each of which comes in one
// piece. Behind the first warning it says how long that took.
func (s *stage) Write(message []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages++
	block := message
	if s.warned.IsZero() && bytes.Contains(message, []byte("[FIRING:")) {
		s.warned = s.clock.now()
		block = fmt.Appendf(bytes.Clone(message), "That was the first warning, %s after the demo began.\n\n", s.clock.since(s.warned))
	}
	if _, err := s.out.Write(block); err != nil {
		return 0, err
	}
	if s.progress.draws() {
		select {
		case s.told <- struct{}{}:
		default:
		}
	}
	return len(message), nil
}

// end takes the progress away and says in a line what there was to see.
func (s *stage) end() {
	s.progress.clear()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.now()
	warned := "no warning yet"
	if !s.warned.IsZero() {
		warned = "the first warning at " + s.warned.Format("15:04 UTC")
	}
	fmt.Fprintf(s.out, "The demo ended after %s, at %s there: %s, %s. Nothing of it is kept.\n",
		s.clock.since(now), now.Format("15:04 UTC"), count(s.messages, "message"), warned)
}

// backfill shows how far the past has been filled in.
func (s *stage) backfill(_ string, done, all time.Duration) {
	switch {
	case done == all && s.progress.draws():
		s.progress.clear()
	case s.progress.draws():
		s.progress.draw(fmt.Sprintf("reading the past: %.0f of %.0f hours", done.Hours(), all.Hours()))
	case done == all:
		fmt.Fprintf(s.err, "the past %.0f hours have been read\n", all.Hours())
	}
}

const (
	showEvery     = time.Second
	showEveryFile = 10 * time.Second
)

// follow shows the time and the fullest limit until ctx ends.
func (s *stage) follow(ctx context.Context, look web.Look) {
	every := showEveryFile
	if s.progress.draws() {
		every = showEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-s.told:
		}
		st, err := look.Status(ctx, s.clock.now())
		if err != nil || len(st.Series) == 0 {
			continue // there is nothing to show before the first tick
		}
		line := st.AsOf.Format("15:04 UTC") + " · " + seriesLine(st.Series[0])
		if s.progress.draws() {
			s.progress.draw(line)
		} else {
			fmt.Fprintln(s.err, line)
		}
	}
}

// seriesLine is the fullest limit in a line, what matters most first: it may be cut.
func seriesLine(s web.Series) string {
	alert := "no alert"
	if evaluate.Severity(s.State).Rank() > 0 {
		alert = "alert: " + s.State
	}
	return fmt.Sprintf("fullest: %s %s, %s (limit %s)",
		limitWords(s.Labels.ModelGroup, s.Labels.Limiter, s.Labels.Workspace), web.Percent(s.Utilization), alert, web.Amount(s.Limit))
}
