package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium is Debian's.
const chromium = "/usr/bin/chromium"

// installed skips the test where there is no browser, and fails it in CI.
func installed(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(chromium); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed: apt-get install chromium", chromium)
	}
	t.Skipf("%s is not installed: apt-get install chromium", chromium)
}

// tab is an open tab, and what went wrong in it.
type tab struct {
	ctx      context.Context
	mu       sync.Mutex
	problems []string
}

// open starts a browser of its own with one tab.
func open(t *testing.T) *tab {
	t.Helper()
	flags := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, endBrowser := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, endTab := chromedp.NewContext(ctx)
	t.Cleanup(func() { endTab(); endBrowser() })
	b := &tab{ctx: ctx}
	// This first call starts the browser, and lives as long as it.
	if err := chromedp.Listen(ctx, b.heard); err != nil {
		t.Fatalf("start %s: %v", chromium, err)
	}
	return b
}

// heard keeps what a person who looks into the developer's tools would worry about.
func (b *tab) heard(event any) {
	var problem string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		problem = fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL)
	case *runtime.EventConsoleAPICalled:
		problem = "console: " + string(e.Type)
	case *runtime.EventExceptionThrown:
		problem = "exception: " + e.ExceptionDetails.Text
	case *page.EventJavascriptDialogOpening:
		problem = "dialog: " + e.Message
	case *network.EventLoadingFailed:
		problem = "request failed: " + e.ErrorText
	case *network.EventResponseReceived:
		if e.Response.Status < 400 {
			return
		}
		problem = fmt.Sprintf("answer %d: %s", e.Response.Status, e.Response.URL)
	default:
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, problem)
}

func (b *tab) trouble() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.problems)
}

// do runs one step, bounded by patience, and gives its result.
func do[T any](t *testing.T, b *tab, step chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, step)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// look evaluates an expression in the page.
func look[T any](t *testing.T, b *tab, expression string) T {
	t.Helper()
	return do(t, b, chromedp.Evaluate[T](expression))
}

// wear has the page think that its user likes it dark or light.
func (b *tab) wear(t *testing.T, scheme string) {
	t.Helper()
	feature := &emulation.MediaFeature{Name: "prefers-color-scheme", Value: scheme}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{feature}})
	if err != nil {
		t.Fatal(err)
	}
}

// keep saves a picture of the whole page beside the test's other artefacts.
func (b *tab) keep(t *testing.T) {
	t.Helper()
	picture := do(t, b, chromedp.FullScreenshot(100))
	name := filepath.Join(t.ArtifactDir(), strings.ReplaceAll(filepath.Base(t.Name()), " ", "-")+".png")
	if err := os.WriteFile(name, picture, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("screenshot: %s", name)
}
