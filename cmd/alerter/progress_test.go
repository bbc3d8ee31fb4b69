package main

import (
	"io"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// terminal is what a screen of some columns shows of what is written to it.
type terminal struct {
	columns int
	rows    []string // the last one holds the cursor
	at      int      // its column
}

// Write understands what the program uses: \r, \n and the sequence that empties
// the rest of the line.
func (m *terminal) Write(p []byte) (int, error) {
	if m.rows == nil {
		m.rows = []string{""}
	}
	for s := string(p); s != ""; {
		row := &m.rows[len(m.rows)-1]
		switch {
		case strings.HasPrefix(s, "\x1b[K"):
			*row = string([]rune(*row)[:m.at])
			s = s[len("\x1b[K"):]
			continue
		case s[0] == '\r':
			m.at = 0
		case s[0] == '\n':
			m.rows, m.at = append(m.rows, ""), 0
		case m.at == m.columns:
			m.rows, m.at = append(m.rows, ""), 0
			continue
		default:
			r, _ := utf8.DecodeRuneInString(s)
			was := []rune(*row)
			*row = string(append(was[:m.at:m.at], append([]rune{r}, was[min(m.at+1, len(was)):]...)...))
			m.at++
		}
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
	return len(p), nil
}

func newProgress(columns int) (*progress, *terminal) {
	screen := &terminal{columns: columns}
	return &progress{out: screen, width: func() int { return screen.columns }}, screen
}

func TestMessagesAndLogLinesAppearAboveTheProgress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		columns int
		last    string
	}{
		"wide":       {40, "10:07 UTC · warning: 104 %"},
		"fits":       {27, "10:07 UTC · warning: 104 %"},
		"one less":   {26, "10:07 UTC · warning: 104…"},
		"narrow":     {12, "10:07 UTC …"},
		"two column": {2, "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, screen := newProgress(c.columns)
			messages, log := g.above(screen), g.above(screen)
			g.draw("10:06 UTC · fullest: 98 % of something long")
			_, _ = io.WriteString(messages, "m1\n")
			g.draw("10:07 UTC · warning: 104 %")
			_, _ = io.WriteString(log, "l1\n")
			_, _ = io.WriteString(messages, "m2\n\n")
			if diff := cmp.Diff([]string{"m1", "l1", "m2", "", c.last}, screen.rows); diff != "" {
				t.Errorf("screen (-want +got):\n%s", diff)
			}
			g.clear()
			if got := screen.rows[len(screen.rows)-1]; got != "" || screen.at != 0 {
				t.Errorf("got %q with the cursor in column %d at the end, want an empty line", got, screen.at)
			}
		})
	}
}

func TestTheProgressFollowsTheWidthOfTheTerminal(t *testing.T) {
	t.Parallel()
	g, screen := newProgress(30)
	g.draw("a line of twenty-six signs")
	screen.columns = 10
	g.draw("a line of twenty-six signs")
	if diff := cmp.Diff([]string{"a line o…"}, screen.rows); diff != "" {
		t.Errorf("after it got narrower (-want +got):\n%s", diff)
	}
	screen.columns = 30
	_, _ = io.WriteString(g.above(screen), "message\n")
	if diff := cmp.Diff([]string{"message", "a line of twenty-six signs"}, screen.rows); diff != "" {
		t.Errorf("after it got wider (-want +got):\n%s", diff)
	}
}

func TestNothingIsDrawnWhereThereIsNoTerminal(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	g := &progress{out: &out, width: func() int { return 0 }}
	if g.draws() || (&progress{}).draws() {
		t.Error("it is said to draw without a terminal")
	}
	_, _ = io.WriteString(g.above(&out), "message\n")
	if got := out.String(); got != "message\n" {
		t.Errorf("got %q, want the message alone", got)
	}
}

func TestWritersBesideEachOtherLeaveWholeLines(t *testing.T) {
	t.Parallel()
	g, screen := newProgress(80)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				g.draw("10:07 UTC")
				_, _ = io.WriteString(g.above(screen), "message\n")
			}
		})
	}
	all.Wait()
	g.clear()
	for i, row := range screen.rows {
		if want := map[bool]string{true: "", false: "message"}[i == 200]; row != want {
			t.Fatalf("got row %d %q, want %q", i, row, want)
		}
	}
}
