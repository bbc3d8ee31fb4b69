package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"alerter/evaluate"
)

// amount is a number short enough to read: 1.74 M, 820 k, 64.
func amount(n evaluate.Number) string {
	v := float64(n)
	switch {
	case math.IsNaN(v):
		return "?"
	case math.Abs(v) >= 1e9:
		return fmt.Sprintf("%.3g G", v/1e9)
	case math.Abs(v) >= 1e6:
		return fmt.Sprintf("%.3g M", v/1e6)
	case math.Abs(v) >= 1e4:
		return fmt.Sprintf("%.3g k", v/1e3)
	}
	return fmt.Sprintf("%.4g", v)
}

func percent(n evaluate.Number) string {
	if !n.Known() {
		return "?"
	}
	return fmt.Sprintf("%.0f %%", evaluate.Percent(float64(n)))
}

// sparkline draws utilization, one mark per three minutes; a blank is unknown.
func sparkline(history []evaluate.Number) string {
	marks := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for i := 0; i+2 < len(history); i += 3 {
		peak := math.NaN()
		for _, n := range history[i : i+3] {
			if v := float64(n); !math.IsNaN(v) && !math.IsInf(v, 0) && !(v <= peak) {
				peak = v
			}
		}
		if math.IsNaN(peak) {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(marks[min(len(marks)-1, int(peak*float64(len(marks))))])
	}
	return b.String()
}

// newTable is a plain table without borders, so that it can be cut and grepped.
func newTable(out io.Writer, header ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	t.SetStyle(style)
	t.AppendHeader(table.Row(header))
	return t
}

// output is how a command prints.
type output struct {
	Output string `help:"text or json." default:"text" enum:"text,json"`
}

func (o output) json() bool { return o.Output == "json" }

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false) // terminals and jq want <secret> as it is
	return e.Encode(v)
}

func when(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
