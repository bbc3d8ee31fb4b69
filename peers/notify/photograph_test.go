package notify

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// camera is Debian's chromium with one tab.
type camera struct{ ctx context.Context }

func newCamera(t *testing.T) camera {
	t.Helper()
	flags := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(program(t, "/usr/bin/chromium")), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()))
	ctx, endBrowser := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, endTab := chromedp.NewContext(ctx)
	t.Cleanup(func() { endTab(); endBrowser() })
	snap(t, camera{ctx}, chromedp.Navigate("about:blank"))
	return camera{ctx}
}

// snap does one thing in the tab and gives its result.
func snap[T any](t *testing.T, c camera, action chromedp.Action[T]) T {
	t.Helper()
	ctx := c.ctx
	if chromedp.FromContext(ctx).Target != nil { // the first call starts the browser, and lives as long as it
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(c.ctx, patience)
		defer cancel()
	}
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// view is a page as somebody looks at it.
type view struct {
	html   string
	scheme string // light or dark
	width  int64  // of the window
	shows  []string
}

// photograph opens a page, makes sure that it shows what it should and that nothing
// sticks out, and takes the picture of all of it.
func (c camera) photograph(t *testing.T, v view) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(v.html), 0o600); err != nil {
		t.Fatal(err)
	}
	scheme := &emulation.MediaFeature{Name: "prefers-color-scheme", Value: v.scheme}
	if _, err := chromedp.Call(c.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{scheme}}); err != nil {
		t.Fatal(err)
	}
	snap(t, c, chromedp.EmulateViewport(v.width, 200))
	snap(t, c, chromedp.Navigate("file://"+file))
	text := snap(t, c, chromedp.Evaluate[string](`document.body.innerText`))
	for _, want := range v.shows {
		if !strings.Contains(text, want) {
			t.Errorf("got no %q on the page:\n%s", want, text)
		}
	}
	if out := snap(t, c, chromedp.Evaluate[int](`document.documentElement.scrollWidth - innerWidth`)); out > 0 {
		t.Errorf("the page sticks out of its window by %d pixels", out)
	}
	if broken := snap(t, c, chromedp.Evaluate[int](`[...document.images].filter(i => !i.naturalWidth).length`)); broken > 0 {
		t.Errorf("%d images of the page are not shown", broken)
	}
	return fewerBytes(t, snap(t, c, chromedp.FullScreenshot(100)))
}

// fewerBytes is the picture in its 256 commonest colours, each other one as the
// nearest of them: a third of the bytes, and no difference to see.
func fewerBytes(t *testing.T, picture []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	pixels := map[color.Color]int{}
	for y := range full.Bounds().Dy() {
		for x := range full.Bounds().Dx() {
			pixels[full.At(x, y)]++
		}
	}
	commonest := slices.SortedFunc(maps.Keys(pixels), func(a, b color.Color) int {
		return cmp.Or(pixels[b]-pixels[a], strings.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	fewer := image.NewPaletted(full.Bounds(), commonest[:min(256, len(commonest))])
	draw.Draw(fewer, fewer.Rect, full, image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, fewer); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
