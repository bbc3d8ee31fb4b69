package worker

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
)

// breakTable makes every INSERT into, or UPDATE of, a table fail: a trigger that
// a second connection puts into the database. It returns what takes it out again.
// what is INSERT, UPDATE, or UPDATE OF a column.
func breakTable(t *testing.T, path, what, table string) (heal func()) {
	t.Helper()
	name := "broken_" + strings.ReplaceAll(strings.ToLower(what), " ", "_") + "_" + table
	execute(t, path, fmt.Sprintf("CREATE TRIGGER %s BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'the disk is broken'); END", name, what, table))
	return func() {
		t.Helper()
		execute(t, path, "DROP TRIGGER "+name)
	}
}

func execute(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
