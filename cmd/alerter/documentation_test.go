package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"alerter/config"
)

func TestDocumentationShowsCommandsThatWork(t *testing.T) {
	t.Parallel()
	for _, d := range documents(t) {
		for _, command := range d.shellCommands() {
			if why := refused(t, command); why != "" {
				t.Errorf("%s: %q: %s", d.path, command, why)
			}
		}
	}
}

// foreign are the programs of others that the documentation calls: what they
// are told is theirs.
var foreign = []string{"cd", "curl", "docker", "export", "git", "go", "kill", "sqlite3"}

// variable is one that is set before a command.
var variable = regexp.MustCompile(`^[A-Z_]+=`)

// refused says why a documented command would not work; empty: it would.
func refused(t *testing.T, command string) string {
	t.Helper()
	words := strings.Fields(command)
	for len(words) > 0 && variable.MatchString(words[0]) {
		words = words[1:]
	}
	args, ours := ourArguments(words)
	switch {
	case len(words) == 0:
	case ours:
		if _, err := commandLine().Parse(args); err != nil {
			return err.Error()
		}
	case words[0] == "make":
		return missingTarget(t, words[1:])
	case !slices.Contains(foreign, words[0]):
		return "no test knows this program"
	}
	return ""
}

// ourArguments are what follows the program's name, in either way of calling it.
func ourArguments(words []string) (args []string, ours bool) {
	for _, name := range [][]string{{"alerter"}, {"go", "run", "./cmd/alerter"}} {
		if len(words) >= len(name) && slices.Equal(words[:len(name)], name) {
			args = words[len(name):]
			if i := slices.Index(args, ">"); i >= 0 {
				args = args[:i]
			}
			return args, true
		}
	}
	return nil, false
}

func missingTarget(t *testing.T, targets []string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		if !variable.MatchString(target) && !regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(target)+`:`).Match(b) {
			return "the Makefile has no target " + target
		}
	}
	return ""
}

func TestDocumentationMentionsCommandsThatExist(t *testing.T) {
	t.Parallel()
	model := commandLine().Model
	for _, d := range documents(t) {
		for _, words := range d.mentions() {
			if _, unknown := resolve(model, words); unknown != "" {
				t.Errorf("%s: `alerter %s`: there is no %q", d.path, strings.Join(words, " "), unknown)
			}
		}
		for _, m := range code.FindAllStringSubmatch(d.prose(), -1) {
			if target, ok := strings.CutPrefix(m[1], "make "); ok {
				if why := missingTarget(t, strings.Fields(target)); why != "" {
					t.Errorf("%s: `%s`: %s", d.path, m[1], why)
				}
			}
		}
	}
}

func TestDocumentationListsEveryCommand(t *testing.T) {
	t.Parallel()
	model := commandLine().Model
	listed := map[string]bool{}
	for _, d := range documents(t) {
		for line := range strings.Lines(d.prose()) {
			for _, command := range commandsIn(model, line) {
				listed[command.Path()] = true
			}
		}
	}
	for _, leaf := range model.Leaves(true) {
		if !listed[leaf.Path()] {
			t.Errorf("got no `%s` in the documentation", leaf.Path())
		}
	}
}

// commandsIn are the commands a line names. The table in README names several by
// their last words: `alerter config check`, `show`, `schema`.
func commandsIn(model *kong.Application, line string) []*kong.Node {
	var found []*kong.Node
	for _, m := range code.FindAllStringSubmatch(line, -1) {
		words := strings.Fields(m[1])
		from := []*kong.Node{model.Node}
		switch {
		case words[0] == "alerter":
			words = words[1:]
		case len(found) > 0:
			from = append(from, found[len(found)-1].Parent)
		default:
			continue
		}
		for _, parent := range from {
			if node, unknown := resolve(&kong.Application{Node: parent}, words); unknown == "" && node != parent {
				found = append(found, node)
				break
			}
		}
	}
	return found
}

func TestDocumentationShowsConfigurationThatLoads(t *testing.T) {
	t.Parallel()
	env := func(name string) (string, bool) {
		if name == "WEBHOOK_SECRET" {
			return "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true
		}
		return "sk-ant-admin01-" + name, true
	}
	found := 0
	for _, d := range documents(t) {
		for _, block := range d.blocks("yaml", "yml") {
			if strings.HasPrefix(block, "rule_files:") {
				continue // a rule test, which config's tests run
			}
			found++
			if _, err := config.LoadBytes(d.path, []byte(completed(block)), env); err != nil {
				t.Errorf("%s: %v\n%s", d.path, err, block)
			}
		}
	}
	if found == 0 {
		t.Error("got no block of YAML, want some")
	}
}

// completed adds what an example leaves out.
func completed(block string) string {
	for section, least := range map[string]string{
		"organizations": `[{admin_key: "${ANTHROPIC_ADMIN_KEY}"}]`, "receivers": "[{name: console, console: {}}]",
	} {
		if !regexp.MustCompile(`(?m)^` + section + `:`).MatchString(block) {
			block += "\n" + section + ": " + least + "\n"
		}
	}
	return block
}

// Whoever copies the first command of README sees what a script and CI have seen.
func TestDocumentationBeginsWithACommandThatIsRun(t *testing.T) {
	t.Parallel()
	const first = "go run ./cmd/alerter demo"
	for _, d := range documents(t) {
		if d.path != "README.md" {
			continue
		}
		if got := d.shellCommands()[0]; got != first {
			t.Errorf("got %q as the first command of README, want %q", got, first)
		}
	}
	for file, want := range map[string]string{
		filepath.Join("..", "..", ".ci", "demo"):          first,
		filepath.Join("testdata", "script", "demo.txtar"): "alerter demo",
	} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), want) {
			t.Errorf("%s does not run %q", file, want)
		}
	}
}

func TestDocumentationShowsOnlyWhatScriptsRun(t *testing.T) {
	t.Parallel()
	scripts := scriptLines(t)
	model := commandLine().Model
	ran := map[string]bool{}
	for _, line := range scripts {
		words := strings.Fields(line)
		if i := slices.Index(words, "alerter"); i >= 0 {
			node, _ := resolve(model, words[i+1:])
			ran[node.Path()] = true
		}
	}
	for _, leaf := range model.Leaves(true) {
		if !ran[leaf.Path()] {
			t.Errorf("no script runs `%s`", leaf.Path())
		}
	}
	address := regexp.MustCompile("`(?:GET |POST )?(/(?:-|api|metrics|healthz|readyz)[^` ]*)`")
	for _, d := range documents(t) {
		for _, m := range address.FindAllStringSubmatch(d.prose(), -1) {
			asked := func(line string) bool { return strings.Contains(line, "$PAGE"+m[1]) }
			if !strings.Contains(m[1], "{") && !slices.ContainsFunc(scripts, asked) {
				t.Errorf("%s: no script asks for %s", d.path, m[1])
			}
		}
	}
}

// scriptLines are the lines of all scripts.
func scriptLines(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(string(b), "\n")...)
	}
	return lines
}

func TestDocumentationLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#\s]+)(#[^)]*)?\)`)
	for _, d := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(d.prose(), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join("..", "..", filepath.Dir(d.path), m[1])); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", d.path, m[1])
			}
		}
	}
}

func TestDocumentationIsReadAsPeopleReadIt(t *testing.T) {
	t.Parallel()
	d := document{"x.md", "Run `alerter status`.\n\n```sh\n$ alerter config check && make docs   # both\nalerter once | \\\n  cat\n```\n```text\nno command\n```\n"}
	want := []string{"alerter config check", "make docs", "alerter once", "cat"}
	if diff := cmp.Diff(want, d.shellCommands()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"status"}}, d.mentions()); diff != "" {
		t.Errorf("mentions (-want +got):\n%s", diff)
	}
	model := commandLine().Model
	for words, want := range map[string]string{
		"status --output json": "", "rules disable NAME": "", "--config x.yaml run": "", "run --config x.yaml": "",
		"statsu": "statsu", "rules remove": "remove", "status --outptu": "--outptu", "config chekc": "chekc",
	} {
		if _, got := resolve(model, strings.Fields(words)); got != want {
			t.Errorf("alerter %s: got %q unknown, want %q", words, got, want)
		}
	}
}
