package main

import (
	"fmt"
	"io"
	"time"
)

// recordShow shows on standard error how far a recording is: a line that is drawn
// over on a terminal, else a line now and then.
type recordShow struct {
	progress *progress
	out      io.Writer
	now      func() time.Time
	shown    time.Time
}

const recordLineEvery = 30 * time.Second

// page shows that a report has been read up to a minute.
func (s *recordShow) page(until, to time.Time, pages int) {
	line := fmt.Sprintf("recording: at %s of %s, %s", when(&until), when(&to), count(pages, "page"))
	switch at := s.now(); {
	case s.progress.draws():
		s.progress.draw(line)
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
func (s *recordShow) end() { s.progress.clear() }
