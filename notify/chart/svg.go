package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// SVG writes the sheet as SVG that follows the reader's choice of a light or a dark
// page. Its styles touch nothing outside it, so that it can stand in a page.
func (s Sheet) SVG(w io.Writer, size Size) error {
	if err := s.check(size); err != nil {
		return err
	}
	var p svgPen
	title, text := s.describe()
	height := size.Height * len(s)
	fmt.Fprintf(&p, `<svg xmlns="http://www.w3.org/2000/svg" class="alerter-chart" role="img" width="%d" height="%d" viewBox="0 0 %d %d">`+"\n",
		size.Width, height, size.Width, height)
	fmt.Fprintf(&p, "<title>%s</title>\n<desc>%s</desc>\n", escape(title), escape(text))
	p.style()
	s.draw(&p, size)
	p.WriteString("</svg>\n")
	_, err := p.WriteTo(w)
	return err
}

// svgPen writes shapes as elements of SVG.
type svgPen struct{ bytes.Buffer }

// style sets the fonts, and the colours on dark pages. Those on light ones are
// attributes, for programs that read no styles.
func (p *svgPen) style() {
	p.WriteString("<style>\n.alerter-chart { font-family: system-ui, \"Segoe UI\", Roboto, \"Noto Sans\", sans-serif; }\n@media (prefers-color-scheme: dark) {\n")
	for _, c := range palette {
		for _, of := range []string{"fill", "stroke"} {
			fmt.Fprintf(p, ".alerter-chart .%s-%s { %s: %s; }\n", of, c.name, of, c.dark)
		}
	}
	p.WriteString("}\n</style>\n")
}

// attributes colour the fill or the stroke of an element.
func (i ink) attributes(of string) string {
	c := palette[i]
	said := fmt.Sprintf(`class="%s-%s" %s="%s"`, of, c.name, of, c.light)
	if c.cover < 1 {
		said += fmt.Sprintf(` %s-opacity="%s"`, of, decimal(c.cover))
	}
	return said
}

func (p *svgPen) rect(i ink, b box) {
	fmt.Fprintf(p, `<rect x="%s" y="%s" width="%s" height="%s" %s/>`+"\n",
		decimal(b.left), decimal(b.top), decimal(b.right-b.left), decimal(b.bottom-b.top), i.attributes("fill"))
}

func (p *svgPen) line(s stroke, path []point) {
	fmt.Fprintf(p, `<polyline points="%s" fill="none" %s stroke-width="%s"`, places(path), s.ink.attributes("stroke"), decimal(s.width))
	if len(s.dash) > 0 {
		lengths := make([]string, len(s.dash))
		for i, d := range s.dash {
			lengths[i] = decimal(d)
		}
		fmt.Fprintf(p, ` stroke-dasharray="%s"`, strings.Join(lengths, " "))
	}
	p.WriteString("/>\n")
}

func (p *svgPen) area(i ink, path []point) {
	fmt.Fprintf(p, `<polygon points="%s" %s/>`+"\n", places(path), i.attributes("fill"))
}

func (p *svgPen) write(l lettering, at point, s string) {
	fmt.Fprintf(p, `<text x="%s" y="%s" font-size="%s" %s`, decimal(at.x), decimal(at.y), decimal(l.size), l.ink.attributes("fill"))
	if l.bold {
		p.WriteString(` font-weight="600"`)
	}
	if l.anchor != begins {
		fmt.Fprintf(p, ` text-anchor="%s"`, map[anchor]string{middle: "middle", ends: "end"}[l.anchor])
	}
	fmt.Fprintf(p, ">%s</text>\n", escape(s))
}

// places writes the corners of a path. One in the middle of a level line is left out.
func places(path []point) string {
	said := make([]string, 0, len(path))
	for i, at := range path {
		if i > 0 && i+1 < len(path) && at.y == path[i-1].y && at.y == path[i+1].y {
			continue
		}
		said = append(said, decimal(at.x)+","+decimal(at.y))
	}
	return strings.Join(said, " ")
}

// decimal writes a number to the tenth of a unit, which is all that can be seen;
// a part of a colour to the hundredth.
func decimal(f float64) string {
	precision := 10.0
	if f < 1 {
		precision = 100
	}
	f = float64(int64(f*precision+0.5)) / precision
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// escape makes text safe within an element.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
