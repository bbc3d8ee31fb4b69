package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

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
