package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

// svg draws and checks that it is XML.
func svg(t *testing.T, s Sheet, size Size) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.SVG(&b, size); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(b.Bytes())); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("read it back: %v", err)
		}
	}
	return b.String()
}

func TestTheSVGsAreTheGoldenOnes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sheet Sheet
		size  Size
	}{
		"full.svg":   {Sheet{full()}, Standard},
		"narrow.svg": {Sheet{full()}, Size{400, 240}},
		"weeks.svg":  {Sheet{weeks()}, Standard},
		"two.svg":    {Sheet{idle(), unknown()}, Narrow},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, []byte(svg(t, c.sheet, c.size)))
		})
	}
}

func TestNamesCannotBreakOutOfTheSVG(t *testing.T) {
	t.Parallel()
	c := full()
	c.Title = `</title><script>alert("1")</script> & 'x' ` + "\x00"
	got := svg(t, Sheet{c}, Standard)
	if strings.Contains(got, "<script") {
		t.Errorf("got a script in the picture:\n%s", got)
	}
}

func TestTheSVGSaysWhatItShowsToThoseWhoDoNotSeeIt(t *testing.T) {
	t.Parallel()
	got := svg(t, Sheet{full()}, Standard)
	for _, want := range []string{
		`role="img"`, "<title>Claude Opus 5 · output tokens per minute · acme</title>", "<desc>" + full().Describe() + "</desc>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got no %s", want)
		}
	}
}

func TestWhatCannotBeDrawnIsAnError(t *testing.T) {
	t.Parallel()
	backwards := full()
	backwards.To = backwards.From
	for name, c := range map[string]struct {
		sheet Sheet
		size  Size
	}{
		"no chart": {nil, Standard},
		"no time":  {Sheet{backwards}, Standard},
		"no room":  {Sheet{full()}, Size{100, 20}},
	} {
		if err := c.sheet.SVG(io.Discard, c.size); err == nil || !strings.HasPrefix(err.Error(), "draw: ") {
			t.Errorf("%s as SVG: got error %v, want one about drawing", name, err)
		}
		if err := c.sheet.PNG(io.Discard, c.size); err == nil || !strings.HasPrefix(err.Error(), "draw: ") {
			t.Errorf("%s as PNG: got error %v, want one about drawing", name, err)
		}
	}
}

func TestAnEmptyOrTinyTimeIsDrawn(t *testing.T) {
	t.Parallel()
	c := Chart{Title: "x", From: noon, To: noon.Add(time.Second)}
	svg(t, Sheet{c}, Narrow)
	c.Lines = []Line{{Name: "used", Kind: Used, Values: []float64{0.5}}}
	svg(t, Sheet{c}, Narrow)
}
