package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// VersionError says that the schema of a database is not this program's.
type VersionError struct {
	Path       string
	Have, Want int64 // the database's version and this program's newest
}

// Error says what to do.
func (e *VersionError) Error() string {
	if e.Have > e.Want {
		return fmt.Sprintf("database %s has schema %d, this program knows up to %d: a newer version of alerter wrote it; use that version, nothing was changed",
			e.Path, e.Have, e.Want)
	}
	return fmt.Sprintf("database %s has schema %d, this program needs %d: start the service of this version once, which brings it up to date",
		e.Path, e.Have, e.Want)
}

// newestVersion is the number of the last file in migrations.
func newestVersion() (int64, error) {
	entries, err := fs.ReadDir(migrationFiles, "migrations")
	if err != nil {
		return 0, err
	}
	number, _, _ := strings.Cut(entries[len(entries)-1].Name(), "_")
	return strconv.ParseInt(number, 10, 64)
}

// version is 0 for an empty database. It is asked here and not of goose,
// which takes several statements and a transaction to say that nothing is to do.
func version(ctx context.Context, db *sqlx.DB) (int64, error) {
	var tables, ours int
	row := db.QueryRowxContext(ctx, "SELECT COUNT(*), COALESCE(SUM(name = 'goose_db_version'), 0) FROM sqlite_master WHERE type = 'table'")
	if err := row.Scan(&tables, &ours); err != nil {
		return 0, fmt.Errorf("read the schema: %w", err)
	}
	if tables == 0 {
		return 0, nil
	}
	if ours == 0 {
		return 0, errForeign
	}
	var v int64
	if err := db.GetContext(ctx, &v, "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied"); err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	return v, nil
}

// migrate brings the schema up to date, forward only, each file in a
// transaction of its own.
func (s *Store) migrate(ctx context.Context) error {
	have, err := version(ctx, s.write)
	if err != nil {
		return err
	}
	want, err := newestVersion()
	if err != nil {
		return fmt.Errorf("list the migrations: %w", err)
	}
	if have == want {
		return nil
	}
	if have > want {
		return &VersionError{Path: s.path, Have: have, Want: want}
	}
	if s.lock != nil {
		return s.migrateTo(ctx, have, want)
	}
	// Not under a running service of the version before, and not twice at once.
	l, err := lockFile(s.path)
	if err != nil {
		return fmt.Errorf("bring the database from schema %d to %d: %w", have, want, err)
	}
	return errors.Join(s.migrateTo(ctx, have, want), l.release())
}

func (s *Store) migrateTo(ctx context.Context, have, want int64) error {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return fmt.Errorf("list the migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.write.DB, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the database from schema %d to %d: %w", have, want, err)
	}
	return nil
}

// checkVersion is for a read-only database, which cannot be brought up to date.
func (s *Store) checkVersion(ctx context.Context) error {
	have, err := version(ctx, s.read)
	if err != nil {
		return err
	}
	want, err := newestVersion()
	if err != nil {
		return fmt.Errorf("list the migrations: %w", err)
	}
	if have != want {
		return &VersionError{Path: s.path, Have: have, Want: want}
	}
	return nil
}
