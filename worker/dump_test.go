package worker

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
)

// dump is the whole database as text, table by table.
func (d *desk) dump() map[string][]string {
	d.t.Helper()
	db, err := sql.Open("sqlite", "file:"+d.path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		d.t.Fatal(err)
	}
	defer db.Close()
	all := map[string][]string{}
	for _, name := range query(d.t, db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
		all[name] = query(d.t, db, "SELECT * FROM "+name)
	}
	return all
}

func query(t *testing.T, db *sql.DB, statement string) (out []string) {
	t.Helper()
	rows, err := db.Query(statement)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		fields := make([]string, len(values))
		for i, v := range values {
			fields[i] = fmt.Sprint(*v.(*any))
		}
		out = append(out, strings.Join(fields, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
