package chart

import (
	"cmp"
	"slices"
)

// label is what stands beside a level.
func (l Level) label() string {
	if l.Share == 1 {
		return l.Name
	}
	return l.Name + " " + levelPercent(l.Share)
}

// labelRoom is how wide the labels of the levels are.
func (c *Chart) labelRoom() float64 {
	room := 0.0
	for _, l := range c.Levels {
		room = max(room, smallLetters.width(l.label()))
	}
	return room + 6
}

// dashes are how levels are told apart.
var dashes = map[string][]float64{"info": {1, 4}, "warning": {4, 4}, "critical": {8, 3}}

// drawLevels draws the levels and says beside each what it is. Labels that would
// cover each other make room.
func (p *plot) drawLevels(to pen) {
	levels := slices.SortedFunc(slices.Values(p.chart.Levels), func(a, b Level) int { return cmp.Compare(b.Share, a.Share) })
	free := 0.0
	for _, l := range levels {
		if l.Share > p.top {
			continue
		}
		y := p.y(l.Share)
		s := stroke{ink: level, width: 1, dash: dashes[l.Name]}
		letters := smallLetters
		if l.Name == "limit" {
			s, letters.ink = stroke{ink: limit, width: 1.5}, text
		}
		to.line(s, []point{{p.left, y}, {p.right, y}})
		at := max(y+smallSize/3, free)
		to.write(letters, point{p.right + 6, at}, l.label())
		free = at + smallSize
	}
}
