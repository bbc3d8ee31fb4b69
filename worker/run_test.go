package worker

import (
	"context"
	"testing"
	"testing/synctest"
)

// run runs the worker until stop is called, which waits for its end. Only for
// bubbles of synctest.
func (d *desk) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.worker.Run(ctx, d.plan) }()
	synctest.Wait()
	return func() {
		t.Helper()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the run ended with %v, want nothing", err)
		}
	}
}
