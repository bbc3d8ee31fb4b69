package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// ErrLocked is what every [LockedError] is.
var ErrLocked = errors.New("another service is using this database")

// LockedError says which process holds the database as its service.
type LockedError struct {
	Path string // the database file
	PID  int    // 0 where it could not be read
}

// Error names the process and what to do.
func (e *LockedError) Error() string {
	who := "another service"
	if e.PID != 0 {
		who = fmt.Sprintf("another service (process %d)", e.PID)
	}
	return fmt.Sprintf("%s is using the database %s: stop it first, or set storage.path to another file", who, e.Path)
}

// Is reports whether target is [ErrLocked].
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// errHeld is what the system's lock answers when somebody else has it.
var errHeld = errors.New("held by another process")

// fileLock is the operating system's lock on a file beside the database. It
// ends with the process, however that ends, so the file may stay behind.
type fileLock struct{ file *os.File }

func lockFile(database string) (*fileLock, error) {
	name := database + ".lock"
	f, err := acquire(name)
	if errors.Is(err, errHeld) {
		return nil, &LockedError{Path: database, PID: holder(name)}
	}
	if err != nil {
		return nil, fmt.Errorf("lock the database for this service: %w", err)
	}
	l := &fileLock{file: f}
	if err := l.write(strconv.Itoa(os.Getpid()) + "\n"); err != nil {
		return nil, errors.Join(fmt.Errorf("write the process id into %s: %w", name, err), f.Close())
	}
	return l, nil
}

// write replaces the content.
func (l *fileLock) write(text string) error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(text), 0)
	return err
}

// release leaves the file: removing it could remove the next holder's.
func (l *fileLock) release() error {
	return errors.Join(l.write(""), l.file.Close())
}

func holder(name string) int {
	f, err := os.Open(name)
	if err != nil {
		return 0
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0
	}
	return pid
}
