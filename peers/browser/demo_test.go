package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"alerter/web"
)

// patience bounds every wait.
const patience = 45 * time.Second

// output gathers what the service prints.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// await looks five times a second, until patience is at its end.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	every := time.NewTicker(200 * time.Millisecond)
	defer every.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !done() {
		select {
		case <-every.C:
		case <-ctx.Done():
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// pageLine is where the demo says that its page is.
var pageLine = regexp.MustCompile(`Page: (http://\S+/)`)

// demo builds the real program, starts its demo at 120 times the speed and
// returns the page's address. Within ten seconds a limit comes near its end.
func demo(t *testing.T) (page string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "alerter")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/alerter")
	build.Dir = filepath.Join("..", "..")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, text)
	}
	out := &output{}
	cmd := exec.Command(binary, "demo", "--listen", "127.0.0.1:0", "--speed", "120")
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.TempDir(), out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // ended by a signal: that is no news
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("the demo said:\n%s", out)
		}
	})
	await(t, "the demo to say where its page is", func() bool {
		found := pageLine.FindStringSubmatch(out.String())
		if found != nil {
			page = found[1]
		}
		return found != nil
	})
	return page
}

// status is what the service says to programs.
func status(t *testing.T, page string) (st web.Status) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page+"api/v1/status", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&st); err != nil {
		t.Fatal(err)
	}
	return st
}
