package store

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"alerter/usage"
)

// t0 is when most tests begin: a whole minute.
var t0 = time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)

// openTest opens a new database that is closed with the test.
func openTest(t testing.TB) *Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "data", "alerter.db"), Options{})
}

func openAt(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// update and view run f in a transaction that must succeed.
func update(t testing.TB, s *Store, f func(*Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, s *Store, f func(*Tx) error) {
	t.Helper()
	if err := s.View(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

// put stores a text under a key, in place of what was there, and found gives it
// back: for tests that only need something to be written.
func put(tx *Tx, key, text string) error {
	return tx.PutSource(usage.Source{OrganizationID: key, Problem: text})
}

func found(tx *Tx, key string) (text string, ok bool, err error) {
	sources, err := tx.Sources()
	for _, s := range sources {
		if s.OrganizationID == key {
			return s.Problem, true, err
		}
	}
	return "", false, err
}

func TestAnUpdateThatErrsLeavesNothing(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	boom := errors.New("boom")
	err := s.Update(context.Background(), func(tx *Tx) error {
		if err := put(tx, "k", "v"); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got error %v, want %v", err, boom)
	}
	view(t, s, func(tx *Tx) error {
		if _, ok, err := found(tx, "k"); ok || err != nil {
			t.Errorf("got a value (%v, %v), want none", ok, err)
		}
		return nil
	})
}

func BenchmarkOpenEmpty(b *testing.B) {
	dir := b.TempDir()
	for i := 0; b.Loop(); i++ {
		s, err := Open(context.Background(), filepath.Join(dir, "d", time.Duration(i).String(), "a.db"), Options{Lock: true})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenAgain(b *testing.B) {
	path := filepath.Join(b.TempDir(), "a.db")
	for b.Loop() {
		s, err := Open(context.Background(), path, Options{Lock: true})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
