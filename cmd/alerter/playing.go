package main

import (
	"fmt"
	"io"
	"time"
)

// playing shows how far a long backtest is, on a terminal only.
type playing struct {
	out    io.Writer // nil: nobody looks
	now    func() time.Time
	steps  int // to play
	began  time.Time
	shown  time.Time
	showed bool
}

const (
	quietFor   = 2 * time.Second
	showsEvery = 200 * time.Millisecond
)

func (p *program) playing() *playing {
	g := &playing{now: p.now, began: p.now()}
	if p.errTTY {
		g.out = p.err
	}
	return g
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
	if g.out == nil {
		return
	}
	if at := g.now(); at.Sub(g.began) > quietFor && at.Sub(g.shown) > showsEvery {
		fmt.Fprintf(g.out, "\r\033[K"+format, done, all, 100*done/max(all, 1))
		g.shown, g.showed = at, true
	}
}

// end takes the line away again.
func (g *playing) end() {
	if g.showed {
		fmt.Fprint(g.out, "\r\033[K")
		g.showed = false
	}
}
