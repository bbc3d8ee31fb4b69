package notify

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
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
	return &console{out: out, colour: env.Colour, columns: env.Columns}
}

// console prints messages as blocks of text.
type console struct {
	mu      sync.Mutex // one block at a time
	out     io.Writer
	colour  bool
	columns int
}

// consolePlain keeps a block to about a screen.
var consolePlain = plain{full: 5, lines: 20}

// Send prints m, and an empty line behind it, in one write.
func (c *console) Send(ctx context.Context, m Message) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, fmt.Errorf("print message: %w", err)
	}
	title := Wrap(m.Title, c.columns, 2)
	if c.colour {
		title = colourOf(m) + title + "\x1b[0m"
	}
	body := strings.TrimRight(consolePlain.body(m), "\n")
	block := title + "\n"
	if body != "" {
		for line := range strings.SplitSeq(body, "\n") {
			line = strings.TrimRight("  "+line, " ")
			block += Wrap(line, c.columns, hanging(line)) + "\n"
		}
	}
	block += "\n"
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := io.WriteString(c.out, block); err != nil {
		return Receipt{}, fmt.Errorf("print message: %w", err)
	}
	return Receipt{}, nil
}

// beginning is what stands before the text of a line: blanks, a fact's name, a dash.
var beginning = regexp.MustCompile(`^ *(?:\S+(?: \S+)* {2,})?(?:- )?`)

// hanging is the column in which what does not fit into a line goes on: below the text
// that begins behind a fact's name or a dash.
func hanging(line string) int {
	if start := utf8.RuneCountInString(beginning.FindString(line)); start <= factWidth+4 {
		return start
	}
	return 2
}

// Wrap breaks a line between words so that it fits into so many columns of a terminal,
// and lets what follows begin in column hang. Words that are too long stay whole. 0
// columns: it stays as it is.
func Wrap(line string, columns, hang int) string {
	if columns <= hang || utf8.RuneCountInString(line) <= columns {
		return line
	}
	var lines []string
	now := ""
	for word := range strings.SplitAfterSeq(line, " ") {
		width := utf8.RuneCountInString(now + strings.TrimRight(word, " "))
		if width > columns && len(now) > hang {
			lines = append(lines, strings.TrimRight(now, " "))
			now = strings.Repeat(" ", hang)
		}
		now += word
	}
	return strings.Join(append(lines, now), "\n")
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
