package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/jmoiron/sqlx"
)

// SchemaError says that a database has had this program's migrations, and has
// other tables than they make: an unreleased version wrote it, or somebody changed
// it by hand.
type SchemaError struct {
	Path string
	Kind string // table or index
	Name string // of the first one that differs or is missing
}

// Error says what to do.
func (e *SchemaError) Error() string {
	return fmt.Sprintf("database %s is not as this version of alerter makes it: its %s %s differs or is missing: "+
		"move the file away (with its -wal and -shm), then the service makes a new one and reads the limits and the last hours again", e.Path, e.Kind, e.Name)
}

// schemaRow is a table or an index.
type schemaRow struct {
	Type string `db:"type"`
	Name string `db:"name"`
	SQL  string `db:"sql"`
}

// schemaOf lists what migrations have made, tables before their indexes.
func schemaOf(ctx context.Context, db *sqlx.DB) ([]schemaRow, error) {
	var rows []schemaRow
	err := db.SelectContext(ctx, &rows, `
		SELECT type, name, sql FROM sqlite_schema
		WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND tbl_name <> 'goose_db_version'
		ORDER BY tbl_name, type DESC, name`)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	for i := range rows {
		rows[i].SQL = plainSQL(rows[i].SQL)
	}
	return rows, nil
}

var sqlComment = regexp.MustCompile(`--[^\n]*`)

// plainSQL leaves comments and line breaks out, in which schemas may differ.
func plainSQL(s string) string {
	return strings.Join(strings.Fields(sqlComment.ReplaceAllString(s, " ")), " ")
}

// ownSchema is what this program's migrations make. It is worked out once, when it
// is first needed, and never changes.
var ownSchema = sync.OnceValues(func() (rows []schemaRow, err error) {
	ctx := context.Background() // whoever asks first must not end it for others
	db, err := dialLazily("file::memory:", 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := applyOwn(ctx, db.DB); err != nil {
		return nil, fmt.Errorf("make the schema to compare with: %w", err)
	}
	return schemaOf(ctx, db)
})

// checkSchema refuses a database in which something of ours is missing or not as
// it should be: its statements would fail later, in the middle of the work. What
// others have added, an index or a view, is theirs.
func (s *Store) checkSchema(ctx context.Context, db *sqlx.DB) error {
	want, err := ownSchema()
	if err != nil {
		return err
	}
	rows, err := schemaOf(ctx, db)
	if err != nil {
		return err
	}
	have := make(map[string]string, len(rows))
	for _, r := range rows {
		have[r.Name] = r.SQL
	}
	for _, r := range want {
		if have[r.Name] != r.SQL {
			return &SchemaError{Path: s.path, Kind: r.Type, Name: r.Name}
		}
	}
	return nil
}
