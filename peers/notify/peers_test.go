package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"alerter/notify"
)

// patience bounds every wait for a peer.
const patience = 60 * time.Second

// missing skips the test of a peer that is not installed, and fails it in CI.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed", what)
	}
	t.Skipf("%s is not installed", what)
}

// program finds a program at its absolute path, or ends the test.
func program(t *testing.T, path string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		missing(t, path)
	}
	return path
}

// node is the Node of package.json: some peers want a newer one than Debian has.
func node(t *testing.T) string {
	t.Helper()
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	return program(t, absolute(t, "node_modules/node-"+runtime.GOOS+"-"+arch+"/bin/node"))
}

// npm is a program of an npm package.
func npm(t *testing.T, name string) string {
	t.Helper()
	return program(t, absolute(t, "node_modules/.bin/"+name))
}

// absolute is a path in this folder, wherever a peer is started.
func absolute(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// freePort is a loopback port that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// output gathers what a peer prints.
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

// start starts a peer in an empty folder and waits until it listens on all
// ports. It ends with the test.
func start(t *testing.T, ports []string, name string, args ...string) *output {
	t.Helper()
	out := &output{}
	cmd := exec.Command(name, args...)
	cmd.Dir = t.TempDir()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Env = append(os.Environ(), "HOME="+cmd.Dir, "NO_COLOR=1", "PYTHONUNBUFFERED=1", "NODE_PATH=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // ended by a signal: that is no news
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-ended
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", name, out)
		}
	})
	for _, port := range ports {
		await(t, name+" to listen", func() bool {
			select {
			case <-ended:
				t.Fatalf("%s ended by itself:\n%s", name, out)
			default:
			}
			c, err := net.Dial("tcp", "127.0.0.1:"+port)
			if err == nil {
				_ = c.Close()
			}
			return err == nil
		})
	}
	return out
}

// await looks ten times a second, until patience is at its end.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	every := time.NewTicker(100 * time.Millisecond)
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

// settings is a receiver's part of the configuration.
type settings map[string]any

// Decode refuses unknown keys, as the configuration does.
func (s settings) Decode(into any) error {
	b, err := json.Marshal(map[string]any(s))
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// channel makes a channel with the real clock and the real network.
func channel(t *testing.T, kind string, s settings) notify.Channel {
	t.Helper()
	c, err := notify.New(kind, s, notify.Env{Now: time.Now, ExternalURL: page, Version: "peers"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// send sends m and returns its receipt.
func send(t *testing.T, c notify.Channel, m notify.Message) notify.Receipt {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	receipt, err := c.Send(ctx, m)
	if err != nil {
		t.Fatalf("send %s: %v", m.Reason, err)
	}
	return receipt
}

// call sends a request to a peer and reads its JSON answer into into, which may be nil.
func call(t *testing.T, method, url string, header http.Header, body string, into any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: got %s: %s", method, url, resp.Status, answer)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(answer, into); err != nil {
		t.Fatal(fmt.Errorf("read answer of %s: %w: %s", url, err, answer))
	}
}
