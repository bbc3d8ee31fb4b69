package fetch

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxValue bounds one row, name or skipped value of an answer, in bytes: what is
// held in memory at a time. A row is under one kilobyte.
const maxValue = 1 << 20

var (
	errTooLong  = errors.New("the answer is too long")
	errRowLong  = errors.New("one value of the answer is too long")
	errHTML     = errors.New("it is HTML, not JSON; is base_url right, or is a proxy in between?")
	errNotJSON  = errors.New("it is not a JSON object")
	errEmpty    = fmt.Errorf("it is empty: %w", io.ErrUnexpectedEOF)
	errTrailing = errors.New("something follows the end of the answer")
)

// body is the answer on its way in: bounded as a whole and by value, and
// remembering why reading ended.
type body struct {
	from  io.Reader
	left  int64  // of the whole answer
	value int64  // of the value being read, beyond what is buffered
	kind  string // the Content-Type header
	read  int64
	err   error // why reading from the network ended, nil for a proper end
}

// Read reads from the network within the bounds.
func (b *body) Read(p []byte) (int, error) {
	switch {
	case b.left <= 0:
		b.err = errTooLong
	case b.value <= 0:
		b.err = errRowLong
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left, b.value)])
	b.left -= int64(n)
	b.value -= int64(n)
	b.read += int64(n)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// next says that another value begins.
func (b *body) next() { b.value = maxValue }

// json looks at the first character, which tells a proxy's page from an answer,
// and begins to decode.
func (b *body) json() (*json.Decoder, error) {
	b.next()
	r := bufio.NewReader(b)
	for {
		c, err := r.ReadByte()
		switch {
		case err == io.EOF:
			return nil, errEmpty
		case err != nil:
			return nil, err
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			continue
		case c == '<':
			return nil, errHTML
		case c != '{':
			return nil, errNotJSON
		}
		return json.NewDecoder(r), r.UnreadByte()
	}
}

// cutOff reports whether decoding ended with err because the answer broke off, so
// that asking again may help.
func (b *body) cutOff(err error) bool {
	if errors.Is(b.err, errTooLong) || errors.Is(b.err, errRowLong) {
		return false
	}
	return b.err != nil || errors.Is(err, io.ErrUnexpectedEOF)
}

// explain is err in the words of somebody who looks at the answer from outside.
func (b *body) explain(err error) error {
	switch {
	case errors.Is(b.err, errTooLong):
		return fmt.Errorf("%w: more than %d MB", errTooLong, b.read>>20)
	case b.err != nil && !errors.Is(b.err, errRowLong):
		return fmt.Errorf("it was cut off after %d bytes: %w", b.read, b.err)
	case errors.Is(err, errEmpty):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("it was cut off after %d bytes: %w", b.read, io.ErrUnexpectedEOF)
	case errors.Is(err, errNotJSON) && b.kind != "" && !strings.Contains(b.kind, "json"):
		return fmt.Errorf("%w but %s; is base_url right, or is a proxy in between?", err, clip(b.kind, 60))
	}
	return err
}
