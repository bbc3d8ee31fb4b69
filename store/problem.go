package store

import (
	"errors"
	"fmt"
	"io/fs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// FileError is a problem with the database file or the disk it is on, which a
// person must solve. Nothing that was committed is lost by it.
type FileError struct {
	Path   string
	Advice string // what to do
	Err    error
}

// Error names the file, the problem and what to do.
func (e *FileError) Error() string {
	return fmt.Sprintf("database %s: %v: %s", e.Path, e.Err, e.Advice)
}

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// explain turns what SQLite and the file system say of a broken, full or
// forbidden file into a FileError; other errors stay as they are.
func explain(path string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*FileError](err); ok {
		return err
	}
	if advice := advise(err); advice != "" {
		return &FileError{Path: path, Advice: advice, Err: err}
	}
	return err
}

const (
	adviceNotDatabase = "this is not an SQLite database; it was left as it is: set storage.path to another file, or move this one away"
	adviceForeign     = "another program's database; it was left as it is: set storage.path to another file"
	adviceDamaged     = "the file is damaged: stop the service, keep a copy, and rebuild it with `sqlite3 FILE .recover | sqlite3 NEW`, " +
		"or move it away to start with an empty one"
	adviceFull = "the disk is full, nothing of this transaction was written: free some space, the service goes on by itself"
	adviceGone = "what is written to it would be lost, so the service ends: start it again, and it goes on with the file that is there or makes a new one; " +
		"move or replace the file only while no service runs"
	adviceForbidden  = "the file and its folder must be writable: change their owner, or set storage.path to a folder that is"
	adviceUnopenable = "the file cannot be opened: check that storage.path names a file in a folder that this user may read and write"
	adviceMissing    = "there is no database yet: check storage.path, or start the service, which makes one"
	adviceBusy       = "another program has been writing to it for seconds: end what has it open (an sqlite3 shell, a backup), or try again"
	adviceDisk       = "the disk did not read or write: check it and the system's log; what was committed is kept"
)

// errForeign is for a database whose tables are not ours.
var errForeign = errors.New("it has tables, and none of them are ours")

func advise(err error) string {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff { // without the extended part
		case sqlite3.SQLITE_NOTADB:
			return adviceNotDatabase
		case sqlite3.SQLITE_CORRUPT:
			return adviceDamaged
		case sqlite3.SQLITE_FULL:
			return adviceFull
		case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
			return adviceForbidden
		case sqlite3.SQLITE_CANTOPEN:
			return adviceUnopenable
		case sqlite3.SQLITE_BUSY:
			return adviceBusy
		case sqlite3.SQLITE_IOERR:
			return adviceDisk
		}
	}
	switch {
	case errors.Is(err, errForeign):
		return adviceForeign
	case errors.Is(err, fs.ErrPermission):
		return adviceForbidden
	case errors.Is(err, fs.ErrNotExist):
		return adviceMissing
	}
	return ""
}

func ignoreBusy(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqlite3.SQLITE_BUSY {
		return nil
	}
	return err
}
