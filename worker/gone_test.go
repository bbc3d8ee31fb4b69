package worker

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"alerter/store"
)

// A service that went on over a deleted file would lose all it decides.
func TestTheServiceEndsWhenItsDatabaseIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, time.Now, "acme")
		ended := make(chan error, 1)
		go func() { ended <- d.worker.Run(context.Background(), d.plan) }()
		time.Sleep(2 * time.Minute)
		began := time.Now()
		if err := os.Remove(d.worker.Store.Path()); err != nil {
			t.Fatal(err)
		}
		err := <-ended
		if !errors.Is(err, store.ErrGone) || !strings.Contains(err.Error(), "start it again") {
			t.Errorf("got %v, want that the database is gone, and what to do", err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it was noticed after %s, want within a second", took)
		}
		if errs := d.log.errors(); len(errs) > 0 {
			t.Errorf("got %d lines of it in the log before the end, which says it: %v", len(errs), errs)
		}
	})
}
