package worker

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"alerter/fetch/simulate"
)

// tight is the limit on output tokens per minute at which each recorded trace is
// rejected some fifteen times in its fourteen days: see docs/early-warning.md.
var tight = map[string]float64{"sg-peaky-2": 76576, "sg-steady-2": 4749, "sg-team-1": 74837, "wc98-2": 27474}

// recorded is the output of a recorded trace as its limiter accepts it, the limit
// scaled to the tests' own, from the start on.
func recorded(t *testing.T, name string) func(uint64) func(time.Time) int64 {
	t.Helper()
	limit, ok := tight[name]
	if !ok {
		t.Fatalf("there is no trace %q: write one of testdata/traces", name)
	}
	file, err := os.Open(filepath.Join("..", "testdata", "traces", name+".csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	trace, err := simulate.LoadTrace(file)
	if err != nil {
		t.Fatal(err)
	}
	minutes := accepted(trace, limit)
	return func(uint64) func(time.Time) int64 {
		return func(minute time.Time) int64 {
			if i := int(minute.Sub(start) / time.Minute); i >= 0 && i < len(minutes) {
				return minutes[i]
			}
			return 0
		}
	}
}

// accepted is what a bucket of one minute lets through in each minute, in units
// of which the tests' limit has [testLimit].
func accepted(trace *simulate.Trace, limit float64) []int64 {
	level := limit
	sums := make([]float64, len(trace.Steps)/6)
	for i := range len(sums) * 6 {
		level = min(limit, level+limit/6)
		took := min(float64(trace.Steps[i].Output), level)
		level -= took
		sums[i/6] += took
	}
	minutes := make([]int64, len(sums))
	for i, sum := range sums {
		minutes[i] = int64(sum * testLimit / limit)
	}
	return minutes
}
