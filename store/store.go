package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// Options says how to open a database. The zero value opens it for reading and
// writing beside others.
type Options struct {
	// Lock makes this the one service of the database: a second one gets a
	// [LockedError]. Commands that work beside a service leave it false.
	Lock bool
	// ReadOnly changes nothing on disk: no folder, no migration, no write. It
	// cannot be combined with Lock.
	ReadOnly bool
}

// Store is an open database. Its methods may be called from several goroutines.
type Store struct {
	path         string
	file         os.FileInfo // the file that was opened
	write        *sqlx.DB    // one connection; nil when read-only
	read         *sqlx.DB    // a small pool, query_only
	lock         *fileLock
	combinations combinations
}

// ErrGone is what [Store.Update] and [Store.View] answer when the database file is
// not the one that was opened any more. The store is of no use then: what is
// written would be gone when it is closed.
var ErrGone = errors.New("the file was deleted or replaced while it was in use")

// inPlace reports, as an error, that the path names another file now, or none. A
// path that cannot be looked at says nothing of the file.
func (s *Store) inPlace() error {
	now, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(now, s.file) {
		return &FileError{Path: s.path, Advice: adviceGone, Err: ErrGone}
	}
	return nil
}

// ErrReadOnly is what [Store.Update] answers when the store was opened read-only.
var ErrReadOnly = errors.New("the database was opened read-only")

// Open opens the database file at path, with its folder and its newest schema:
// both are made where they are missing, unless o.ReadOnly. Close the store when
// done. Errors say what to do; see [LockedError], [VersionError],
// [SchemaError] and [FileError].
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path}
	if o.ReadOnly {
		err = s.openReadOnly(ctx, o)
	} else {
		err = s.open(ctx, o)
	}
	if err == nil {
		s.file, err = os.Stat(path)
	}
	if err != nil {
		return nil, errors.Join(explain(path, err), s.Close())
	}
	return s, nil
}

// resolve follows symbolic links, so that two names of one file share its lock.
func resolve(path string) (string, error) {
	if path == "" {
		return "", errors.New("open the database: no path given: set storage.path")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("open the database %s: %w", path, err)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real, nil
	}
	return abs, nil
}

func (s *Store) open(ctx context.Context, o Options) error {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o750); err != nil {
		return fmt.Errorf("make the database's folder: %w", err)
	}
	var err error
	if o.Lock {
		if s.lock, err = lockFile(s.path); err != nil {
			return err
		}
	}
	if s.write, err = dial(ctx, writeDSN(s.path), 1); err != nil {
		return err
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	s.read, err = dialLazily(readDSN(s.path, false), readers)
	return err
}

func (s *Store) openReadOnly(ctx context.Context, o Options) error {
	if o.Lock {
		return errors.New("open the database: Lock and ReadOnly exclude each other")
	}
	if _, err := os.Stat(s.path); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	var err error
	if s.read, err = dial(ctx, readDSN(s.path, true), readers); err != nil {
		return err
	}
	return s.checkVersion(ctx)
}

// Path is the database file, absolute and without symbolic links.
func (s *Store) Path() string { return s.path }

// Close moves what is in the write-ahead log into the file, closes it and gives
// up the lock. Transactions must have ended.
func (s *Store) Close() error {
	var errs []error
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		// Other commands may be reading: what they hold up stays in the log,
		// which the next one to close or open moves.
		_, err := s.write.Exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)")
		errs = append(errs, ignoreBusy(err), s.write.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.release())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close the database %s: %w", s.path, err)
	}
	return nil
}

// Update runs f in the one write transaction there is at a time, in this and
// every other process. If f returns an error or panics, or ctx ends, nothing of
// it is kept. Inside f use only the Tx: the store would wait for itself.
func (s *Store) Update(ctx context.Context, f func(*Tx) error) error {
	if s.write == nil {
		return fmt.Errorf("write to the database %s: %w", s.path, ErrReadOnly)
	}
	if err := s.inPlace(); err != nil {
		return err
	}
	t, err := s.write.BeginTxx(ctx, nil)
	if err != nil {
		return explain(s.path, fmt.Errorf("begin a transaction: %w", err))
	}
	defer t.Rollback() //nolint:errcheck // does nothing after a commit; also reached by a panic of f
	tx := newTx(ctx, s, t)
	if err := f(tx); err != nil {
		return explain(s.path, err)
	}
	if err := t.Commit(); err != nil {
		return explain(s.path, fmt.Errorf("commit the transaction: %w", err))
	}
	s.combinations.add(tx.fresh)
	return nil
}

// View runs f on one moment of the database: what others commit meanwhile is
// not seen. Writing fails. A View does not wait for an Update, nor the other
// way round.
func (s *Store) View(ctx context.Context, f func(*Tx) error) error {
	if err := s.inPlace(); err != nil {
		return err // a new connection would make an empty file there
	}
	t, err := s.read.BeginTxx(ctx, nil)
	if err != nil {
		return explain(s.path, fmt.Errorf("begin reading: %w", err))
	}
	defer t.Rollback() //nolint:errcheck // there is nothing to lose
	return explain(s.path, f(newTx(ctx, s, t)))
}
