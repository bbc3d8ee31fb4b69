package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// Amount is a number short enough to read: 1.74 M, 820 k, 64; "unknown" where it is.
func Amount(n evaluate.Number) string {
	v := float64(n)
	switch {
	case math.IsNaN(v):
		return "unknown"
	case math.IsInf(v, 0):
		return "∞"
	case math.Abs(v) < 1e4:
		return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	}
	units := []string{"k", "M", "G", "T"}
	v /= 1e3
	for len(units) > 1 && math.Abs(v) >= 999.5 { // three digits would be 1000
		v, units = v/1e3, units[1:]
	}
	return threeDigits(v) + " " + units[0]
}

// threeDigits is v with three digits that mean something.
func threeDigits(v float64) string {
	behind := 100.0
	switch {
	case math.Abs(v) >= 99.95:
		behind = 1
	case math.Abs(v) >= 9.995:
		behind = 10
	}
	return strconv.FormatFloat(math.Round(v*behind)/behind, 'f', -1, 64)
}

// Percent is a ratio in whole percent, "unknown" where it is. Of a limit of zero
// everything is too much: "over". What has not reached the whole is not shown as
// the whole.
func Percent(n evaluate.Number) string {
	switch {
	case !n.Known():
		return "unknown"
	case math.IsInf(float64(n), 0):
		return "over"
	}
	return fmt.Sprintf("%.0f %%", evaluate.Percent(float64(n)))
}

// Who names the largest consumers, at most so many of each kind: workspace prod
// 84 %, key ci-bot 40 %. Kinds that are not asked for are left out.
func Who(top []Consumer, most map[string]int) string {
	var parts []string
	named := map[string]int{}
	for _, c := range top {
		if named[c.Kind]++; named[c.Kind] <= most[c.Kind] {
			parts = append(parts, c.Kind+" "+c.Name+" "+Percent(evaluate.Number(c.Share)))
		}
	}
	return strings.Join(parts, ", ")
}

// cellWho is how many consumers of each kind fit a cell; JSON has them all.
var cellWho = map[string]int{"workspace": 2, "key": 1}

// unbroken keeps a number and its unit on one line of a page.
func unbroken(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

// clock is a moment as people write it: the time alone, and the day with it
// where that is not the day of at.
func clock(t *time.Time, at time.Time) string {
	if t == nil {
		return "never"
	}
	day, today := t.UTC().Format(time.DateOnly), at.UTC().Format(time.DateOnly)
	if day == today {
		return t.UTC().Format("15:04 UTC")
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// old is an age in seconds in words.
func old(seconds *float64) string {
	if seconds == nil {
		return "no data yet"
	}
	return "data " + Span(time.Duration(*seconds)*time.Second) + " old"
}

// since says when an alert began, and how long that is.
func since(a Alert, at time.Time) string {
	t := a.FiredAt
	if a.State == evaluate.Pending || t == nil {
		t = a.PendingAt
	}
	if t == nil {
		return ""
	}
	said := "since " + clock(t, at) + " (" + Span(at.Sub(*t)) + ")"
	if came := a.SeveritySince(); came != nil {
		said += ", " + string(a.Severity) + " since " + clock(came, at)
	}
	return said
}

// SeveritySince is when a firing alert first came to its present severity; nil where
// that was when it fired.
func (a Alert) SeveritySince() *time.Time { return a.momentOf("severity_since") }

// SilencedUntil is when its silence ends; nil where none holds.
func (a Alert) SilencedUntil() *time.Time { return a.momentOf("silenced_until") }

// momentOf is an annotation that is a time; nil where there is none.
func (a Alert) momentOf(annotation string) *time.Time {
	t, err := time.Parse(time.RFC3339, a.Annotations[annotation])
	if err != nil {
		return nil
	}
	return &t
}

// Span is a duration in the largest unit that leaves something to say: 40 s,
// 7 min, 3 h, 9 days.
func Span(d time.Duration) string {
	switch {
	case d < time.Second:
		return "0 s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

func where(workspace string) string {
	if workspace == "" {
		return "whole organization"
	}
	return workspace
}

// notCounted is said of the limiters that leave cache reads out.
const notCounted = "cache reads not counted"

// LimiterWords is the limiter as people say it. Whether cache reads count is not
// said.
func LimiterWords(limiter string) string {
	switch limiter {
	case "input_tokens_per_minute_cache_aware":
		return "input tokens per minute"
	case "fast_itpmca":
		return "fast input tokens per minute"
	case "fast_otpm":
		return "fast output tokens per minute"
	}
	return strings.ReplaceAll(limiter, "_", " ")
}

// limiterNote is what the limiter's words leave open; empty for most.
func limiterNote(limiter string) string {
	switch limiter {
	case "input_tokens_per_minute_cache_aware", "fast_itpmca":
		return notCounted
	case string(usage.InputTokens):
		return "cache reads counted"
	}
	return ""
}

// stateWords is a series' state in a word that says it without its colour.
func stateWords(state string) string {
	if state == "fine" {
		return "ok"
	}
	return state
}
