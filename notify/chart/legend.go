package chart

import (
	"math"
	"slices"
)

// entry is one sign of the legend and what it means.
type entry struct {
	said string
	sign func(p pen, b box) // drawn into a box as tall as a letter
}

const signWide = 18.0

// drawLegend says what is what, in as many rows as it takes, and returns where the
// last one ends.
func (c *Chart) drawLegend(p pen, b box) float64 {
	x, y := b.left, b.top+lineHeight
	for _, e := range c.legend() {
		wide := signWide + 5 + smallLetters.width(e.said)
		if x > b.left && x+wide > b.right {
			x, y = b.left, y+lineHeight
		}
		e.sign(p, box{x, y - 9, x + signWide, y})
		p.write(smallLetters, point{x + signWide + 5, y}, e.said)
		x += wide + 12
	}
	return y
}

// legend lists what is on the chart.
func (c *Chart) legend() []entry {
	var all []entry
	for _, l := range c.Lines {
		all = append(all, lineEntry(l))
	}
	if c.incomplete() {
		all = append(all, entry{"not complete yet", func(p pen, b box) { p.rect(shade, b) }})
	}
	for i, severity := range severities {
		if slices.ContainsFunc(c.Spans, func(s Span) bool { return s.Severity == severity }) {
			tall := stripTall * float64(i+1) / 3
			all = append(all, entry{severity, func(p pen, b box) {
				p.rect(inkOf(severity), box{b.left, b.bottom - tall, b.right, b.bottom})
			}})
		}
	}
	if slices.ContainsFunc(c.Marks, func(m Mark) bool { return m.Kind == Told }) {
		all = append(all, entry{"message", func(p pen, b box) {
			x := (b.left + b.right) / 2
			p.line(stroke{ink: limit, width: 1}, []point{{x, b.bottom - markTall - 2}, {x, b.bottom}})
		}})
	}
	return all
}

// lineEntry is a line's sign, and how high it got: the plot may cut that off.
func lineEntry(l Line) entry {
	said := l.Name + ": not known"
	if highest, _ := peak(l.Values); !math.IsNaN(highest) {
		said = l.Name + ", peak " + percent(highest)
	}
	if l.Kind == Read {
		return entry{said, func(p pen, b box) {
			y := (b.top + b.bottom) / 2
			p.line(stroke{ink: reading, width: 2}, []point{{b.left, y}, {b.right, y}})
		}}
	}
	return entry{said, func(p pen, b box) {
		p.rect(fill, b)
		p.line(stroke{ink: used, width: 1}, []point{{b.left, b.top}, {b.right, b.top}})
	}}
}
