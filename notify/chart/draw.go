package chart

import (
	"slices"
	"time"
)

const (
	margin     = 10.0
	smallSize  = 12.0
	lineHeight = 17.0
	stripTall  = 9.0 // the strip of alerts below the plot
	markTall   = 5.0 // the marks of messages below that
)

var (
	titleLetters = lettering{ink: text, size: 14, bold: true}
	smallLetters = lettering{ink: quiet, size: smallSize}
)

// draw puts the chart into a box of the paper.
func (c *Chart) draw(p pen, b box) {
	room := b.right - b.left - 2*margin
	title := titleLetters
	if title.width(c.Title) > room {
		title.size = smallSize
	}
	p.write(title, point{b.left + margin, b.top + margin + titleLetters.size}, title.fit(c.Title, room))
	below := c.drawLegend(p, box{b.left + margin, b.top + margin + titleLetters.size + 4, b.right - margin, b.bottom})

	area := plot{chart: c, top: topOf(c.Lines)}
	area.box = box{
		left: b.left + margin + smallLetters.width("100 %") + 4, right: b.right - margin - c.labelRoom(),
		top: below + 8, bottom: b.bottom - margin - lineHeight,
	}
	strip := len(c.Spans) > 0 || slices.ContainsFunc(c.Marks, func(m Mark) bool { return m.Kind == Told })
	if strip {
		area.bottom -= stripTall + markTall + 2
	}
	if slices.ContainsFunc(c.Marks, func(m Mark) bool { return m.Kind == Changed }) {
		area.box.top += lineHeight - 3
	}
	c.drawFrame(p, &area)
	for _, l := range c.Lines {
		area.draw(p, l)
	}
	area.drawLevels(p)
	area.drawChanges(p)
	if strip {
		area.drawStrip(p)
	}
	area.drawTimes(p, b.bottom-margin-2)
}

// drawFrame draws what is behind the lines: the shares, and what is not complete.
func (c *Chart) drawFrame(p pen, area *plot) {
	right := smallLetters
	right.anchor = ends
	for _, share := range shareTicks(area.top) {
		y := area.y(share)
		p.line(stroke{ink: grid, width: 1}, []point{{area.left, y}, {area.right, y}})
		p.write(right, point{area.left - 5, y + smallSize/3}, percent(share))
	}
	if c.incomplete() {
		p.rect(shade, box{area.x(c.Complete), area.box.top, area.right, area.bottom})
	}
}

// draw draws one line, with a gap where nothing is known.
func (p *plot) draw(to pen, l Line) {
	values := columns(l.Values, p.columns())
	for _, r := range runs(values) {
		path := p.steps(values, r)
		if l.Kind == Read {
			to.line(stroke{ink: reading, width: 2}, path)
			continue
		}
		to.area(fill, slices.Concat(path, []point{{path[len(path)-1].x, p.bottom}, {path[0].x, p.bottom}}))
		to.line(stroke{ink: used, width: 1}, path)
	}
}

// drawTimes labels the time axis.
func (p *plot) drawTimes(to pen, y float64) {
	to.line(stroke{ink: level, width: 1}, []point{{p.left, p.bottom}, {p.right, p.bottom}})
	ticks, step := timeTicks(p.chart.From, p.chart.To, max(2, int((p.right-p.left)/46)))
	zone := "UTC"
	if step < 24*time.Hour {
		zone = p.chart.From.Format("2 Jan UTC")
	}
	left := p.left - smallLetters.width("100 %") - 4
	to.write(smallLetters, point{left, y}, zone)
	free := left + smallLetters.width(zone) + 4
	centred := smallLetters
	centred.anchor = middle
	for _, at := range ticks {
		x, said := p.x(at), timeLabel(at, step)
		to.line(stroke{ink: level, width: 1}, []point{{x, p.bottom}, {x, p.bottom + 4}})
		if half := centred.width(said) / 2; x-half >= free {
			to.write(centred, point{x, y}, said)
			free = x + half + 4
		}
	}
}

// drawStrip draws below the plot when alerts fired, each severity as tall as it is
// grave, and below that when messages were sent.
func (p *plot) drawStrip(to pen) {
	base := p.bottom + 2 + stripTall
	for _, s := range p.chart.Spans {
		tall := stripTall / 3
		switch s.Severity {
		case "critical":
			tall = stripTall
		case "warning":
			tall = stripTall * 2 / 3
		}
		from := p.x(s.From)
		to.rect(inkOf(s.Severity), box{from, base - tall, max(p.x(s.To), from+2), base})
	}
	for _, m := range p.chart.Marks {
		if m.Kind == Told {
			x := p.x(m.At)
			to.line(stroke{ink: limit, width: 1}, []point{{x, base}, {x, base + markTall}})
		}
	}
}

// drawChanges marks when the limit changed.
func (p *plot) drawChanges(to pen) {
	free := p.left
	for _, m := range p.chart.Marks {
		if m.Kind != Changed {
			continue
		}
		x := p.x(m.At)
		to.line(stroke{ink: limit, width: 1, dash: []float64{1, 3}}, []point{{x, p.box.top}, {x, p.bottom}})
		left := min(x, p.right-smallLetters.width(m.Text))
		if left >= free {
			to.write(smallLetters, point{left, p.box.top - 4}, m.Text)
			free = left + smallLetters.width(m.Text) + 8
		}
	}
}
