package config

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/usage"
)

func TestEveryMistakeInRuleTestsIsReportedWhereItIs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"many", "no_tests", "bad_rules"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("..", "testdata", "rules", "badtests", name+".yaml")
			_, err := LoadCases(path, environment)
			if _, ok := errors.AsType[Errors](err); !ok {
				t.Fatalf("got error %v, want Errors", err)
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".txt", filepath.ToSlash(err.Error())+"\n")
		})
	}
}

// caseFiles are the files of rule tests in the repository.
func caseFiles(t *testing.T) []string {
	t.Helper()
	files := []string{"../rules.test.yaml"}
	more, err := filepath.Glob("../testdata/rules/tests/*.test.yaml")
	if err != nil || len(more) < len(evaluate.Kinds()) {
		t.Fatalf("got %d files of rule tests (%v), want at least %d", len(more), err, len(evaluate.Kinds()))
	}
	return append(files, more...)
}

func TestRulesDoWhatTheirTestsSay(t *testing.T) {
	t.Parallel()
	for _, file := range caseFiles(t) {
		cases, err := LoadCases(file, nothing)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			t.Run(filepath.Base(file)+"/"+c.Name, func(t *testing.T) {
				t.Parallel()
				for i := range c.Alerts {
					for j := range c.Alerts[i].Alerts {
						c.Alerts[i].Alerts[j].Annotations = nil // whose wording is notify's
					}
				}
				for _, f := range c.Run(nil) {
					t.Error(f)
				}
			})
		}
	}
}

// Whatever can be told of an alert, a rule test of ours expects.
func TestRuleTestsExpectEveryReason(t *testing.T) {
	t.Parallel()
	expected := make(map[string]bool)
	for _, file := range caseFiles(t) {
		cases, err := LoadCases(file, nothing)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			for _, w := range c.Messages {
				for _, m := range w.Messages {
					expected[string(m.Reason)] = true
				}
			}
		}
	}
	for _, reason := range reasons {
		if !expected[reason] {
			t.Errorf("no rule test expects a message that is %s", reason)
		}
	}
}

// Whoever reads about a rule kind can see what its example does.
func TestEveryExampleInTheRulesHasTests(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, example := range block.FindAllStringSubmatch(string(b), -1) {
		c, err := LoadRulesBytes("rules.md", []byte(example[1]), nothing)
		if err != nil {
			t.Fatal(err)
		}
		name := "../testdata/rules/tests/" + c.Rules[0].Condition.Kind()
		golden(t, name+".yaml", example[1])
		if cases, err := LoadCases(name+".test.yaml", nothing); err != nil || len(cases) == 0 {
			t.Errorf("%s.test.yaml: got %d tests (%v), want some", name, len(cases), err)
		}
	}
}

func TestValuesAreWrittenAsForPromtool(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for text, want := range map[string][]float64{
		"1":          {1},
		"1 2.5  3e2": {1, 2.5, 300},
		"5x3":        {5, 5, 5, 5},
		"5x0":        {5},
		"1+2x3":      {1, 3, 5, 7},
		"9-3x3":      {9, 6, 3, 0},
		"_":          {nan},
		"_x3 4":      {nan, nan, nan, 4},
		"1 stale":    {1, nan},
	} {
		got, err := expandValues(text)
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" || err != nil {
			t.Errorf("%q: error %v (-want +got):\n%s", text, err, diff)
		}
	}
	for text, want := range map[string]string{
		"":            "there are no values: write such as 200x20 960x20",
		"1+2":         `"1+2" is not a value: write 5, 5x3, 5+2x3, 5-2x3, _, _x3 or stale`,
		"-1":          `"-1" is not a value: write 5, 5x3, 5+2x3, 5-2x3, _, _x3 or stale`,
		"_+1x2":       `"_+1x2" is not a value: write 5, 5x3, 5+2x3, 5-2x3, _, _x3 or stale`,
		"2-1x3":       `"2-1x3" goes below zero: nobody uses less than nothing`,
		"1x999999999": `"1x999999999" is more than 100000 values`,
		"1x99999 1x9": "more than 100000 values",
		"1e999":       `"1e999" is too large a number`,
	} {
		if got, err := expandValues(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, error %v, want %s", text, got, err, want)
		}
	}
}

func TestASeriesIsReadAsPrometheusWritesIt(t *testing.T) {
	t.Parallel()
	want := usage.Labels{Organization: "a=b, c", Workspace: `x"y`, ModelGroup: "Claude Opus 5", Limiter: "output_tokens_per_minute"}
	for _, text := range []string{
		`used{organization="a=b, c",workspace="x\"y",model_group="Claude Opus 5",limiter="output_tokens_per_minute"}`,
		` used { limiter = "output_tokens_per_minute" , organization="a=b, c", workspace="x\"y", model_group="Claude Opus 5", } `,
	} {
		got, err := usedSeries(text)
		if err != nil || got != want {
			t.Errorf("%s: got %+v (%v), want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"used", "used{", "{}", "used{}", `used{organization=acme}`, `used{organization="a" model_group="b"}`, `used{organization="a",organization="b"}`} {
		if got, err := usedSeries(text); err == nil {
			t.Errorf("%s: got %+v, want an error", text, got)
		}
	}
}

func TestARuleTestIsNotAboutALimitThatCannotBeWatched(t *testing.T) {
	t.Parallel()
	path := write(t, "batch.test.yaml", `rule_files: [rules.yaml]
tests:
  - limits:
      - {organization: acme, model_group: Message Batches, limiter: enqueued_batch_requests, value: 5}
`, 0o600)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "rules.yaml"), []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	want := path + `:4:9: limiter "enqueued_batch_requests" cannot be watched: it is not a rate`
	if _, err := LoadCases(path, environment); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestRulesAreReadWithoutTheServicesSecrets(t *testing.T) {
	t.Parallel()
	c, err := LoadRules("../testdata/rules/badtests/rules.yaml", environment)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rules) != 1 || c.Tree.Root == nil || c.Organizations[0].Settle != 3*time.Minute {
		t.Errorf("got %d rules, root %v, settle %s", len(c.Rules), c.Tree.Root, c.Organizations[0].Settle)
	}
	text := strings.Replace(small, "${ANTHROPIC_ADMIN_KEY}", "${NOT_SET}", 1) + "rules: [{alert: A, pressure: {warnin: 5%}}]\nroute: {receiver: nobody}\nwebb: {}\n"
	_, err = LoadRulesBytes("rules.yaml", []byte(text), environment)
	for _, want := range []string{`"warnin"`, `"nobody"`, `"webb"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a problem with %s", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "NOT_SET") {
		t.Errorf("got %v, want nothing about the key", err)
	}
}

func TestTimesAndLimitsOfATestArePutTogether(t *testing.T) {
	t.Parallel()
	cases, err := LoadCases("../rules.test.yaml", environment)
	if err != nil {
		t.Fatal(err)
	}
	first := cases[0]
	if got := len(first.Used[0].Used); got != 21+21+41 {
		t.Errorf("got %d values, want %d", got, 21+21+41)
	}
	want := []replay.WantMessages{
		{At: 45 * time.Minute, Receiver: "console", Messages: []replay.WantMessage{{Reason: "fired", Severity: "warning"}}},
		{At: 83 * time.Minute, Receiver: "console", Messages: []replay.WantMessage{{Reason: "resolved"}}},
	}
	if diff := cmp.Diff(want, first.Messages, cmpopts.IgnoreFields(replay.WantMessages{}, "Where")); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if first.Settle["acme"] != 5*time.Minute || first.Every != time.Minute {
		t.Errorf("got settle %v and a step every %s", first.Settle, first.Every)
	}
}

// What the documentation shows is what the program does.
func TestTheRuleTestInTheDocumentsPasses(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := block.FindAllSubmatch(b, -1)
	if len(examples) != 1 {
		t.Fatalf("got %d examples, want 1", len(examples))
	}
	folder := t.TempDir()
	rules, err := os.ReadFile("../rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "rules.test.yaml")
	if err := errors.Join(os.WriteFile(filepath.Join(folder, "rules.yaml"), rules, 0o600), os.WriteFile(path, examples[0][1], 0o600)); err != nil {
		t.Fatal(err)
	}
	cases, err := LoadCases(path, environment)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range cases[0].Run(nil) {
		t.Error(f)
	}
}
