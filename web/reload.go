package web

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// reloadState is how the last reload ended, for metrics.
type reloadState struct {
	mu        sync.Mutex
	succeeded bool
	at        time.Time // of the last success
}

func (r *reloadState) loaded(at time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.succeeded = err == nil
	if err == nil {
		r.at = at
	}
}

func (r *reloadState) last() (succeeded bool, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.succeeded, r.at
}

// Reload reads the configuration again, one reload at a time; the old one stays
// in force on an error.
func (s *Server) Reload(ctx context.Context) error {
	s.reload.Lock()
	defer s.reload.Unlock()
	err := s.Load(ctx)
	s.state.loaded(s.Now(), err)
	return err
}

func (s *Server) reloadNow(w http.ResponseWriter, r *http.Request) {
	if err := s.Reload(r.Context()); err != nil {
		http.Error(w, "reload refused, the old configuration stays: "+err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write([]byte("reloaded\n"))
}
