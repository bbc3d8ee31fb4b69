// Package typescript has the vendor's TypeScript SDK read the simulated Admin API.
package typescript

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"alerter/fetch/simulate"
)

const key = "sk-ant-admin01-peer"

// missing skips where the peer is not installed, but not in CI.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

func TestTypeScriptSDK(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "node is not installed")
	}
	if _, err := os.Stat("node_modules/@anthropic-ai/sdk"); err != nil {
		missing(t, "@anthropic-ai/sdk is not installed: run npm ci in peers/typescript")
	}
	c, err := simulate.Demo(1)
	if err != nil {
		t.Fatal(err)
	}
	c.Now = func() time.Time { return c.Start }
	c.AdminKeys = []string{key}
	s, err := simulate.New(c)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s) // a free port of the loopback interface
	t.Cleanup(web.Close)
	check := exec.CommandContext(t.Context(), node, "check.mjs")
	check.Env = append(os.Environ(), "SIMULATOR_URL="+web.URL, "SIMULATOR_KEY="+key)
	out, err := check.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("check.mjs: %v", err)
	}
}
