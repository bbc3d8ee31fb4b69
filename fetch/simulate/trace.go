package simulate

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

const (
	stepLength    = 10 * time.Second
	traceHeader   = "t10,requests,input_uncached,cache_read,output"
	maxTraceSteps = 100 * 24 * 360 // a hundred days
	maxTraceValue = 1_000_000_000_000
)

// Trace is recorded demand in steps of ten seconds, without gaps.
type Trace struct {
	Steps []Step
}

// Step is what was asked for in ten seconds.
type Step struct {
	Requests  int64
	Uncached  int64 // input tokens that did not come from a cache
	CacheRead int64
	Output    int64
}

// Span is how long the trace is before it repeats.
func (t *Trace) Span() time.Duration { return time.Duration(len(t.Steps)) * stepLength }

// LoadTrace reads a trace from CSV, plain or gzipped, with the header
//
//	t10,requests,input_uncached,cache_read,output
//
// where t10 is the step's number. Steps ascend; those left out are idle, and the
// last one given is the end. Errors name the line.
func LoadTrace(r io.Reader) (*Trace, error) {
	in := bufio.NewReader(r)
	if magic, err := in.Peek(2); err == nil && bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("open gzipped trace: %w", err)
		}
		in = bufio.NewReader(z)
	}
	t := &Trace{}
	lines := bufio.NewScanner(in)
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSuffix(lines.Text(), "\r")
		if n == 1 {
			if strings.TrimPrefix(line, "\ufeff") != traceHeader {
				return nil, fmt.Errorf("read trace line 1: header is %q, want %q", clip(line), traceHeader)
			}
			continue
		}
		if err := t.put(line); err != nil {
			return nil, fmt.Errorf("read trace line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read trace after line %d: %w", n, err)
	}
	if len(t.Steps) == 0 {
		return nil, errors.New("read trace: no steps in it")
	}
	return t, nil
}

func (t *Trace) put(line string) error {
	fields := strings.Split(line, ",")
	if len(fields) != 5 {
		return fmt.Errorf("%d fields, want 5: %q", len(fields), clip(line))
	}
	var v [5]int64
	for i, name := range strings.Split(traceHeader, ",") {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil || n < 0 || n > maxTraceValue {
			return fmt.Errorf("%s is %q, want a whole number from 0 to %d", name, clip(fields[i]), int64(maxTraceValue))
		}
		v[i] = n
	}
	at := v[0]
	if at < int64(len(t.Steps)) {
		return fmt.Errorf("step %d comes after step %d", at, len(t.Steps)-1)
	}
	if at >= maxTraceSteps {
		return fmt.Errorf("step %d is later than a hundred days", at)
	}
	for int64(len(t.Steps)) < at {
		t.Steps = append(t.Steps, Step{})
	}
	t.Steps = append(t.Steps, Step{Requests: v[1], Uncached: v[2], CacheRead: v[3], Output: v[4]})
	return nil
}

// clip keeps foreign text in an error short.
func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}
