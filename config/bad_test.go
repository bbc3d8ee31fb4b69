package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected texts")

// environment is the one that tests load files in.
func environment(name string) (string, bool) {
	value, ok := map[string]string{
		"ANTHROPIC_ADMIN_KEY": "sk-ant-admin01-first",
		"OTHER_KEY":           "sk-ant-admin01-second",
		"EMPTY":               "",
	}[name]
	return value, ok
}

func TestEveryMistakeIsReportedWhereItIs(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../testdata/rules/bad/*.yaml")
	if err != nil || len(files) < 60 {
		t.Fatalf("got %d mistakes (%v), want at least 60", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = LoadBytes("rules.yaml", b, environment)
			problems, ok := errors.AsType[Errors](err)
			if !ok {
				t.Fatalf("got error %v, want Errors", err)
			}
			for _, p := range problems {
				if p.File != "rules.yaml" || p.Line < 1 || p.Column < 1 {
					t.Errorf("got a problem without its position: %+v", p)
				}
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".txt", err.Error()+"\n")
		})
	}
}

// golden compares got with a file, or writes the file with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
