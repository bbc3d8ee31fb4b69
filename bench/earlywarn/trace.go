package earlywarn

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A step of ten seconds is the grain of the traces and of the simulated limiter.
const (
	stepsPerMinute = 6
	minutesPerDay  = 24 * 60
)

// Dimension names what a limit counts.
type Dimension string

// The dimensions of a trace that are limited.
const (
	Input  Dimension = "itpm" // uncached input tokens per minute
	Output Dimension = "otpm" // output tokens per minute
)

// dimensions are in the order of the case table.
var dimensions = [2]Dimension{Input, Output}

// Trace is recorded traffic: the tokens wanted in each step, before any limiter.
type Trace struct {
	Name string
	Load map[Dimension][]float64 // one number per step, without gaps; whole minutes
}

// Minutes is how long the trace is.
func (t Trace) Minutes() float64 { return minuteOf(len(t.Load[Input])) }

// Short reports whether the trace is too short to be scored: less than two days.
func (t Trace) Short() bool { return t.Minutes() < 2*minutesPerDay }

const extension = ".csv.gz"

// ReadTraces reads every trace in a folder, by name. testdata/traces/README.md
// describes the files.
func ReadTraces(folder string) ([]Trace, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*"+extension)) // sorted
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("look for traces: there is no %s file in %s", extension, folder)
	}
	traces := make([]Trace, len(paths))
	for i, path := range paths {
		if traces[i], err = readFile(path); err != nil {
			return nil, fmt.Errorf("read trace %s: %w", path, err)
		}
		traces[i].Name = strings.TrimSuffix(filepath.Base(path), extension)
	}
	return traces, nil
}

func readFile(path string) (Trace, error) {
	file, err := os.Open(path)
	if err != nil {
		return Trace{}, err
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		return Trace{}, err
	}
	return parse(plain)
}

// header names the columns, in this order.
const header = "t10,requests,input_uncached,cache_read,output"

// column is where a row has the dimension.
func (d Dimension) column() int {
	if d == Output {
		return 4
	}
	return 2
}

// parse reads a trace. Steps without a row are empty, and a last minute that is
// not whole is left out.
func parse(in io.Reader) (Trace, error) {
	rows := csv.NewReader(in)
	rows.ReuseRecord = true
	first, err := rows.Read()
	if err != nil {
		return Trace{}, err
	}
	if got := strings.Join(first, ","); got != header {
		return Trace{}, fmt.Errorf("the first line is %q instead of %q", got, header)
	}
	t := Trace{Load: map[Dimension][]float64{}}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = t.add(row)
		}
		if err != nil {
			return Trace{}, err
		}
	}
	for d, load := range t.Load {
		t.Load[d] = load[:len(load)-len(load)%stepsPerMinute]
	}
	return t, nil
}

func (t Trace) add(row []string) error {
	step, err := strconv.Atoi(row[0])
	if err != nil {
		return err
	}
	if step < len(t.Load[Input]) {
		return fmt.Errorf("step %d is out of order", step)
	}
	for _, d := range dimensions {
		want, err := strconv.ParseFloat(row[d.column()], 64)
		if err != nil {
			return err
		}
		load := t.Load[d]
		for len(load) < step {
			load = append(load, 0)
		}
		t.Load[d] = append(load, want)
	}
	return nil
}
