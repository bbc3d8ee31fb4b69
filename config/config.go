package config

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/robfig/cron/v3"
	"go.yaml.in/yaml/v4"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/route"
)

// Config is a checked file, ready to use.
type Config struct {
	Path    string // as given to Load; empty for the built-in copy
	BuiltIn bool   // the copy in the program was used, not a file
	Hash    string // SHA-256 of the file's bytes, hexadecimal
	// Organizations holds at least one.
	Organizations []Organization
	Schedule      Schedule
	Storage       Storage
	Rules         []evaluate.Rule // in the file's order
	Tree          route.Tree
	Receivers     []Receiver // in the file's order, at least one
	Web           Web
	Heartbeat     Heartbeat
	// Warnings are what works but deserves a look, each with its position. None holds a secret.
	Warnings []string

	file *file // the effective values, for Show
}

// Organization says how one organization is read.
type Organization struct {
	Name         string // empty: the API's name is used
	AdminKey     notify.Secret
	AdminKeyFile string // read at every use, so that a rotated key needs no restart
	BaseURL      string // without a slash at its end
	UsageSource  string // auto, analytics or usage_report
	Settle       time.Duration
	Backfill     time.Duration
}

// Schedule says when the jobs run.
type Schedule struct {
	Usage, Limits, Attribution, Digest Job
	Location                           *time.Location // the clock five-field schedules mean
}

// Job is when one job runs. Its times are right whatever zone the time given to
// Next is in.
type Job struct {
	cron.Schedule
	Text string // as in the file
}

// Storage says where minutes, limits and alerts are kept.
type Storage struct {
	Path      string // of the database, relative to the working directory
	Retention time.Duration
}

// Receiver is a named place, its settings not yet decoded.
type Receiver struct {
	Name         string
	Kind         string // the notify kind
	Settings     notify.Settings
	SendResolved bool
	Digest       bool     // it wants digests, and has a place for them
	Pace         *float64 // messages per second, 0 for no bound; nil: the kind's own default
}

// Web says where the page is and who may write through it.
type Web struct {
	Listen      string // host:port
	ExternalURL string // without a slash at its end; empty: unknown
	Token       notify.Secret
	TokenFile   string
	TLS         TLS
}

// TLS names a certificate and its key; both empty for plain HTTP.
type TLS struct {
	CertFile string
	KeyFile  string
}

// Heartbeat says which address is told that the service lives.
type Heartbeat struct {
	URL     string // empty: none. Keep it out of logs: who knows it can pretend to be us
	FailURL string // told while cycles do not succeed; empty: none. As secret as URL
	Every   time.Duration
}

// Load reads and checks the file at path. env looks up the variables that the
// file names; os.LookupEnv is one. What is wrong with the file is returned as [Errors].
func Load(path string, env func(string) (string, bool)) (*Config, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	c, err := LoadBytes(path, b, env)
	if err != nil {
		return nil, err
	}
	c.Path = path
	return c, nil
}

// LoadBytes checks what a file of that name holds. Relative paths under *_file
// keys start from the name's folder. The returned Config has the name as its Path.
func LoadBytes(name string, b []byte, env func(string) (string, bool)) (*Config, error) {
	c, r := load(name, b, env)
	if len(r.problems) > 0 {
		return nil, r.problems.sorted()
	}
	return c, nil
}

// LoadBuiltIn checks the copy of rules.yaml that the program carries. Its one
// likely mistake, a missing key, is explained to somebody who has no file yet.
func LoadBuiltIn(b []byte, env func(string) (string, bool)) (*Config, error) {
	c, r := load(BuiltInName, b, env)
	if key, _ := env(adminKeyVariable); key == "" {
		return nil, Errors{{Message: adminKeyVariable + " is not set where this command runs: set it to an Admin API key (sk-ant-admin…, made in the Console under Settings, Admin keys), " +
			"or write a rules.yaml that says where the key is (--config). To see it work without a key: alerter demo"}}
	}
	if len(r.problems) > 0 {
		return nil, r.problems.sorted()
	}
	c.Path, c.BuiltIn = "", true
	return c, nil
}

// BuiltInName is what problems call the copy of rules.yaml that the program carries.
const BuiltInName = "rules.yaml (built in)"

const adminKeyVariable = "ANTHROPIC_ADMIN_KEY"

// load takes a file all the way. The Config is only whole if the report has no problems.
func load(name string, b []byte, env func(string) (string, bool)) (*Config, *report) {
	r := &report{file: name, bad: map[*yaml.Node]bool{}}
	check := r.read(b, env)
	if check == nil {
		return nil, r
	}
	c := check.all()
	sum := sha256.Sum256(b)
	c.Path, c.Hash = name, hex.EncodeToString(sum[:])
	return c, r
}

// read decodes the report's file, as far as it can be; nil where there is nothing
// to check.
func (r *report) read(b []byte, env func(string) (string, bool)) *checks {
	root, problems := parse(r.file, b)
	if root == nil {
		r.problems = problems
		return nil
	}
	root = (&resolver{report: r, env: env}).resolve(root, 0)
	d := &decoder{report: r, folder: filepath.Dir(r.file)}
	f := defaults()
	d.decode(root, reflect.ValueOf(f).Elem())
	return &checks{decoder: d, root: root, file: f}
}

// checks is what only a decoded file can be asked, one method per section. Each
// returns the section's values as the rest of the program uses them.
type checks struct {
	*decoder
	root *yaml.Node
	file *file
}

// all checks every section.
func (c *checks) all() *Config {
	whole := &Config{file: c.file}
	whole.Storage = c.storage()
	whole.Organizations = c.organizations()
	whole.Schedule = c.schedule()
	whole.Rules = c.rules()
	whole.Receivers = c.receivers()
	whole.Tree = c.tree()
	whole.Web = c.web()
	whole.Heartbeat = c.heartbeat()
	whole.Warnings = c.warnings
	return whole
}

// mayLack reports whether only a part of the file is asked for, and it has none of
// the sections.
func (c *checks) mayLack(sections ...string) bool {
	return c.part && !slices.ContainsFunc(sections, func(s string) bool { return value(c.root, s) != nil })
}
