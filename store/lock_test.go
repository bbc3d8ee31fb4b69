package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestMain(m *testing.M) {
	// The test of two processes starts this program again as the first service.
	if path := os.Getenv("STORE_TEST_HOLD"); path != "" {
		hold(path)
		return
	}
	os.Exit(m.Run())
}

// hold is a service: it opens the database, says so, and stays until its input ends.
func hold(path string) {
	s, err := Open(context.Background(), path, Options{Lock: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ready")
	var b [1]byte
	_, _ = os.Stdin.Read(b[:]) // its end is all that is waited for
	if err := s.Close(); err != nil {
		fmt.Println(err)
	}
}

func TestASecondServiceSaysWhoHoldsTheDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "alerter.db")
	first := openAt0(t, path)
	closed(t, first)
	first, err := Open(context.Background(), path, Options{Lock: true})
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} {
		_, err = Open(context.Background(), name, Options{Lock: true})
		e, ok := errors.AsType[*LockedError](err)
		if !ok || e.PID != os.Getpid() || !errors.Is(err, ErrLocked) {
			t.Errorf("%s: got error %v, want a LockedError of process %d", name, err, os.Getpid())
		}
	}
	openAt(t, path, Options{}) // a command opens beside it
	openAt(t, path, Options{ReadOnly: true})
	closed(t, first)
	openAt(t, path, Options{Lock: true})
}

func TestAServiceInAnotherProcessHoldsTheDatabaseUntilItEnds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "alerter.db")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), "STORE_TEST_HOLD="+path)
	if _, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 100)
	n, _ := out.Read(said)
	if string(said[:n]) != "ready\n" {
		t.Fatalf("the first service said %q", said[:n])
	}
	_, err = Open(context.Background(), path, Options{Lock: true})
	if e, ok := errors.AsType[*LockedError](err); !ok || e.PID != cmd.Process.Pid {
		t.Errorf("got error %v, want a LockedError of process %d", err, cmd.Process.Pid)
	}
	// Killed, it cannot tidy up: the system gives the lock back.
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	openAt(t, path, Options{Lock: true})
}

func TestAnOldSchemaIsNotChangedUnderARunningService(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "alerter.db")
	l, err := lockFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), path, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("got error %v, want ErrLocked", err)
	}
	if err := l.release(); err != nil {
		t.Fatal(err)
	}
	openAt(t, path, Options{})
}
