package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what scripts compare with")

// TestMain lets the scripts run the real main as a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"alerter": main})
}

// TestScripts runs the program as a user does, against fakes that are commands
// of the script; script_*_test.go describe these.
func TestScripts(t *testing.T) {
	t.Parallel()
	runScripts(t, filepath.Join("testdata", "script", "*.txtar"))
}

// runScripts runs the scripts that a pattern names.
func runScripts(t *testing.T, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d scripts for %s (%v), want some", len(files), pattern, err)
	}
	repository, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Cmds:                scriptCommands(),
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("there is no condition %q", name)
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("REPOSITORY", repository)
			e.Setenv("ANTHROPIC_ADMIN_KEY", scriptKey)
			e.Values[servicesOf{}] = services{}
			// What the program leaves in temporary folders, a script can see.
			return os.MkdirAll(e.Getenv("TMPDIR"), 0o755)
		},
	})
}

type script = testscript.TestScript

// scriptCommands are what scripts can do beside testscript's own commands.
func scriptCommands() map[string]func(*script, bool, []string) {
	return map[string]func(*script, bool, []string){
		"exits":      exits,
		"start":      start,
		"signal":     signalService,
		"ended":      ended,
		"waitfor":    waitFor,
		"eventually": eventually,
		"simulate":   simulateAPI,
		"webhook":    webhookReceiver,
		"port":       port,
		"http":       httpCall,
		"shape":      shape,
		"glob":       globCount,
	}
}

func TestEveryCommandIsRunByAScript(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	model := commandLine().Model
	run := map[string]bool{}
	for _, path := range scripts {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			words := strings.Fields(line)
			if i := slices.Index(words, "alerter"); i > 0 && slices.Contains([]string{"exits", "start", "eventually"}, words[0]) {
				command, _ := resolve(model, words[i+1:])
				run[command.Path()] = true
			}
		}
	}
	for _, leaf := range model.Leaves(true) {
		if !run[leaf.Path()] {
			t.Errorf("no script runs `%s`", leaf.Path())
		}
	}
}
