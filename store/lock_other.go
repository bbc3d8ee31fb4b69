//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package store

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// acquire refuses: without a lock two services would both send.
func acquire(name string) (*os.File, error) {
	return nil, fmt.Errorf("lock %s on %s: %w", name, runtime.GOOS, errors.ErrUnsupported)
}
