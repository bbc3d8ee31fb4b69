package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"alerter/web"
)

// progress shows on standard error what a demo is doing between alerts. Off a
// terminal it prints a line now and then instead of drawing over one.
type progress struct {
	out io.Writer
	tty bool
	mu  sync.Mutex
}

// backfill shows how far the past has been filled in.
func (g *progress) backfill(_ string, done, all time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.tty:
		fmt.Fprintf(g.out, "\r\033[Kreading the past: %.0f of %.0f hours", done.Hours(), all.Hours())
		if done == all {
			fmt.Fprint(g.out, "\r\033[K")
		}
	case done == all:
		fmt.Fprintf(g.out, "the past %.0f hours have been read\n", all.Hours())
	}
}

const (
	tickEvery     = time.Second
	tickEveryFile = 10 * time.Second
)

// tick shows the time and the fullest limit until ctx ends.
func (g *progress) tick(ctx context.Context, clock clock, look web.Look) {
	every := tickEveryFile
	if g.tty {
		every = tickEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		st, err := look.Status(ctx, clock.now())
		if err != nil || len(st.Series) == 0 {
			continue
		}
		g.mu.Lock()
		line := fmt.Sprintf("%s · fullest: %s", st.AsOf.Format("15:04 UTC"), seriesLine(st.Series[0]))
		if g.tty {
			fmt.Fprintf(g.out, "\r\033[K%s", line)
		} else {
			fmt.Fprintln(g.out, line)
		}
		g.mu.Unlock()
	}
}

// seriesLine is one limit in a line.
func seriesLine(s web.Series) string {
	where := s.Labels.Workspace
	if where == "" {
		where = "whole organization"
	}
	return fmt.Sprintf("%s %s (%s) %s of %s used, pressure %s, %s",
		s.Labels.ModelGroup, s.Labels.Limiter, where, percent(s.Utilization), amount(s.Limit), percent(s.Pressure), s.State)
}
