package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// completers make a shell complete the lines that it reads, in the words that the
// shell would have them in, and print what there is for each, in any order. In zsh what
// shows the choices to people is replaced.
var completers = map[string]string{
	"bash": `source "$1"
while IFS= read -r line; do
	read -ra COMP_WORDS <<<"${line//=/ = }"
	[[ $line == *' ' || $line == *= ]] && COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_alerter
	echo "${COMPREPLY[*]}"
done`,
	"zsh": `compdef() { }
_describe() { [[ $1 == -o ]] && shift; print -r -- ${${(P)2}%%:*} }
_files() { print }
source "$1"
while IFS= read -r line; do
	words=(${=line})
	[[ $line == *' ' ]] && words+=('')
	CURRENT=$#words
	_alerter
done`,
	"fish": `source $argv[1]
while read --local line
	echo (complete -C $line | string replace -r '\t.*' '')
end`,
}

// complete completes lines in a shell.
func complete(t *testing.T, shell string, lines []string) []string {
	t.Helper()
	path, err := exec.LookPath(shell)
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatalf("there is no %s here, and CI installs it", shell)
	case err != nil:
		t.Skipf("there is no %s here", shell)
	}
	var out, errs bytes.Buffer
	p := &program{out: &out, err: &errs}
	if code := p.main([]string{"completion", shell}); code != exitOK {
		t.Fatalf("got exit code %d (%s), want %d", code, errs.String(), exitOK)
	}
	folder := t.TempDir() // without files, so that no name is completed
	script := filepath.Join(folder, ".completion")
	if err := os.WriteFile(script, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := map[string][]string{
		"bash": {"--norc", "-c", completers[shell], "bash", script},
		"zsh":  {"-f", "-c", completers[shell], "zsh", script},
		"fish": {"--no-config", "-c", completers[shell], script},
	}
	cmd := exec.Command(path, args[shell]...)
	cmd.Dir, cmd.Stderr = folder, &errs
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder}
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	answer, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("%s: %v: %s", shell, err, errs.String())
	}
	return strings.Split(strings.TrimSuffix(string(answer), "\n"), "\n")
}

// compareWords compares the words of two lines, in any order.
func compareWords(t *testing.T, line, want, got string) {
	t.Helper()
	a, b := strings.Fields(want), strings.Fields(got)
	slices.Sort(a)
	slices.Sort(b)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("%q completes to (-want +got):\n%s", line, diff)
	}
}

func TestShellsCompleteEveryCommandAndFlag(t *testing.T) {
	t.Parallel()
	var lines, want []string
	for _, j := range junctions(commandLine().Model.Node, "") {
		if next := j.next(); len(next) > 0 {
			lines = append(lines, "alerter"+j.way+" ")
			want = append(want, strings.Join(next, " "))
		}
		var flags []string
		for _, f := range j.flags {
			flags = append(flags, "--"+f.Name)
		}
		lines = append(lines, "alerter"+j.way+" --")
		want = append(want, strings.Join(flags, " "))
	}
	for shell := range completers {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			got := complete(t, shell, lines)
			if len(got) != len(lines) {
				t.Fatalf("got %d answers, want %d:\n%s", len(got), len(lines), strings.Join(got, "\n"))
			}
			for i := range lines {
				compareWords(t, lines[i], want[i], got[i])
			}
		})
	}
}

func TestShellsCompleteTheValuesOfFlags(t *testing.T) {
	t.Parallel()
	lines := map[string]string{
		"alerter status --output ":                      "text json",
		"alerter --log.level ":                          "debug info warn error",
		"alerter rules list --log.format ":              "console json",
		"alerter --config rules.yaml rules ":            "list apply enable disable",
		"alerter --log.level warn config ":              "check show schema",
		"alerter completion ":                           "bash zsh fish",
		"alerter --config ":                             "", // a file's name
		"alerter rules apply ":                          "",
		"alerter series dump --output json --database ": "",
	}
	var asked []string
	for line := range lines {
		asked = append(asked, line)
	}
	for shell := range completers {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			for i, got := range complete(t, shell, asked) {
				compareWords(t, asked[i], lines[asked[i]], got)
			}
		})
	}
	t.Run("after an equals sign", func(t *testing.T) {
		t.Parallel()
		got := complete(t, "bash", []string{"alerter status --output=", "alerter status --output=j", "alerter --config=rules.yaml sta"})
		for i, want := range []string{"text json", "json", "status"} {
			compareWords(t, "with =", want, got[i])
		}
	})
}
