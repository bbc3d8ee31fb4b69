package config

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// place reads a file in an environment without any variable but EMPTY.
func place(text string) Place {
	return ReadPlaceBytes("rules.yaml", []byte(text), func(name string) (string, bool) { return "", name == "EMPTY" })
}

func TestTheDatabaseIsFoundWhateverElseIsWrongWithTheFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text     string
		database string
		problems int
	}{
		"nothing is wrong":                 {small, "data/alerter.db", 0},
		"a path of its own":                {small + "storage: {path: other.db}", "other.db", 0},
		"the key is empty":                 {strings.Replace(small, "ANTHROPIC_ADMIN_KEY", "EMPTY", 1), "data/alerter.db", 0},
		"variables that have a default":    {small + "storage: {path: '${DIR:-data}/x.db'}", "data/x.db", 0},
		"secrets of receivers are missing": {"storage: {path: x.db}\norganizations: [{admin_key: '${K}'}]\nreceivers: [{name: a, slack: {channel: '#a', token: '${T}'}}]\nroute: {receiver: '${R}'}\nweb: {listen: '${L}', token: '${T}'}\n", "x.db", 0},
		"rules and sections are wrong":     {small + "storage: {path: x.db}\nrules: [{alert: A, presure: {}}, 5]\nweb: 7\nroutes: {}\n", "x.db", 4},
		"the retention is wrong":           {small + "storage: {retention: 5, path: x.db, retain: 6}", "x.db", 2},
		"sections are missing":             {"storage: {path: x.db}", "x.db", 2},
		"an empty section":                 {small + "storage:\n", "data/alerter.db", 0},
		"a merged section":                 {"x: &x {path: x.db}\n" + small + "storage: {<<: *x}", "x.db", 1},
	} {
		p := place(c.text)
		if got, err := p.Database(); got != c.database || err != nil || len(p.Problems) != c.problems {
			t.Errorf("%s: got %q, error %v and problems %v, want %q and %d problems", name, got, err, p.Problems, c.database, c.problems)
		}
	}
}

func TestAPathThatCannotBeKnownIsNeverGuessed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		small + "storage: {path: '${DIR}/x.db'}": "rules.yaml:4:17: environment variable DIR is not set where this command runs: set it there, or write ${DIR:-…} to give it a default",
		small + "storage: {path: '${EMPTY}'}":    "rules.yaml:4:17: the variables in it are empty",
		small + "storage: {path: ''}":            "rules.yaml:4:17: storage.path is empty: name a file, such as data/alerter.db",
		small + "storage: {path: [x.db]}":        "rules.yaml:4:17: want a text, got a list",
		small + "storage: {pth: x.db}":           `rules.yaml:4:11: unknown key "pth" (did you mean "path"?)`,
		small + "storge: {path: x.db}":           `rules.yaml:4:1: unknown key "storge" (did you mean "storage"?)`,
		small + "storage: x.db":                  "rules.yaml:4:10: want keys and values, got a text",
		small + "storage: {path: ':memory:'}":    "rules.yaml:4:17: storage.path is the path of a file: not :memory:, not file:…, without ? and #",
		small + "\tstorage: {path: x.db}":        "rules.yaml:4:1: the line begins with a tab: YAML is indented with spaces",
		"":                                       "rules.yaml:1:1: the file is empty: it needs at least organizations and receivers",
	} {
		got, err := place(text).Database()
		if _, ok := errors.AsType[Errors](err); !ok || err.Error() != want || got != "" {
			t.Errorf("%s:\ngot %q, error %v\nwant error %s", text, got, err, want)
		}
	}
}

func TestTooMuchForOneFileLeavesNothingKnown(t *testing.T) {
	t.Parallel()
	text := "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n" + small
	if got, err := place(text).Database(); err == nil || got != "" {
		t.Errorf("got %q, want an error", got)
	}
}

func TestThePageIsFoundWhateverElseIsWrongWithTheFile(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Web{
		small:                                 {Listen: "127.0.0.1:9911"},
		small + "web: {listen: '0.0.0.0:80'}": {Listen: "0.0.0.0:80"}, // though it lacks a token
		small + "web: {listen: '[::1]:80', token: '${T}', external_url: 5}": {Listen: "[::1]:80"},
		small + "web: {tls: {cert_file: gone.pem, key_file: gone.key}}":     {Listen: "127.0.0.1:9911", TLS: TLS{CertFile: "gone.pem", KeyFile: "gone.key"}},
		small + "storage: 5": {Listen: "127.0.0.1:9911"},
	} {
		if got, err := place(text).Web(); got != want || err != nil {
			t.Errorf("%s: got %+v, error %v, want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		small + "web: {listen: '${L}'}":                        "rules.yaml:4:15: environment variable L is not set where this command runs: set it there, or write ${L:-…} to give it a default",
		small + "web: {listen: somewhere}":                     "rules.yaml:4:15: web.listen: it is not host:port, such as 127.0.0.1:9911",
		small + "web: {lisen: 'x:1'}":                          `rules.yaml:4:7: unknown key "lisen" (did you mean "listen"?)`,
		small + "web: {tls: {cert_file: '${C}', key_file: x}}": "rules.yaml:4:24: environment variable C is not set where this command runs: set it there, or write ${C:-…} to give it a default",
	} {
		if got, err := place(text).Web(); err == nil || err.Error() != want || got != (Web{}) {
			t.Errorf("%s: got %+v, error %v, want error %s", text, got, err, want)
		}
	}
}

func TestAFileThatIsNotThereIsNoPlace(t *testing.T) {
	t.Parallel()
	p := ReadPlace("gone.yaml", nothing)
	_, err := p.Database()
	if _, webErr := p.Web(); err == nil || webErr == nil || len(p.Problems) != 1 || p.Problems[0].File != "gone.yaml" {
		t.Errorf("got errors %v and %v and problems %v, want the missing file", err, webErr, p.Problems)
	}
	if got := p.Settle("acme"); got != 5*time.Minute {
		t.Errorf("got settle %s, want the default", got)
	}
	path := write(t, "rules.yaml", small+"storage: {path: x.db}", 0o600)
	if got, err := ReadPlace(path, nothing).Database(); got != "x.db" || err != nil {
		t.Errorf("got %q, error %v, want x.db", got, err)
	}
}

func TestSettleTimesAreThoseOfTheOrganization(t *testing.T) {
	t.Parallel()
	p := place("organizations: [{name: a, admin_key: '${K}', settle: 3m}, {name: b, settle: 7m}]")
	got := []time.Duration{p.Settle("a"), p.Settle("b"), p.Settle("somebody else"), (&Config{}).Settle("a")}
	if diff := cmp.Diff([]time.Duration{3 * time.Minute, 7 * time.Minute, 3 * time.Minute, 5 * time.Minute}, got); diff != "" {
		t.Errorf("settle (-want +got):\n%s", diff)
	}
}

func TestAFileMayHoldNothingButRules(t *testing.T) {
	t.Parallel()
	c, err := LoadRulesBytes("team.yaml", []byte("rules: [{alert: A, pressure: {}}]"), nothing)
	if err != nil || len(c.Rules) != 1 || c.Tree.Root != nil || c.Path != "team.yaml" {
		t.Fatalf("got %+v, error %v, want one rule and no root route", c, err)
	}
	for text, want := range map[string]string{
		"rules: []\nroute: {receiver: console}":       "team.yaml:1:1: receivers is missing or empty",
		"rules: [{alert: A, pressure: {}}]\nrule: []": `team.yaml:2:1: unknown key "rule"`,
	} {
		if _, err := LoadRulesBytes("team.yaml", []byte(text), nothing); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got error %v, want %s", text, err, want)
		}
	}
}
