package main

import (
	"fmt"
	"io"
	"time"
)

// recordShow shows on standard error how far a recording is: a line that is drawn
// over on a terminal, else a line now and then.
type recordShow struct {
	out   io.Writer
	tty   bool
	now   func() time.Time
	shown time.Time
	drawn bool
}

const recordLineEvery = 30 * time.Second

// page shows that a report has been read up to a minute.
func (s *recordShow) page(until, to time.Time, pages int) {
	line := fmt.Sprintf("recording: at %s of %s, %s", when(&until), when(&to), count(pages, "page"))
	switch at := s.now(); {
	case s.tty:
		fmt.Fprintf(s.out, "\r\033[K%s", line)
		s.drawn = true
	case at.Sub(s.shown) >= recordLineEvery:
		fmt.Fprintln(s.out, line)
		s.shown = at
	}
}

// note says something that is worth a line of its own.
func (s *recordShow) note(line string) {
	s.end()
	fmt.Fprintln(s.out, "note:", line)
}

// end takes the drawn line away.
func (s *recordShow) end() {
	if s.drawn {
		fmt.Fprint(s.out, "\r\033[K")
		s.drawn = false
	}
}
