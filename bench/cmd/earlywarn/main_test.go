package main

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the scoreboard into the document")

const (
	document = "../../../docs/early-warning.md"
	opening  = "<!-- what make bench-earlywarn prints -->\n"
	closing  = "<!-- end -->\n"
)

func TestTheDocumentHoldsWhatTheCommandPrints(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("steps the rule through eight weeks of traffic")
	}
	var board bytes.Buffer
	if err := write(&board, "../../../testdata/traces"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, opened := strings.Cut(string(text), opening)
	old, after, closed := strings.Cut(rest, closing)
	if !opened || !closed {
		t.Fatalf("%s: got no %q and %q, want both", document, opening, closing)
	}
	if *update {
		if err := os.WriteFile(document, []byte(before+opening+board.String()+closing+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(old, board.String()); diff != "" {
		t.Errorf("the document is old: go test ./cmd/earlywarn -update (-document +printed):\n%s", diff)
	}
}

func TestAFolderWithoutTracesIsAnError(t *testing.T) {
	t.Parallel()
	if err := write(&bytes.Buffer{}, t.TempDir()); err == nil {
		t.Error("got no error, want one")
	}
}
