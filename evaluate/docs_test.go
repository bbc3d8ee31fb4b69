package evaluate_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"alerter/config"
	"alerter/evaluate"
)

// beside is what a rule file needs beside its rules.
const beside = `
organizations: [{admin_key: a-key}]
route: {receiver: console}
receivers: [{name: console, console: {}}]
`

// Every block of docs/rules.md is loaded, and every kind has one.
func TestDocumentedRulesLoad(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for i, part := range strings.Split(string(text), "```yaml\n")[1:] {
		block, _, ended := strings.Cut(part, "```")
		if !ended {
			t.Fatalf("block %d: got no end", i+1)
		}
		c, err := config.LoadBytes("rules.md", []byte(block+beside), func(string) (string, bool) { return "", false })
		if err != nil {
			t.Errorf("block %d: %v", i+1, err)
			continue
		}
		for _, r := range c.Rules {
			documented = append(documented, r.Condition.Kind())
		}
	}
	slices.Sort(documented)
	if got := slices.Compact(documented); !slices.Equal(got, evaluate.Kinds()) {
		t.Errorf("got blocks for %q, want one for each of %q", got, evaluate.Kinds())
	}
}
