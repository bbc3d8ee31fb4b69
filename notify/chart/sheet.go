package chart

import (
	"errors"
	"io"
	"strings"
)

// Sheet is charts drawn one below the other.
type Sheet []Chart

// Size is how large each chart is drawn, in CSS pixels. Text is 12 to 14 of them
// tall, whatever the size.
type Size struct {
	Width, Height int
}

// Standard is for a screen of its own; Narrow for messages, which are read on
// phones too.
var (
	Standard = Size{800, 320}
	Narrow   = Size{480, 240}
)

// SVG writes the chart as SVG, for light and dark pages.
func (c Chart) SVG(w io.Writer, size Size) error { return Sheet{c}.SVG(w, size) }

// PNG writes the chart as PNG with twice as many pixels each way, for dense
// screens. It is light, whatever the page.
func (c Chart) PNG(w io.Writer, size Size) error { return Sheet{c}.PNG(w, size) }

// check reports what cannot be drawn.
func (s Sheet) check(size Size) error {
	if len(s) == 0 {
		return errors.New("draw: there is no chart")
	}
	for i := range s {
		if !s[i].From.Before(s[i].To) {
			return errors.New("draw: the chart has no time to show")
		}
	}
	if size.Width < 240 || size.Height < 160 {
		return errors.New("draw: there is no room: a chart is at least 240 wide and 160 high")
	}
	return nil
}

// draw puts all charts onto paper.
func (s Sheet) draw(p pen, size Size) {
	p.rect(paper, box{0, 0, float64(size.Width), float64(size.Height * len(s))})
	for i := range s {
		s[i].draw(p, box{0, float64(i * size.Height), float64(size.Width), float64((i + 1) * size.Height)})
	}
}

// describe says what the whole sheet shows.
func (s Sheet) describe() (title, text string) {
	titles, texts := make([]string, len(s)), make([]string, len(s))
	for i, c := range s {
		titles[i], texts[i] = c.Title, c.Describe()
	}
	return strings.Join(titles, "; "), strings.Join(texts, "\n")
}
