package web

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"alerter/evaluate"
)

// The picture's measures, in pixels: a bar and its gap, the height, and where
// 100 % is.
const (
	barWidth   = 3
	barsHeight = 28
	barsFull   = 22
)

// bars draws the last hour as a small picture, one bar a minute; 100 % is the
// dashed line. Unknown minutes are gaps.
func bars(history History) template.HTML {
	paths := map[string]*strings.Builder{"low": {}, "high": {}, "full": {}}
	peak := evaluate.Unknown()
	offset := drawn - len(history) // the newest minute is at the right edge
	for i, n := range history {
		if !n.Known() {
			continue
		}
		if !peak.Known() || n > peak {
			peak = n
		}
		h := math.Round(math.Max(1, math.Min(float64(n)*barsFull, barsHeight)))
		fmt.Fprintf(paths[shade(n)], "M%d %dv-%gh%dv%gz", (i+offset)*barWidth, barsHeight, h, barWidth-1, h)
	}
	said := "last hour: nothing known"
	if peak.Known() {
		said = "last hour: at most " + unbroken(Percent(peak))
	}
	var b strings.Builder
	width := drawn * barWidth
	fmt.Fprintf(&b, `<svg class="bars" width="%d" height="%d" viewBox="0 0 %d %d" preserveAspectRatio="none" role="img" aria-label="%s">`,
		width, barsHeight, width, barsHeight, said)
	for _, class := range []string{"low", "high", "full"} {
		if d := paths[class].String(); d != "" {
			fmt.Fprintf(&b, `<path class="%s" d="%s"/>`, class, d)
		}
	}
	fmt.Fprintf(&b, `<path class="limit" d="M0 %d.5h%d"/></svg>`, barsHeight-barsFull, width)
	return template.HTML(b.String()) //nolint:gosec // numbers and fixed words only
}

// shade is the class of a minute's bar, by the levels of a pressure rule.
func shade(n evaluate.Number) string {
	switch {
	case n >= 0.93:
		return "full"
	case n >= 0.7:
		return "high"
	}
	return "low"
}
