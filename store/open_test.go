package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
