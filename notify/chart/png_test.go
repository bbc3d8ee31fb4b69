package chart

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"io"
	"testing"
	"time"
)

// drawn draws a chart and reads the picture back.
func drawn(t *testing.T, c Chart, size Size) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := c.PNG(&b, size); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 100<<10 {
		t.Errorf("got %d bytes, want at most 100 KiB: it is sent with mails", b.Len())
	}
	picture, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// near counts the pixels of a part of the picture, in units, that are about as an ink.
func near(picture image.Image, b box, i ink) int {
	n := 0
	want := i.paint()
	for y := pixel(b.top); y < pixel(b.bottom); y++ {
		for x := pixel(b.left); x < pixel(b.right); x++ {
			r, g, bl, _ := picture.At(x, y).RGBA()
			if apart(r, want.R)+apart(g, want.G)+apart(bl, want.B) < 40 {
				n++
			}
		}
	}
	return n
}

func apart(got uint32, want uint8) int { return max(int(got>>8)-int(want), int(want)-int(got>>8)) }

func TestThePNGShowsWhatTheSVGShows(t *testing.T) {
	t.Parallel()
	picture := drawn(t, full(), Standard)
	if got, want := picture.Bounds(), image.Rect(0, 0, 2*Standard.Width, 2*Standard.Height); got != want {
		t.Fatalf("got a picture of %v, want %v", got, want)
	}
	if r, g, b, a := picture.At(1, 1).RGBA(); r != 0xffff || g != 0xffff || b != 0xffff || a != 0xffff {
		t.Errorf("got a corner of %v, want opaque white", picture.At(1, 1))
	}
	whole := box{0, 0, 800, 320}
	for name, c := range map[string]struct {
		where box
		ink   ink
		least int
	}{
		"the title":            {box{0, 8, 400, 28}, text, 300},
		"the line of use":      {whole, used, 500},
		"the line of readings": {whole, reading, 1000},
		"the limit":            {whole, limit, 1500},
		"the warning":          {box{0, 270, 800, 300}, warning, 200},
		"the critical part":    {box{0, 270, 800, 300}, critical, 200},
	} {
		if got := near(picture, c.where, c.ink); got < c.least {
			t.Errorf("%s: got %d pixels of its colour, want %d at least", name, got, c.least)
		}
	}
}

func TestAGapIsPaperAndNotALineAtZero(t *testing.T) {
	t.Parallel()
	c := New(busy(), noon.Add(-3*time.Hour), noon, Reading{})
	picture := drawn(t, c, Standard)
	area := plot{chart: &c, top: topOf(c.Lines)}
	area.box = box{left: 60, right: 730, top: 60, bottom: 280}
	// The gap is from the 60th to the 75th minute of 180; look well within it.
	gap := box{area.x(noon.Add(-115 * time.Minute)), 100, area.x(noon.Add(-110 * time.Minute)), 270}
	if got := near(picture, gap, used) + near(picture, gap, fill); got != 0 {
		t.Errorf("got %d pixels of use in the gap, want none", got)
	}
}

func TestAPictureCarriesItsSizeAndItsWords(t *testing.T) {
	t.Parallel()
	got, err := full().Picture(Narrow)
	if err != nil {
		t.Fatal(err)
	}
	if got.Width != 480 || got.Height != 240 || got.Title != full().Title || got.Text != full().Describe() || len(got.PNG) == 0 {
		t.Errorf("got %dx%d, %q, %q and %d bytes, want 480x240, the chart's words and a picture", got.Width, got.Height, got.Title, got.Text, len(got.PNG))
	}
	if _, err := full().Picture(Size{1, 1}); err == nil {
		t.Error("got no error for a picture without room, want one")
	}
}

// broken is where nothing can be written.
type broken struct{}

var errBroken = errors.New("disk full")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestAWriterThatFailsIsAnError(t *testing.T) {
	t.Parallel()
	if err := full().PNG(broken{}, Narrow); !errors.Is(err, errBroken) {
		t.Errorf("got %v from the PNG, want the writer's error", err)
	}
	if err := full().SVG(broken{}, Narrow); !errors.Is(err, errBroken) {
		t.Errorf("got %v from the SVG, want the writer's error", err)
	}
}

func TestLettersNoFontHasDoNotKeepAChartFromBeingDrawn(t *testing.T) {
	t.Parallel()
	c := full()
	c.Title = "模型 · früh 🔥 \u202e"
	drawn(t, c, Narrow)
}

func TestTheColoursOfLinesAreReadableOnBothPapers(t *testing.T) {
	t.Parallel()
	for _, i := range []ink{text, quiet, used, reading, level, limit} {
		c := palette[i]
		for _, on := range [][2]string{{c.light, palette[paper].light}, {c.dark, palette[paper].dark}} {
			if got := contrast(on[0], on[1]); got < 4.5 { // https://www.w3.org/TR/WCAG22/#contrast-minimum
				t.Errorf("%s: got a contrast of %.1f for %s on %s, want 4.5", c.name, got, on[0], on[1])
			}
		}
	}
}

func BenchmarkPNG(b *testing.B) {
	c := full()
	for b.Loop() {
		if err := c.PNG(io.Discard, Narrow); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSVG(b *testing.B) {
	c := full()
	for b.Loop() {
		if err := c.SVG(io.Discard, Standard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	s := busy()
	for b.Loop() {
		New(s, noon.Add(-3*time.Hour), noon, defaults)
	}
}
