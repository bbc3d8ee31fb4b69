package notify

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
)

// ConsoleSettings are those of the receiver that prints. It has none: it writes
// to the program's standard output, in colour where that is a terminal.
type ConsoleSettings struct{}

func (*ConsoleSettings) check() error { return nil }

func (*ConsoleSettings) warnings() []string { return nil }

func (*ConsoleSettings) open(env Env) Channel {
	out := env.Out
	if out == nil {
		out = io.Discard
	}
	return &console{out: out, colour: env.Colour}
}

// console prints messages as blocks of text.
type console struct {
	mu     sync.Mutex // one block at a time
	out    io.Writer
	colour bool
}

// consolePlain keeps a block to about a screen.
var consolePlain = plain{full: 5, lines: 20}

// Send prints m, and an empty line behind it, in one write.
func (c *console) Send(ctx context.Context, m Message) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, fmt.Errorf("print message: %w", err)
	}
	title := m.Title
	if c.colour {
		title = colourOf(m) + title + "\x1b[0m"
	}
	body := strings.TrimRight(consolePlain.body(m), "\n")
	block := title + "\n"
	if body != "" {
		block += "  " + strings.ReplaceAll(body, "\n", "\n  ") + "\n"
	}
	block = strings.ReplaceAll(block, "\n  \n", "\n\n") + "\n"
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := io.WriteString(c.out, block); err != nil {
		return Receipt{}, fmt.Errorf("print message: %w", err)
	}
	return Receipt{}, nil
}

// colourOf is the terminal's colour for the message's status.
func colourOf(m Message) string {
	switch toneOf(m) {
	case toneCritical:
		return "\x1b[1;31m"
	case toneWarning:
		return "\x1b[1;33m"
	case toneGood:
		return "\x1b[1;32m"
	}
	return "\x1b[1m"
}
