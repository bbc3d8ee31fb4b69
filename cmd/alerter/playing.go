package main

import (
	"fmt"
	"time"
)

// playing shows how far a long backtest is, on a terminal only.
type playing struct {
	progress *progress
	now      func() time.Time
	steps    int // to play
	began    time.Time
	shown    time.Time
}

const (
	quietFor   = 2 * time.Second
	showsEvery = 200 * time.Millisecond
)

func (p *program) playing() *playing {
	return &playing{progress: p.progress(), now: p.now, began: p.now()}
}

// page shows that so many pages of a history have been read.
func (g *playing) page(done, pages int) { g.show("reading: %d of %d pages (%d %%)", done, pages) }

// step shows that so many steps are done.
func (g *playing) step(done int) {
	if done%64 == 0 {
		g.show("playing: %d of %d steps (%d %%)", done, g.steps)
	}
}

func (g *playing) show(format string, done, all int) {
	if at := g.now(); at.Sub(g.began) > quietFor && at.Sub(g.shown) > showsEvery && g.progress.draws() {
		g.progress.draw(fmt.Sprintf(format, done, all, 100*done/max(all, 1)))
		g.shown = at
	}
}

// end takes the line away again.
func (g *playing) end() { g.progress.clear() }
