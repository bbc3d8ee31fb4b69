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

// begun notes the configuration that the service began with, once.
func (r *reloadState) begun(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at.IsZero() {
		r.succeeded, r.at = true, at
	}
}

func (r *reloadState) ended(at time.Time, err error) {
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
	s.state.ended(s.Now(), err)
	return err
}

// reloadNow answers with the reason of a refusal, which the caller has come for;
// the log says it as well, for whoever looks there after somebody else's call.
func (s *Server) reloadNow(w http.ResponseWriter, r *http.Request) {
	if err := s.Reload(r.Context()); err != nil {
		s.Log.Error().Err(err).Msg("reload refused, the old configuration stays")
		http.Error(w, "reload refused, the old configuration stays: "+err.Error(), http.StatusInternalServerError)
		return
	}
	s.Log.Info().Msg("reloaded")
	_, _ = w.Write([]byte("reloaded\n"))
}
