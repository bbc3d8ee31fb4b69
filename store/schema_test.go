package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// A merged migration never changes: databases that had it would not get the
// change, and would be refused as another program's. What is to be different goes
// into a new file with the next number.
func TestTheFirstMigrationIsFrozen(t *testing.T) {
	t.Parallel()
	content, err := migrationFiles.ReadFile("migrations/0001_first.sql")
	if err != nil {
		t.Fatal(err)
	}
	const want = "263e1cb6806568e38d3fa72156b0143cce7ffdae1a21cacb5fe65bd3d316695a"
	if got := fmt.Sprintf("%x", sha256.Sum256(content)); got != want {
		t.Errorf("0001_first.sql has changed (got %s, want %s): put it back, and write a new file with the next number", got, want)
	}
}

// changed is a database of the present version after the given statements.
func changed(t *testing.T, statements ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "alerter.db")
	s := openAt0(t, path)
	for _, text := range statements {
		if _, err := s.write.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, s)
	return path
}

func TestADatabaseWithOtherTablesIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statement, want string
	}{
		"a column is missing": {"ALTER TABLE organizations DROP COLUMN watched", "table organizations"},
		"a column is new":     {"ALTER TABLE ticks ADD COLUMN mood TEXT", "table ticks"},
		"a table is missing":  {"DROP TABLE deliveries", "table deliveries"},
		"an index is missing": {"DROP INDEX troubles_open", "index troubles_open"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := changed(t, c.statement)
			for _, o := range []Options{{}, {Lock: true}, {ReadOnly: true}} {
				_, err := Open(context.Background(), path, o)
				e, ok := errors.AsType[*SchemaError](err)
				if !ok || e.Kind+" "+e.Name != c.want || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "move the file away") {
					t.Errorf("%+v: got error %v, want a SchemaError of %s that says what to do", o, err, c.want)
				}
			}
		})
	}
}

func TestWhatOthersAddToADatabaseIsTheirs(t *testing.T) {
	t.Parallel()
	path := changed(t, "CREATE INDEX mine ON ticks (problem)", "CREATE VIEW noisy AS SELECT * FROM alerts", "ANALYZE")
	openAt(t, path, Options{Lock: true})
}

func TestCommentsAndLineBreaksMakeNoOtherSchema(t *testing.T) {
	t.Parallel()
	got := plainSQL("CREATE TABLE a ( -- why\n\tb TEXT,\n  c INTEGER -- what\n) STRICT")
	check(t, "statement", got, "CREATE TABLE a ( b TEXT, c INTEGER ) STRICT")
}

func TestAMigrationWithALowerNumberIsAppliedLater(t *testing.T) {
	t.Parallel()
	db, err := dialLazily("file::memory:", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	file := func(table string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE " + table + " (a TEXT) STRICT;\n")}
	}
	files := fstest.MapFS{"0001_a.sql": file("a"), "0003_c.sql": file("c")}
	if err := applyMigrations(t.Context(), db.DB, files); err != nil {
		t.Fatal(err)
	}
	files["0002_b.sql"] = file("b")
	if err := applyMigrations(t.Context(), db.DB, files); err != nil {
		t.Fatal(err)
	}
	got, err := migrationsOf(t.Context(), db)
	check(t, "migrations", got, []int64{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
}
