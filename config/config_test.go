package config

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
)

// onlyKey is an environment with nothing but an admin key.
func onlyKey(name string) (string, bool) {
	if name == "ANTHROPIC_ADMIN_KEY" {
		return "sk-ant-admin01-first", true
	}
	return "", false
}

// nothing is an empty environment.
func nothing(string) (string, bool) { return "", false }

// small is the least a file needs; sections are added behind it.
const small = `
organizations: [{admin_key: "${ANTHROPIC_ADMIN_KEY}"}]
receivers: [{name: console, console: {}}]
`

// mustLoad loads a file that is right.
func mustLoad(t *testing.T, text string) *Config {
	t.Helper()
	c, err := LoadBytes("rules.yaml", []byte(text), environment)
	if err != nil {
		t.Fatalf("load: %v\n%s", err, text)
	}
	return c
}

// write makes a file in a folder of the test's own and returns its path.
func write(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return path
}

// shipped is the rules.yaml in the repository.
func shipped(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("../rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheShippedFileNeedsNothingButAKey(t *testing.T) {
	t.Parallel()
	c, err := Load("../rules.yaml", onlyKey)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) > 0 {
		t.Errorf("got warnings %q, want none", c.Warnings)
	}
	var alerts []string
	for _, r := range c.Rules {
		alerts = append(alerts, r.Alert)
	}
	if want := []string{"LimitPressure", "GrowthAhead", "LimitChanged", "DataStale"}; !slices.Equal(alerts, want) {
		t.Errorf("got rules %q, want %q", alerts, want)
	}
	if c.Path != "../rules.yaml" || c.BuiltIn {
		t.Errorf("got path %q, built in %t, want the file's path", c.Path, c.BuiltIn)
	}
}

func TestTheBuiltInCopyIsMarked(t *testing.T) {
	t.Parallel()
	c, err := LoadBuiltIn(shipped(t), onlyKey)
	if err != nil {
		t.Fatal(err)
	}
	if !c.BuiltIn || c.Path != "" {
		t.Errorf("got path %q, built in %t, want none and true", c.Path, c.BuiltIn)
	}
}

func TestTheBuiltInCopyWithoutAKeySaysWhatToDo(t *testing.T) {
	t.Parallel()
	empty := func(string) (string, bool) { return "", true }
	for _, env := range []func(string) (string, bool){nothing, empty} {
		_, err := LoadBuiltIn(shipped(t), env)
		if err == nil || !strings.HasPrefix(err.Error(), "ANTHROPIC_ADMIN_KEY is not set where this command runs: ") {
			t.Errorf("got %v, want a plain message that begins with the variable", err)
		}
	}
}

func TestTheBuiltInCopyWithABadKeyIsRefused(t *testing.T) {
	t.Parallel()
	_, err := LoadBuiltIn(shipped(t), func(string) (string, bool) { return "two words", true })
	if err == nil || !strings.Contains(err.Error(), "rules.yaml (built in):") {
		t.Errorf("got %v, want a problem in the built-in file", err)
	}
}

// example is a line that would be configuration without its #.
var example = regexp.MustCompile(`(?m)^( *)# ( *(?:- )?[a-z_]+:.*)$`)

func TestEveryExampleInTheShippedFileLoads(t *testing.T) {
	t.Parallel()
	text := example.ReplaceAllString(string(shipped(t)), "$1$2")
	if n := len(example.FindAllString(string(shipped(t)), -1)); n < 25 {
		t.Fatalf("found %d commented lines of configuration, want more: the pattern is wrong", n)
	}
	password := write(t, "smtp", "secret\n", 0o600)
	text = strings.Replace(text, "/run/secrets/smtp", password, 1)
	env := func(name string) (string, bool) {
		value, ok := map[string]string{
			"ANTHROPIC_ADMIN_KEY": "sk-ant-admin01-first",
			"SLACK_BOT_TOKEN":     "xoxb-test",
			"WEBHOOK_SECRET":      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		}[name]
		return value, ok
	}
	c, err := LoadBytes("rules.yaml", []byte(text), env)
	if err != nil {
		t.Fatalf("load: %v\n%s", err, text)
	}
	if len(c.Receivers) != 4 || len(c.Rules) != 5 || len(c.Tree.Root.Routes) != 2 || c.Heartbeat.URL == "" || c.Organizations[0].Name != "acme" {
		t.Errorf("got %d receivers, %d rules, %d routes, heartbeat %q, organization %q: some example was not read",
			len(c.Receivers), len(c.Rules), len(c.Tree.Root.Routes), c.Heartbeat.URL, c.Organizations[0].Name)
	}
}

func TestAFileThatSaysLittleHasDefaults(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, small)
	o := c.Organizations[0]
	want := Organization{
		AdminKey: "sk-ant-admin01-first", BaseURL: "https://api.anthropic.com", UsageSource: "auto",
		Settle: 5 * time.Minute, Backfill: 24 * time.Hour,
	}
	if o != want {
		t.Errorf("got organization %#v, want %#v", o, want)
	}
	if want := (Storage{Path: "data/alerter.db", Retention: 90 * 24 * time.Hour}); c.Storage != want {
		t.Errorf("got storage %+v, want %+v", c.Storage, want)
	}
	if want := (Web{Listen: "127.0.0.1:9911"}); c.Web != want {
		t.Errorf("got web %+v, want %+v", c.Web, want)
	}
	if want := (Heartbeat{Every: time.Minute}); c.Heartbeat != want {
		t.Errorf("got heartbeat %+v, want %+v", c.Heartbeat, want)
	}
	s := c.Schedule
	if got, want := []string{s.Usage.Text, s.Limits.Text, s.Attribution.Text, s.Location.String()},
		[]string{"@every 1m", "@every 15m", "@every 5m", "UTC"}; !slices.Equal(got, want) {
		t.Errorf("got schedule %q, want %q", got, want)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "there are no rules") {
		t.Errorf("got warnings %q, want one about the missing rules", c.Warnings)
	}
}

func TestRulesHaveTheDefaultsOfTheirKind(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, small+`
rules:
  - {alert: P, pressure: {warning: 85%}}
  - {alert: T, threshold: {warning: 0.98}}
  - {alert: S, stale: {warning: 15m}}
  - {alert: L, limit_change: }
`)
	type timing struct {
		Alert, Kind                        string
		For, KeepFiringFor, RepeatInterval time.Duration
	}
	var got []timing
	for _, r := range c.Rules {
		got = append(got, timing{r.Alert, r.Condition.Kind(), r.For, r.KeepFiringFor, r.RepeatInterval})
	}
	want := []timing{
		{"P", "pressure", 0, 15 * time.Minute, time.Hour},
		{"T", "threshold", 2 * time.Minute, 10 * time.Minute, 0},
		{"S", "stale", 0, 0, 0},
		{"L", "limit_change", 0, 0, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestARuleTakesEveryKeyOfItsKind(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, small+`
rules:
  - alert: HighUtilization
    threshold: {warning: 98%}
    over: 7m
    clear: 90%
    for: 3m
    keep_firing_for: 0s
    repeat_interval: 2h
    match: {limiter: [a, b], workspace: "*"}
`)
	got, err := c.Rules[0].MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	want := evaluate.Rule{
		Alert:     "HighUtilization",
		Condition: &evaluate.Threshold{Warning: 0.98, Over: evaluate.Duration(7 * time.Minute), Clear: 0.9},
		For:       3 * time.Minute, RepeatInterval: 2 * time.Hour,
		Match: evaluate.Match{Limiter: []string{"a", "b"}, Workspace: []string{"*"}},
	}
	text, err := want.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(got)); diff != "" {
		t.Errorf("rule (-want +got):\n%s", diff)
	}
}

func TestTheHashIsOfTheFilesBytes(t *testing.T) {
	t.Parallel()
	a, b, c := mustLoad(t, small), mustLoad(t, small), mustLoad(t, small+"# more\n")
	if a.Hash != b.Hash || a.Hash == c.Hash || len(a.Hash) != 64 {
		t.Errorf("got hashes %s, %s and %s, want the first two alike", a.Hash, b.Hash, c.Hash)
	}
}

func TestErrorsAreSortedAndEachOnce(t *testing.T) {
	t.Parallel()
	e := Errors{{"b", 1, 1, "x"}, {"a", 2, 1, "x"}, {"a", 1, 9, "x"}, {"a", 1, 2, "y"}, {"a", 1, 2, "x"}, {"a", 2, 1, "x"}, {"a", 0, 0, "all"}, {Message: "none"}}
	want := "none\na: all\na:1:2: x\na:1:2: y\na:1:9: x\na:2:1: x\nb:1:1: x"
	if got := e.sorted().Error(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAFileThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"no/such/rules.yaml": "no/such/rules.yaml: read the file: no such file or directory",
		"..":                 "..: is a folder: name the file in it",
	} {
		_, err := Load(path, nothing)
		if _, ok := errors.AsType[Errors](err); !ok || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestRelativeSecretFilesStartFromTheFilesFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Dir(write(t, "key", " sk-ant-admin01-file\n", 0o600))
	path := filepath.Join(folder, "rules.yaml")
	text := "organizations: [{admin_key_file: key}]\nreceivers: [{name: s, slack: {channel: '#ops', token_file: ./key}}]\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, nothing)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Organizations[0].AdminKeyFile, filepath.Join(folder, "key"); got != want {
		t.Errorf("got key file %q, want %q", got, want)
	}
	if key, err := c.Organizations[0].Key(); key != "sk-ant-admin01-file" || err != nil {
		t.Errorf("got key %q, %v, want the file's content without spaces", key, err)
	}
}
