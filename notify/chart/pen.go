package chart

// point is a place on the paper: from its top left corner, in the units of its size.
type point struct{ x, y float64 }

// box is a rectangle on the paper.
type box struct{ left, top, right, bottom float64 }

// anchor says which part of a text stands at its place.
type anchor int

const (
	begins anchor = iota
	middle
	ends
)

// lettering is how a text is written.
type lettering struct {
	ink    ink
	size   float64
	bold   bool
	anchor anchor
}

// stroke is how a line is drawn.
type stroke struct {
	ink   ink
	width float64
	dash  []float64 // drawn, left out, drawn …; nil: all of it
}

// pen puts shapes onto paper. What is put later covers what was there.
type pen interface {
	rect(i ink, b box)
	line(s stroke, path []point)
	area(i ink, path []point)
	write(l lettering, at point, s string)
}

// letterWidth is about how wide a letter is, as a part of the size of its font. Both
// pens have fonts of their own, and what they draw is to stand at the same places.
const letterWidth = 0.56

// width is about how wide a text is.
func (l lettering) width(s string) float64 {
	return float64(len([]rune(s))) * l.size * letterWidth
}

// fit cuts a text that is wider than the room for it.
func (l lettering) fit(s string, room float64) string {
	letters := []rune(s)
	if most := int(room / (l.size * letterWidth)); len(letters) > most {
		return string(letters[:max(0, most-1)]) + "…"
	}
	return s
}
