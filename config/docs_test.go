package config

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"alerter/evaluate"
	"alerter/notify"
)

// block is a fenced block of YAML.
var block = regexp.MustCompile("(?ms)^```ya?ml\n(.*?)^```$")

// documented is an environment with everything that examples name.
func documented(name string) (string, bool) {
	if name == "WEBHOOK_SECRET" {
		return "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true
	}
	return "sk-ant-admin01-" + name, true
}

// whole makes a file of an example: rules alone, or some sections.
func whole(t *testing.T, text string) string {
	t.Helper()
	var n yaml.Node
	if err := yaml.Load([]byte(text), &n); err != nil {
		t.Fatalf("parse: %v\n%s", err, text)
	}
	root := n.Content[0]
	if root.Kind == yaml.SequenceNode {
		return small + "rules:\n" + text
	}
	if value(root, "alert") != nil {
		return small + "rules:\n  - " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") + "\n"
	}
	if value(root, "organizations") == nil {
		text = "organizations: [{admin_key: \"${ANTHROPIC_ADMIN_KEY}\"}]\n" + text
	}
	if value(root, "receivers") == nil {
		text = "receivers: [{name: console, console: {}}]\n" + text
	}
	return text
}

func TestEveryExampleInTheDocumentsLoads(t *testing.T) {
	t.Parallel()
	for path, least := range map[string]int{"../docs/rules.md": len(evaluate.Kinds()), "../docs/configuration.md": 1} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		examples := block.FindAllStringSubmatch(string(b), -1)
		if len(examples) < least {
			t.Errorf("%s: got %d examples, want at least %d", path, len(examples), least)
		}
		for _, e := range examples {
			text := whole(t, e[1])
			if _, err := LoadBytes(path, []byte(text), documented); err != nil {
				t.Errorf("%s: %v\n%s", path, err, text)
			}
		}
	}
}

// Each key that is accepted is in the document, so that nobody has to read code.
func TestEveryKeyIsDocumented(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	s := loadSchema(t)
	inRulesMd := map[string]bool{}
	for _, name := range evaluate.Kinds() {
		inRulesMd[name] = true
	}
	var walk func(schema map[string]any)
	walk = func(schema map[string]any) {
		properties, _ := schema["properties"].(map[string]any)
		for key, below := range properties {
			if !regexp.MustCompile("(?m)[`.]" + key + "[`:.]|^## .*\\b" + key + "\\b").Match(b) {
				t.Errorf("got no `%s` in docs/configuration.md", key)
			}
			if !inRulesMd[key] { // a kind's own keys are in docs/rules.md
				walk(below.(map[string]any))
			}
		}
		if items, ok := schema["items"].(map[string]any); ok {
			walk(items)
		}
	}
	walk(s.root)
	for _, kind := range notify.Kinds() {
		if !strings.Contains(string(b), "**"+kind+"**") {
			t.Errorf("got no section about the channel %s", kind)
		}
	}
}
