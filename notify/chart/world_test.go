package chart

import (
	"math"
	"strconv"
	"time"

	"alerter/usage"
)

// noon is when people look at the charts of these tests.
var noon = time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC)

// busy is a limit that fills up over three hours: with a gap, a change of the limit
// and minutes at the end that are not complete.
func busy() usage.Series {
	s := usage.Series{
		ID:   usage.ID{OrganizationID: "org", GroupID: "rlg_opus", Limiter: usage.OutputTokens},
		From: noon.Truncate(time.Minute).Add(-200 * time.Minute), Settled: 194,
	}
	for i := range 200 {
		p := usage.Point{Used: 20000 + 15000*math.Sin(float64(i)/14), Limit: 80000}
		switch {
		case i < 40:
			p.Limit = 60000
		case i >= 80 && i < 95:
			p.Used = math.NaN()
		case i > 150:
			p.Used = 60000 + 25000*math.Abs(math.Sin(float64(i)/3))
		}
		if i >= 197 {
			p.Used = math.NaN()
		}
		s.Points = append(s.Points, p)
	}
	return s
}

// defaults is how the default rule reads.
var defaults = Reading{Window: 15 * time.Minute, Depth: time.Minute, Levels: [3]float64{0.70, 0.85, 0.93}}

// full is a chart with everything a chart can have.
func full() Chart {
	c := New(busy(), noon.Add(-3*time.Hour), noon, defaults)
	c.Title = "Claude Opus 5 · output tokens per minute · acme"
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	c.Spans = []Span{{at(-170), at(-160), "info"}, {at(-36), at(-30), "info"}, {at(-30), at(-21), "warning"}, {at(-21), at(0), "critical"}}
	c.Marks = append(c.Marks, Mark{At: at(-30), Kind: Told}, Mark{At: at(-21), Kind: Told})
	return c
}

// weeks is fourteen days with one minute above the limit, which must not get lost.
func weeks() Chart {
	s := usage.Series{From: noon.Truncate(time.Minute).AddDate(0, 0, -14), Settled: 14 * 24 * 60}
	for i := range 14 * 24 * 60 {
		p := usage.Point{Used: 3000 + 2500*math.Sin(float64(i)/229), Limit: 10000}
		if i == 10000 {
			p.Used = 13000
		}
		s.Points = append(s.Points, p)
	}
	c := New(s, s.From, noon, defaults)
	c.Title = "two weeks"
	return c
}

// idle is a limit nobody uses.
func idle() Chart {
	s := usage.Series{From: noon.Add(-3 * time.Hour).Truncate(time.Minute), Settled: 180}
	for range 180 {
		s.Points = append(s.Points, usage.Point{Limit: 100})
	}
	c := New(s, s.From, noon, defaults)
	c.Title = "quiet"
	return c
}

// unknown is a limit of which nothing is known.
func unknown() Chart {
	c := New(usage.Series{From: noon}, noon.Add(-3*time.Hour), noon, defaults)
	c.Title = "unknown"
	return c
}

// contrast is how far apart two colours are, 1 to 21:
// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is how bright a colour is: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
func luminance(hex string) float64 {
	total := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic("unreachable: the palette is ours")
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		total += weight * c
	}
	return total
}
