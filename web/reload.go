package web

import (
	"context"
	"net/http"
	"strings"
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

// Reload reads the configuration again, one reload at a time, and returns what
// that changed. The old one stays in force on an error. Either is logged, whoever
// asked for it.
func (s *Server) Reload(ctx context.Context) (changes []string, err error) {
	s.reload.Lock()
	defer s.reload.Unlock()
	changes, err = s.Load(ctx)
	s.state.ended(s.Now(), err)
	if err != nil {
		s.Log.Warn().Err(err).Msg("reload refused, the old configuration stays")
		return nil, err
	}
	s.Log.Info().Str("changes", orNothing(changes, ", ")).Msg("reloaded")
	return changes, nil
}

// orNothing joins what changed, if anything did.
func orNothing(changes []string, between string) string {
	if len(changes) == 0 {
		return "nothing changed"
	}
	return strings.Join(changes, between)
}

// reloadNow answers with what changed, or with the reason of a refusal.
func (s *Server) reloadNow(w http.ResponseWriter, r *http.Request) {
	changes, err := s.Reload(r.Context())
	if err != nil {
		http.Error(w, "reload refused, the old configuration stays: "+err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write([]byte("reloaded\n" + orNothing(changes, "\n") + "\n"))
}
