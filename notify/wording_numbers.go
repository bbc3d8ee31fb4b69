package notify

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"alerter/evaluate"
)

// scale is how an amount is written: divided by what, with how many decimals and
// which letter behind it.
type scale struct {
	by       float64
	decimals int
	suffix   string
}

// scaleOf chooses the scale so that about three figures are shown.
func scaleOf(n float64) scale {
	n = math.Abs(n)
	for _, s := range []scale{{1e9, 0, " G"}, {1e6, 0, " M"}, {1e3, 0, " k"}} {
		if n < s.by || n < 1e4 {
			continue
		}
		switch q := n / s.by; {
		case q < 10:
			s.decimals = 2
		case q < 100:
			s.decimals = 1
		}
		return s
	}
	if n < 10 && n != math.Trunc(n) {
		return scale{by: 1, decimals: 1}
	}
	return scale{by: 1}
}

// write writes n in this scale.
func (s scale) write(n float64) string {
	return thousands(strconv.FormatFloat(n/s.by, 'f', s.decimals, 64)) + s.suffix
}

// thousands puts commas into the whole part of a decimal number.
func thousands(digits string) string {
	whole, fraction, _ := strings.Cut(digits, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole
}

// amount writes n with about three figures: 1.74 M, 26.0 k, 4,000.
func amount(n float64) string { return scaleOf(n).write(n) }

// beside writes used in the scale of limit, so that the two compare at a glance:
// 0.97 M of 1.00 M. Where that would show nothing, used keeps a scale of its own.
func beside(used, limit float64) string {
	s := scaleOf(limit)
	if smallest := s.by / math.Pow10(s.decimals); used != 0 && math.Abs(used) < smallest {
		return amount(used)
	}
	return s.write(used)
}

// limitInTitle writes a limit as people say it: 1.0 M, 1.25 M, 400 k, 4,000.
func limitInTitle(n float64) string {
	s := scaleOf(n)
	if s.decimals == 0 {
		return s.write(n)
	}
	digits := strings.TrimRight(strconv.FormatFloat(n/s.by, 'f', s.decimals, 64), "0")
	if strings.HasSuffix(digits, ".") {
		digits = strings.TrimSuffix(digits, ".")
		if s.suffix == " M" {
			digits += ".0"
		}
	}
	return digits + s.suffix
}

// percent writes a ratio in whole percent. What is not zero is not shown as
// zero, and what has not reached the whole is not shown as the whole.
func percent(ratio float64) string {
	p := evaluate.Percent(ratio)
	if ratio > 0 && p < 1 {
		return "under 1 %"
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + " %"
}

// level writes a configured ratio exactly, as percent: 85 %, 97.5 %.
func level(ratio float64) string {
	return strconv.FormatFloat(math.Round(ratio*1e4)/100, 'f', -1, 64) + " %"
}

// plainNumber writes n for programs: no exponent, no more than four decimals.
func plainNumber(n float64) string {
	return strconv.FormatFloat(math.Round(n*1e4)/1e4, 'f', -1, 64)
}

// clock writes a time within the day of at as 09:58 UTC, another day's with its date.
func clock(t, at time.Time) string {
	if sameDay(t, at) {
		return t.UTC().Format("15:04 UTC")
	}
	return moment(t)
}

// moment writes a time in full, to the minute.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// sameDay reports whether two times fall on one UTC day.
func sameDay(a, b time.Time) bool {
	return a.UTC().Format(time.DateOnly) == b.UTC().Format(time.DateOnly)
}

// stretch writes "from 09:41 to 09:52 UTC", with the date where it is not that of at.
func stretch(from, to, at time.Time) string {
	if sameDay(from, to) {
		if sameDay(from, at) {
			return fmt.Sprintf("from %s to %s", from.UTC().Format("15:04"), to.UTC().Format("15:04 UTC"))
		}
		return fmt.Sprintf("from %s to %s", from.UTC().Format("2006-01-02 15:04"), to.UTC().Format("15:04 UTC"))
	}
	return fmt.Sprintf("from %s to %s", from.UTC().Format("2006-01-02 15:04"), moment(to))
}

// span writes a duration in its two largest units: 47 min, 2 h 4 min, 3 d 1 h.
func span(d time.Duration) string {
	minutes := int64(d.Round(time.Minute) / time.Minute)
	switch {
	case minutes < 1:
		return "under 1 min"
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 24*60:
		return twoUnits(minutes, 60, "h", "min")
	}
	return twoUnits(minutes/60, 24, "d", "h")
}

// twoUnits writes n smaller units as larger ones and a rest.
func twoUnits(n, per int64, large, small string) string {
	if n%per == 0 {
		return fmt.Sprintf("%d %s", n/per, large)
	}
	return fmt.Sprintf("%d %s %d %s", n/per, large, n%per, small)
}

// clip shortens s to at most n runes, the last of them an ellipsis where
// something was cut.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:max(n-1, 0)]) + "…"
}

// name makes a name of model groups, workspaces, keys or organizations fit for a
// line of text: one line, without control or direction characters, at most 80 runes.
func name(s string) string {
	return clip(strings.Join(strings.Fields(strings.Map(visible, s)), " "), 80)
}

// visible replaces characters that would break or reorder a line by a space.
func visible(r rune) rune {
	switch {
	case r < 0x20, r == 0x7f, r >= 0x80 && r <= 0x9f:
		return ' '
	case r == 0x2028, r == 0x2029, r == utf8.RuneError:
		return ' '
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // bidirectional overrides
		return ' '
	}
	return r
}

// plural writes "1 alert", "3 alerts".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(strconv.Itoa(n)) + " " + one + "s"
}

// capital makes the first letter large.
func capital(s string) string {
	if s == "" {
		return ""
	}
	r, size := utf8.DecodeRuneInString(s)
	return strings.ToUpper(string(r)) + s[size:]
}
