package crash

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// world is the program with everything it talks to.
type world struct {
	t         *testing.T
	folder    string
	binary    string
	api       *api
	receivers []*receiver
	run       atomic.Int64 // which process is the present one
}

// newWorld is one of the given receivers, the first of which is the root's.
func newWorld(t *testing.T, a *api, receivers ...*receiver) *world {
	t.Helper()
	w := &world{t: t, folder: t.TempDir(), api: a, receivers: receivers}
	for _, r := range receivers {
		r.run = &w.run
	}
	w.binary = filepath.Join(w.folder, "alerter")
	build := exec.Command("go", "build", "-o", w.binary, "alerter/cmd/alerter")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(w.folder, "rules.yaml"), []byte(w.rules()), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// rules watches without any patience: each look may begin or end an alert.
func (w *world) rules() string {
	var b strings.Builder
	fmt.Fprintf(&b, `
organizations: [{admin_key: %s, base_url: %q, usage_source: analytics, settle: 0s, backfill: 30m}]
schedule: {usage: "@every 1s", limits: "@every 10s", attribution: "@every 10s"}
storage: {path: %q}
rules: [{alert: Busy, threshold: {warning: 80%%}, over: 1m, clear: 50%%, for: 0s, keep_firing_for: 0s}]
route:
  receiver: %s
  group_by: ["..."]
  group_wait: 0s
  group_interval: 1s
  routes:
`, adminKey, w.api.address, w.database(), w.receivers[0].name)
	for _, r := range w.receivers {
		by := ""
		if r.grouped {
			by = "group_by: [alertname], "
		}
		fmt.Fprintf(&b, "    - {receiver: %s, %scontinue: true}\n", r.name, by)
	}
	b.WriteString("web: {listen: 127.0.0.1:0}\nreceivers:\n")
	for _, r := range w.receivers {
		fmt.Fprintf(&b, "  - {name: %s, pace: 0, webhook: {url: %q, allow_private_networks: true}}\n", r.name, r.address)
	}
	return b.String()
}

func (w *world) database() string { return filepath.Join(w.folder, "alerter.db") }

// start starts the next process; its log is added to the others'.
func (w *world) start() *exec.Cmd {
	w.t.Helper()
	log, err := os.OpenFile(filepath.Join(w.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(w.binary, "--config", filepath.Join(w.folder, "rules.yaml"), "run")
	cmd.Env, cmd.Stdout, cmd.Stderr = []string{}, log, log
	w.run.Add(1)
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has ended, but for a failed test
	return cmd
}

// kill ends the process as a power cut does, and returns when it is gone.
func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatalf("kill the program: %v", err)
	}
	if _, err := cmd.Process.Wait(); err != nil {
		t.Fatalf("wait for the program: %v", err)
	}
}

// stop asks the process to end, and wants it to do so cleanly.
func (w *world) stop(cmd *exec.Cmd) {
	w.t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		w.t.Fatalf("stop the program: %v", err)
	}
	state, err := cmd.Process.Wait()
	if err != nil || state.ExitCode() != 0 {
		w.t.Errorf("got %v, %v, want a clean end\n%s", state, err, w.logTail())
	}
}

// logTail is the end of what the processes logged.
func (w *world) logTail() string {
	b, err := os.ReadFile(filepath.Join(w.folder, "log"))
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-8<<10):])
}
