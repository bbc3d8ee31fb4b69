package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/usage"
	"alerter/web"
)

// mark is a word of [web.Amount] and [web.Percent] as it stands in tables: what
// is not known is a question mark, and explained below.
func mark(word string) string {
	if word == "unknown" {
		return "?"
	}
	return word
}

// limitWords is a limit in few words: Claude Opus 5 output tokens/min (prod).
func limitWords(group, limiter, workspace string) string {
	words := web.LimiterWords(limiter)
	if limiter == string(usage.InputTokens) {
		words = "input+cache tokens per minute" // the cache-aware one goes by the plain words
	}
	for _, per := range []struct{ long, short string }{{" per minute", "/min"}, {" per day", "/day"}, {" per second", "/s"}} {
		words = strings.Replace(words, per.long, per.short, 1)
	}
	if workspace != "" {
		workspace = "(" + workspace + ")"
	}
	return joinWords(" ", group, words, workspace)
}

// joinWords joins the parts that are not empty.
func joinWords(by string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), by)
}

// sparkMinutes is how many minutes a mark of a sparkline stands for.
const sparkMinutes = 5

// sparkline draws the most utilization of every five minutes; a blank is unknown.
func sparkline(history []evaluate.Number) string {
	marks := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for some := range slices.Chunk(history, sparkMinutes) {
		peak := math.NaN()
		for _, n := range some {
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

// when is a moment in full, to the second; a dash where there is none.
func when(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// givenTime reads a time that somebody wrote in a flag, or takes another one where
// there is none.
func givenTime(text string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, coded{exitUsage, fmt.Sprintf("alerter: %q is not a time: write it as %s", text, "2026-11-23T09:40:00Z")}
	}
	return t.UTC(), nil
}

// clockTime is a moment as of another one: within its day the time alone.
func clockTime(t *time.Time, at time.Time) string {
	if t != nil && t.UTC().Format(time.DateOnly) == at.UTC().Format(time.DateOnly) {
		return t.UTC().Format("15:04:05 UTC")
	}
	return when(t)
}

// ago is how far a moment lies back, or ahead.
func ago(t *time.Time, at time.Time) string {
	switch d := at.Sub(*t); {
	case d <= -time.Second:
		return "in " + web.Span(-d)
	case d < time.Second:
		return "now"
	default:
		return web.Span(d) + " ago"
	}
}
