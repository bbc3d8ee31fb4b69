package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/jmoiron/sqlx"
)

// readers is how many Views run at once; more wait.
const readers = 4

// busyTimeout is how long a statement waits for another process's transaction,
// in milliseconds.
const busyTimeout = "busy_timeout(5000)"

// writeDSN: the driver runs busy_timeout first and the other pragmas in
// alphabetical order, which puts auto_vacuum before journal_mode, as it must
// be: the first page fixes it. FULL makes a commit survive a power cut.
// journal_size_limit cuts the write-ahead log back after a burst.
func writeDSN(path string) string {
	return fileURI(path, url.Values{
		"_pragma": {
			busyTimeout, "auto_vacuum(INCREMENTAL)", "foreign_keys(1)", "journal_mode(WAL)",
			"journal_size_limit(16777216)", "synchronous(FULL)",
		},
		"_txlock":   {"immediate"},
		"_error_rc": {"1"},
	})
}

func readDSN(path string, onlyRead bool) string {
	q := url.Values{"_pragma": {busyTimeout}, "_query_only": {"1"}, "_error_rc": {"1"}}
	if onlyRead {
		q.Set("mode", "ro")
	}
	return fileURI(path, q)
}

// fileURI escapes the path, which a plain name would not need unless it has a
// question mark, and which mode=ro needs: https://www.sqlite.org/uri.html
func fileURI(path string, q url.Values) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/… on Windows
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

// dialLazily gives a pool whose connections open when they are first used.
func dialLazily(dsn string, connections int) (*sqlx.DB, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	// sqlx knows the question mark under the name sqlite3 only.
	return sqlx.NewDb(db, "sqlite3"), nil
}

func dial(ctx context.Context, dsn string, connections int) (*sqlx.DB, error) {
	db, err := dialLazily(dsn, connections)
	if err != nil {
		return nil, err
	}
	// Reading the schema is what shows a file that is not a database.
	var tables int
	if err := db.GetContext(ctx, &tables, "SELECT COUNT(*) FROM sqlite_master"); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), db.Close())
	}
	return db, nil
}
