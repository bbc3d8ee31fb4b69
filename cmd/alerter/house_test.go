package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows is the table of docs/house.md: which package of ours a package may
// import. Whoever is not in it may import none; cmd/alerter may import all.
var arrows = map[string][]string{
	"worker":          {"store", "notify", "notify/route", "notify/chart", "evaluate", "usage"},
	"config":          {"notify", "notify/route", "evaluate/replay", "evaluate", "usage", "fetch/live"},
	"web":             {"store", "notify/route", "notify/chart", "evaluate", "usage"},
	"fetch":           {"usage"},
	"fetch/live":      {"usage"},
	"store":           {"notify/route", "evaluate", "usage"},
	"notify":          {"notify/chart", "notify/route", "evaluate", "usage"},
	"notify/chart":    {"usage", "usage/forecast"},
	"evaluate/replay": {"notify/route", "evaluate", "usage"},
	"notify/route":    {"evaluate", "usage"},
	"evaluate":        {"usage/forecast", "usage"},
	"usage/forecast":  {"usage"},
}

// thirdParty is which modules of others a folder may import from.
var thirdParty = map[string][]string{
	"fetch":        {"github.com/anthropics/anthropic-sdk-go/v2"},
	"fetch/live":   {"github.com/prometheus/common/expfmt", "github.com/prometheus/common/model", "github.com/prometheus/client_model", "go.opentelemetry.io/proto/otlp", "google.golang.org/protobuf"},
	"store":        {"github.com/jmoiron/sqlx", "github.com/pressly/goose/v3", "modernc.org/sqlite"},
	"notify":       {"github.com/slack-go/slack", "github.com/wneessen/go-mail", "github.com/standard-webhooks/standard-webhooks"},
	"notify/chart": {"github.com/go-analyze/charts"},
	"worker":       {"github.com/robfig/cron/v3", "golang.org/x/time/rate", "github.com/rs/zerolog", "github.com/prometheus/client_golang"},
	"config":       {"go.yaml.in/yaml/v4", "github.com/invopop/jsonschema", "github.com/robfig/cron/v3", "github.com/prometheus/common/model"},
	"web":          {"github.com/prometheus/client_golang", "github.com/rs/zerolog"},
	"cmd/alerter": {
		"github.com/alecthomas/kong", "github.com/jedib0t/go-pretty/v6", "golang.org/x/term",
		"github.com/robfig/cron/v3", "golang.org/x/time/rate", "github.com/rs/zerolog", "github.com/prometheus/client_golang",
	},
}

// core holds the packages without clock, I/O, log and context.
var core = []string{"usage", "usage/forecast", "evaluate", "evaluate/replay", "notify/route"}

// outside are the parts of the standard library that the core stays away from.
var outside = []string{"context", "os", "os/exec", "net", "net/http", "log", "log/slog", "database/sql", "io/fs"}

// clockFunctions are the functions of package time that read or wait for the clock.
var clockFunctions = []string{"Now", "Since", "Until", "Sleep"}

// source is one non-test file, parsed.
type source struct {
	folder string // of its package, below the module; empty for the root
	name   string
	file   *ast.File
	at     func(ast.Node) string // a node's position, for people
}

func TestImportsFollowTheTableInHouseMd(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, imported := range s.imports() {
			if why := forbidden(s.folder, imported); why != "" {
				t.Errorf("%s/%s imports %s: %s", s.folder, s.name, imported, why)
			}
		}
	}
}

func TestOnlyCmdReadsTheClock(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if strings.HasPrefix(s.folder, "cmd/") {
			continue
		}
		for _, call := range s.clockReadings() {
			t.Errorf("%s: outside cmd, time is an argument or a Now field", call)
		}
	}
}

func TestTheImportRulesCatchWhatTheyForbid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		folder, imported string
		allowed          bool
	}{
		{"worker", "alerter/store", true},
		{"worker", "alerter/fetch", false},
		{"fetch/simulate", "alerter/usage", false},
		{"usage", "alerter/evaluate", false},
		{"cmd/alerter", "alerter/worker", true},
		{"", "alerter/config", false},
		{"config", "go.yaml.in/yaml/v4", true},
		{"config", "go.yaml.in/yaml/v4/plugin", true},
		{"config", "go.yaml.in/yaml/v40", false},
		{"evaluate", "go.yaml.in/yaml/v4", false},
		{"evaluate", "math", true},
		{"evaluate", "context", false},
		{"notify/route", "os", false},
		{"store", "context", true},
	} {
		if got := forbidden(c.folder, c.imported) == ""; got != c.allowed {
			t.Errorf("%s imports %s: got allowed %t, want %t", c.folder, c.imported, got, c.allowed)
		}
	}
}

// forbidden says why a package may not import another; empty: it may.
func forbidden(folder, imported string) string {
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case imported == "alerter" || first == "alerter":
		ours := strings.TrimPrefix(strings.TrimPrefix(imported, "alerter"), "/")
		if folder != "cmd/alerter" && !slices.Contains(arrows[folder], ours) {
			return "docs/house.md draws no such arrow"
		}
	case strings.Contains(first, "."):
		for _, allowed := range thirdParty[folder] {
			if imported == allowed || strings.HasPrefix(imported, allowed+"/") {
				return ""
			}
		}
		return "this third-party code has no place in this folder"
	case slices.Contains(core, folder) && slices.Contains(outside, imported):
		return "the core has no clock, no I/O, no log and no context"
	}
	return ""
}

// imports are the paths a file imports.
func (s source) imports() []string {
	var all []string
	for _, i := range s.file.Imports {
		imported, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			panic("unreachable: the file was parsed")
		}
		all = append(all, imported)
	}
	return all
}

// clockReadings are the places where a file uses one of the clock's functions.
func (s source) clockReadings() []string {
	name := ""
	for _, i := range s.file.Imports {
		if i.Path.Value == `"time"` {
			name = "time"
			if i.Name != nil {
				name = i.Name.Name
			}
		}
	}
	var found []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains(clockFunctions, sel.Sel.Name) {
			if x, ok := sel.X.(*ast.Ident); ok && name != "" && x.Name == name {
				found = append(found, fmt.Sprintf("%s uses time.%s", s.at(sel), sel.Sel.Name))
			}
		}
		return true
	})
	return found
}

// sources parses every non-test file of the module, those for other systems too.
func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,GoFiles,CgoFiles,IgnoredGoFiles", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []source
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Dir                   string
			GoFiles, CgoFiles, IgnoredGoFiles []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("read the answer of go list: %v", err)
		}
		folder := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "alerter"), "/")
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles) {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatalf("parse %s: %v", path.Join(folder, name), err)
			}
			all = append(all, source{folder, name, file, func(n ast.Node) string {
				return fmt.Sprintf("%s:%d", path.Join(folder, name), files.Position(n.Pos()).Line)
			}})
		}
	}
	if len(all) < 20 {
		t.Fatalf("go list named only %d files: this test looks at the wrong place", len(all))
	}
	return all
}
