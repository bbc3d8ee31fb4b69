package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// VersionError says that the schema of a database is not this program's.
type VersionError struct {
	Path string
	// Have is the newest migration that the database has had, Want the newest that
	// this program has.
	Have, Want int64
	// Unknown reports whether Have is a migration that this program does not have.
	Unknown bool
}

// Error says what to do.
func (e *VersionError) Error() string {
	if e.Unknown {
		return fmt.Sprintf("database %s has schema %d, this program knows up to %d: a newer version of alerter wrote it; use that version, nothing was changed",
			e.Path, e.Have, e.Want)
	}
	return fmt.Sprintf("database %s has schema %d, this program needs %d: start the service of this version once, which brings it up to date",
		e.Path, e.Have, e.Want)
}

// ownMigrations are the numbers of the files in migrations, ascending.
func ownMigrations() ([]int64, error) {
	entries, err := fs.ReadDir(migrationFiles, "migrations")
	if err != nil {
		return nil, fmt.Errorf("list the migrations: %w", err)
	}
	var numbers []int64
	for _, e := range entries {
		text, _, _ := strings.Cut(e.Name(), "_")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read the number of migration %s: %w", e.Name(), err)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// migrationsOf are the numbers of those a database has had, ascending; none for
// an empty one. It is asked here and not of goose, which takes several statements
// and a transaction to say that nothing is to do.
func migrationsOf(ctx context.Context, db *sqlx.DB) ([]int64, error) {
	var tables, ours int
	row := db.QueryRowxContext(ctx, "SELECT COUNT(*), COALESCE(SUM(name = 'goose_db_version'), 0) FROM sqlite_master WHERE type = 'table'")
	if err := row.Scan(&tables, &ours); err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	if tables == 0 {
		return nil, nil
	}
	if ours == 0 {
		return nil, errForeign
	}
	var numbers []int64
	err := db.SelectContext(ctx, &numbers, "SELECT DISTINCT version_id FROM goose_db_version WHERE is_applied AND version_id > 0 ORDER BY version_id")
	if err != nil {
		return nil, fmt.Errorf("read the schema's version: %w", err)
	}
	return numbers, nil
}

// versions compares the migrations that the database has had with the program's.
// complete reports whether none is missing; one that the program does not have is
// an error.
func (s *Store) versions(ctx context.Context, db *sqlx.DB) (v VersionError, complete bool, err error) {
	have, err := migrationsOf(ctx, db)
	if err != nil {
		return v, false, err
	}
	want, err := ownMigrations()
	if err != nil {
		return v, false, err
	}
	v = VersionError{Path: s.path, Want: want[len(want)-1]}
	for _, n := range have {
		v.Have = n
		if !slices.Contains(want, n) {
			v.Unknown = true
			return v, false, &v
		}
	}
	return v, len(have) == len(want), nil
}

// migrate brings the schema up to date, forward only, each file in a
// transaction of its own, and makes sure that it is the program's.
func (s *Store) migrate(ctx context.Context) error {
	v, complete, err := s.versions(ctx, s.write)
	if err != nil {
		return err
	}
	if !complete {
		if err := s.bringUp(ctx, v); err != nil {
			return err
		}
	}
	if v.Have == 0 {
		return nil // made just now
	}
	return s.checkSchema(ctx, s.write)
}

// bringUp applies what is missing, not under a running service of the version
// before, and not twice at once.
func (s *Store) bringUp(ctx context.Context, v VersionError) (err error) {
	if s.lock == nil {
		l, lockErr := lockFile(s.path)
		if err = lockErr; err != nil {
			return fmt.Errorf("bring the database from schema %d to %d: %w", v.Have, v.Want, err)
		}
		defer func() { err = errors.Join(err, l.release()) }()
	}
	if err := applyOwn(ctx, s.write.DB); err != nil {
		return fmt.Errorf("bring the database from schema %d to %d: %w", v.Have, v.Want, err)
	}
	return nil
}

// applyOwn applies this program's migrations.
func applyOwn(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return fmt.Errorf("list the migrations: %w", err)
	}
	return applyMigrations(ctx, db, files)
}

// applyMigrations applies what the database has not had yet. A file with a lower
// number than others that it has had is no trouble: each stands for itself.
func applyMigrations(ctx context.Context, db *sql.DB, files fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true), goose.WithAllowOutofOrder(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	_, err = p.Up(ctx)
	return err
}

// checkVersion is for a read-only database, which cannot be brought up to date.
func (s *Store) checkVersion(ctx context.Context) error {
	v, complete, err := s.versions(ctx, s.read)
	if err != nil {
		return err
	}
	if !complete {
		return &v
	}
	return s.checkSchema(ctx, s.read)
}
