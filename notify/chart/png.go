package chart

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"

	"github.com/go-analyze/charts/chartdraw"
	"github.com/go-analyze/charts/chartdraw/drawing"
)

// density is how many pixels there are to a unit, each way.
const density = 2

// PNG writes the sheet as PNG with twice as many pixels each way as its size says,
// for dense screens. It is light, whatever the page.
func (s Sheet) PNG(w io.Writer, size Size) error {
	if err := s.check(size); err != nil {
		return err
	}
	p := pngPen{chartdraw.PNG(size.Width*density, size.Height*len(s)*density)}
	if chartdraw.GetFont(plainFont) == nil {
		return errors.New("draw: there is no font")
	}
	p.SetDPI(72) // a point is a pixel then
	s.draw(p, size)
	var drawn canvas
	if err := p.Save(&drawn); err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	return png.Encode(w, fewerColours(drawn.image))
}

// fewerColours is the picture with sixteen shades of red, green and blue each. What
// is drawn is few colours and the edges between them, so that this cannot be seen and
// takes less than half the bytes and of the time. A picture that would still have
// more colours than a palette stays as it is.
func fewerColours(full *image.RGBA) image.Image {
	fewer := image.NewPaletted(full.Rect, make(color.Palette, 0, 256))
	index := make(map[color.RGBA]uint8)
	for i := range fewer.Pix {
		rgb := full.Pix[4*i : 4*i+3]
		c := color.RGBA{shadeOf(rgb[0]), shadeOf(rgb[1]), shadeOf(rgb[2]), 0xff}
		k, ok := index[c]
		if !ok {
			if len(fewer.Palette) == cap(fewer.Palette) {
				return full
			}
			k = uint8(len(fewer.Palette))
			index[c], fewer.Palette = k, append(fewer.Palette, c)
		}
		fewer.Pix[i] = k
	}
	return fewer
}

// shadeOf is the nearest of sixteen shades.
func shadeOf(c uint8) uint8 { return uint8((int(c) + 8) / 17 * 17) }

// The library's fonts: https://github.com/go-analyze/charts/tree/v0.6.4/chartdraw/drawing/fonts
const (
	plainFont = "notosans"
	boldFont  = "notosans-bold"
)

// canvas takes the image from the library before it is encoded.
type canvas struct {
	io.Writer // never written to
	image     *image.RGBA
}

// SetRGBA takes the image.
func (c *canvas) SetRGBA(i *image.RGBA) { c.image = i }

// pngPen lets the library draw the shapes.
type pngPen struct{ chartdraw.Renderer }

func (p pngPen) rect(i ink, b box) {
	p.area(i, []point{{b.left, b.top}, {b.right, b.top}, {b.right, b.bottom}, {b.left, b.bottom}})
}

func (p pngPen) area(i ink, path []point) {
	p.SetFillColor(i.paint())
	p.follow(path)
	p.Close()
	p.Fill()
}

func (p pngPen) line(s stroke, path []point) {
	p.SetStrokeColor(s.ink.paint())
	p.SetStrokeWidth(s.width * density)
	dash := make([]float64, len(s.dash))
	for i, d := range s.dash {
		dash[i] = d * density
	}
	p.SetStrokeDashArray(dash)
	p.follow(path)
	p.Stroke()
}

// follow lays a path.
func (p pngPen) follow(path []point) {
	for i, at := range path {
		x, y := pixel(at.x), pixel(at.y)
		if i == 0 {
			p.MoveTo(x, y)
			continue
		}
		p.LineTo(x, y)
	}
}

func (p pngPen) write(l lettering, at point, s string) {
	font := plainFont
	if l.bold {
		font = boldFont
	}
	p.SetFont(chartdraw.GetFont(font))
	p.SetFontColor(l.ink.paint())
	p.SetFontSize(l.size * density)
	x := pixel(at.x)
	switch wide := p.MeasureText(s).Width(); l.anchor {
	case middle:
		x -= wide / 2
	case ends:
		x -= wide
	}
	p.Text(s, x, pixel(at.y))
}

// pixel is the pixel of a place.
func pixel(f float64) int { return int(math.Round(f * density)) }

// paint is an ink on light paper.
func (i ink) paint() drawing.Color {
	c := drawing.ColorFromHex(palette[i].light)
	c.A = uint8(math.Round(palette[i].cover * 255))
	return c
}
