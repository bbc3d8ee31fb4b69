package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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

func TestOpenMakesTheFolderAndTheNewestSchema(t *testing.T) {
	t.Parallel()
	s := openAt(t, filepath.Join(t.TempDir(), "a folder?", "with #1 100%", "alerter.db"), Options{})
	pragma := func(db interface {
		Get(any, string, ...any) error
	}, name string) (v string) {
		if err := db.Get(&v, "PRAGMA "+name); err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, want := range map[string]string{
		"journal_mode": "wal", "auto_vacuum": "2", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "query_only": "0",
	} {
		if got := pragma(s.write, name); got != want {
			t.Errorf("writing: got %s %s, want %s", name, got, want)
		}
	}
	if got := pragma(s.read, "query_only"); got != "1" {
		t.Errorf("reading: got query_only %s, want 1", got)
	}
	if _, err := os.Stat(s.Path()); err != nil {
		t.Error(err)
	}
}

func TestAViewCannotWrite(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	if err := s.View(context.Background(), func(tx *Tx) error { return put(tx, "k", "v") }); err == nil {
		t.Error("got no error")
	}
}

func TestAReadOnlyStoreReadsAndDoesNotWrite(t *testing.T) {
	t.Parallel()
	w := openTest(t)
	update(t, w, func(tx *Tx) error { return put(tx, "k", "v") })
	r := openAt(t, w.Path(), Options{ReadOnly: true})
	view(t, r, func(tx *Tx) error {
		m, ok, err := found(tx, "k")
		if !ok || m != "v" {
			t.Errorf("got %v, %v, want v", m, ok)
		}
		return err
	})
	if err := r.Update(context.Background(), func(*Tx) error { return nil }); !errors.Is(err, ErrReadOnly) {
		t.Errorf("got error %v, want ErrReadOnly", err)
	}
	if _, err := Open(context.Background(), w.Path(), Options{ReadOnly: true, Lock: true}); err == nil {
		t.Error("Lock and ReadOnly: got no error")
	}
}

// What cannot be opened says why and what to do, and stays as it was.
func TestWhatCannotBeOpenedIsExplained(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.db")
	closed(t, openAt0(t, whole))
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	header := bytes.Clone(content)
	copy(header[100:], bytes.Repeat([]byte{0xff}, 400)) // the first page of the schema
	for _, c := range []struct {
		name    string
		content []byte
		advice  string
	}{
		{"not a database", []byte(strings.Repeat("this is a text file\n", 100)), adviceNotDatabase},
		{"damaged", header, adviceDamaged},
		{"cut off", content[:len(content)/3], adviceDamaged},
	} {
		for _, o := range []Options{{}, {Lock: true}, {ReadOnly: true}} {
			path := filepath.Join(dir, strings.ReplaceAll(c.name, " ", "-")+".db")
			if err := os.WriteFile(path, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(context.Background(), path, o)
			checkFileError(t, fmt.Sprintf("%s, %+v", c.name, o), err, path, c.advice)
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, c.content) {
				t.Errorf("%s, %+v: the file was changed (%v)", c.name, o, err)
			}
		}
	}
}

func openAt0(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closed(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func checkFileError(t *testing.T, what string, err error, path, advice string) {
	t.Helper()
	e, ok := errors.AsType[*FileError](err)
	if !ok {
		t.Errorf("%s: got error %v, want a FileError", what, err)
		return
	}
	if e.Path != path || e.Advice != advice {
		t.Errorf("%s: got %s: %s (%v), want %s: %s", what, e.Path, e.Advice, e.Err, path, advice)
	}
	if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), advice) {
		t.Errorf("%s: the text lacks the path or the advice: %v", what, err)
	}
}

func TestADatabaseThatIsNotThereIsExplained(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none", "alerter.db")
	_, err := Open(context.Background(), path, Options{ReadOnly: true})
	checkFileError(t, "missing", err, path, adviceMissing)
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder was made (%v)", err)
	}
	if _, err := Open(context.Background(), "", Options{}); err == nil || !strings.Contains(err.Error(), "storage.path") {
		t.Errorf("no path: got error %v, want one that names storage.path", err)
	}
}

func TestAFolderThatIsNotWritableIsExplained(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Create(filepath.Join(dir, "probe")); err == nil {
		f.Close()
		t.Skip("this user may write everywhere")
	}
	path := filepath.Join(dir, "sub", "alerter.db")
	_, err := Open(context.Background(), path, Options{Lock: true})
	checkFileError(t, "forbidden folder", err, path, adviceForbidden)
	path = filepath.Join(dir, "alerter.db")
	_, err = Open(context.Background(), path, Options{})
	checkFileError(t, "forbidden file", err, path, adviceUnopenable)
}

func TestAFullDiskIsExplainedAndLosesNothing(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	update(t, s, func(tx *Tx) error { return put(tx, "k", "before") })
	// As if the disk ended a few pages on.
	var pages int
	if err := s.write.Get(&pages, "PRAGMA page_count"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+4)); err != nil {
		t.Fatal(err)
	}
	err := s.Update(context.Background(), func(tx *Tx) error {
		if err := put(tx, "k", "after"); err != nil {
			return err
		}
		return put(tx, "big", strings.Repeat("x", 1<<20))
	})
	checkFileError(t, "full", err, s.Path(), adviceFull)
	view(t, s, func(tx *Tx) error {
		m, _, err := found(tx, "k")
		if m != "before" {
			t.Errorf("got %q, want what was there before", m)
		}
		return err
	})
	if _, err := s.write.Exec("PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx *Tx) error { return put(tx, "k", "with space again") })
}

func TestAnotherProgramsDatabaseIsLeftAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "other.db")
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec("CREATE TABLE bookmarks (url TEXT)"); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Open(context.Background(), path, Options{Lock: true})
	checkFileError(t, "foreign", err, path, adviceForeign)
}

func TestASchemaFromANewerVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "alerter.db")
	s := openAt0(t, path)
	update(t, s, func(tx *Tx) error {
		_, err := tx.exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
		return err
	})
	closed(t, s)
	for _, o := range []Options{{}, {Lock: true}, {ReadOnly: true}} {
		_, err := Open(context.Background(), path, o)
		e, ok := errors.AsType[*VersionError](err)
		if !ok || e.Have != 99 || !strings.Contains(err.Error(), "newer version of alerter") {
			t.Errorf("%+v: got error %v, want a VersionError from 99", o, err)
		}
	}
}

func TestAnOlderSchemaCannotBeOpenedReadOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "alerter.db")
	s := openAt0(t, path)
	update(t, s, func(tx *Tx) error {
		_, err := tx.exec("DELETE FROM goose_db_version WHERE version_id > 0")
		return err
	})
	closed(t, s)
	_, err := Open(context.Background(), path, Options{ReadOnly: true})
	if e, ok := errors.AsType[*VersionError](err); !ok || e.Have != 0 || !strings.Contains(err.Error(), "start the service") {
		t.Errorf("got error %v, want a VersionError from 0", err)
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

func TestAPanicLeavesNothingAndTheStoreGoesOn(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic did not come through")
			}
		}()
		_ = s.Update(context.Background(), func(tx *Tx) error {
			if err := put(tx, "k", "v"); err != nil {
				return err
			}
			panic("boom")
		})
	}()
	update(t, s, func(tx *Tx) error {
		_, ok, err := found(tx, "k")
		if ok {
			t.Error("the value was kept")
		}
		return err
	})
}

func TestAnEndedContextLeavesNothing(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	ctx, cancel := context.WithCancel(context.Background())
	err := s.Update(ctx, func(tx *Tx) error {
		if err := put(tx, "k", "v"); err != nil {
			return err
		}
		cancel()
		return put(tx, "k", "w")
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
	view(t, s, func(tx *Tx) error {
		if _, ok, err := found(tx, "k"); ok || err != nil {
			t.Errorf("got a value (%v), want none", err)
		}
		return nil
	})
}

// Views see one moment while updates go on, and updates of two processes wait
// for each other.
func TestUpdatesAndViewsRunAtOnce(t *testing.T) {
	t.Parallel()
	a := openTest(t)
	b := openAt(t, a.Path(), Options{})
	update(t, a, func(tx *Tx) error { return put2(tx, 0) })
	const rounds = 50
	var wg sync.WaitGroup
	for _, s := range []*Store{a, b} {
		wg.Go(func() {
			for range rounds {
				err := s.Update(context.Background(), func(tx *Tx) error {
					n, err := get2(tx)
					if err != nil {
						return err
					}
					return put2(tx, n+1)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
		for range 3 {
			wg.Go(func() {
				for range rounds {
					if err := s.View(context.Background(), func(tx *Tx) error { _, err := get2(tx); return err }); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	view(t, b, func(tx *Tx) error {
		n, err := get2(tx)
		if n != 2*rounds {
			t.Errorf("got %d updates, want %d", n, 2*rounds)
		}
		return err
	})
}

// put2 writes the number twice; get2 finds both the same.
func put2(tx *Tx, n int) error {
	return errors.Join(put(tx, "a", fmt.Sprint(n)), put(tx, "b", fmt.Sprint(n)))
}

func get2(tx *Tx) (n int, err error) {
	a, _, err := found(tx, "a")
	if err != nil {
		return 0, err
	}
	b, _, err := found(tx, "b")
	if err == nil && a != b {
		err = fmt.Errorf("got %v and %v, want one moment", a, b)
	}
	if err != nil {
		return 0, err
	}
	_, err = fmt.Sscan(a, &n)
	return n, err
}

func TestCloseEmptiesTheLog(t *testing.T) {
	t.Parallel()
	s := openAt0(t, filepath.Join(t.TempDir(), "alerter.db"))
	beside := openAt(t, s.Path(), Options{})
	view(t, beside, func(tx *Tx) error { _, _, err := found(tx, "k"); return err })
	update(t, s, func(tx *Tx) error { return put(tx, "k", strings.Repeat("v", 1<<20)) })
	closed(t, s)
	info, err := os.Stat(s.Path() + "-wal")
	if err != nil || info.Size() != 0 {
		t.Errorf("got a log of %v bytes (%v), want an empty one", info, err)
	}
}

func TestAnOpenReaderDoesNotKeepTheStoreFromClosing(t *testing.T) {
	t.Parallel()
	s := openAt0(t, filepath.Join(t.TempDir(), "alerter.db"))
	beside := openAt(t, s.Path(), Options{})
	view(t, beside, func(tx *Tx) error {
		if _, _, err := found(tx, "k"); err != nil {
			return err
		}
		update(t, s, func(tx *Tx) error { return put(tx, "k", "v") })
		closed(t, s)
		_, ok, err := found(tx, "k")
		if ok {
			t.Error("the reader sees what was written after it began")
		}
		return err
	})
	view(t, beside, func(tx *Tx) error {
		if m, _, err := found(tx, "k"); m != "v" {
			t.Errorf("got %q (%v), want what was written", m, err)
		}
		return nil
	})
}
