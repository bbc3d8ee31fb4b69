package main

import (
	"fmt"
	"io"
	"sync"

	"github.com/jedib0t/go-pretty/v6/text"
)

// progress is the last line of a terminal: it says what is being done and is
// drawn over by the next. Everything else that goes to the same terminal has to
// go through [progress.above]. Its zero value draws nowhere.
type progress struct {
	out   io.Writer
	width func() int // of the terminal that out is, in columns, as it is now; 0: it is none

	mu   sync.Mutex
	line string // what is drawn, before it was cut; empty: nothing
}

func (p *program) progress() *progress { return &progress{out: p.err, width: p.errWidth} }

// draws reports whether there is a terminal to draw on.
func (g *progress) draws() bool { return g.width != nil && g.width() > 0 }

// draw shows line in place of what was there.
func (g *progress) draw(line string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wipe()
	g.line = line
	g.show()
}

// clear leaves the cursor at the beginning of an empty line.
func (g *progress) clear() { g.draw("") }

// wipe and show hold the lock.
func (g *progress) wipe() {
	if g.line != "" {
		fmt.Fprint(g.out, "\r\x1b[K")
	}
}

func (g *progress) show() {
	if g.line != "" && g.draws() {
		// The last column stays free: a terminal goes on to the next line behind it.
		fmt.Fprint(g.out, text.Snip(g.line, g.width()-1, "…"))
	}
}

// above is a writer to the same terminal: what is written, whole lines, appears
// above the progress.
func (g *progress) above(to io.Writer) io.Writer { return above{g, to} }

type above struct {
	progress *progress
	to       io.Writer
}

// Write takes the progress away, writes, and draws it again.
func (a above) Write(lines []byte) (int, error) {
	a.progress.mu.Lock()
	defer a.progress.mu.Unlock()
	a.progress.wipe()
	defer a.progress.show()
	return a.to.Write(lines)
}
