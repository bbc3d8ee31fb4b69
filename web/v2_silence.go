package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"alerter/notify/route"
	"alerter/store"
)

// v2Silences lists all silences that are remembered.
func (s *Server) v2Silences(w http.ResponseWriter, r *http.Request) {
	filter, err := parseMatchers(r.URL.Query()["filter"])
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	out := []v2Silence{}
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Silences(time.Time{})
		for _, sil := range list {
			if route.MatchesAll(filter, equalities(sil)) {
				out = append(out, toV2Silence(sil, s.Now()))
			}
		}
		return err
	})
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answer(w, r, out)
}

// equalities are the labels that a silence names by what a matcher's value says: that
// is what Alertmanager holds a filter against.
func equalities(sil route.Silence) map[string]string {
	labels := map[string]string{}
	for _, m := range sil.Matchers {
		labels[m.Name] = m.Value
	}
	return labels
}

// v2SilenceOf shows one silence.
func (s *Server) v2SilenceOf(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	var sil route.Silence
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		sil, err = tx.Silence(r.PathValue("id"))
		return err
	})
	if err != nil {
		s.silenceRefused(w, r, err)
		return
	}
	s.answer(w, r, toV2Silence(sil, s.Now()))
}

// v2PutSilence writes a silence, a new one or a changed one.
func (s *Server) v2PutSilence(w http.ResponseWriter, r *http.Request) {
	var posted v2Silence
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&posted); err != nil {
		http.Error(w, "this is not a silence as Alertmanager writes it: "+err.Error(), http.StatusBadRequest)
		return
	}
	sil, err := fromV2Silence(posted)
	if sil.StartsAt.IsZero() {
		sil.StartsAt = s.Now()
	}
	if err = errors.Join(err, sil.Check()); err == nil && !sil.EndsAt.After(s.Now()) {
		err = errors.New("it ends in the past")
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	err = s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		sil, err = tx.PutSilence(sil, s.Now())
		return err
	})
	if err != nil {
		s.silenceRefused(w, r, err)
		return
	}
	s.Log.Info().Str("from", r.RemoteAddr).Msg("silence written")
	s.answer(w, r, map[string]string{"silenceID": sil.ID})
}

// v2ExpireSilence ends a silence now.
func (s *Server) v2ExpireSilence(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.ExpireSilence(r.PathValue("id"), caller(r), s.Now())
		return err
	})
	if err != nil {
		s.silenceRefused(w, r, err)
		return
	}
	s.Log.Info().Str("from", r.RemoteAddr).Msg("silence expired")
	s.answer(w, r, struct{}{})
}

// silenceRefused answers why nothing came of a call about a silence.
func (s *Server) silenceRefused(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, store.ErrNoSilence):
		http.Error(w, err.Error(), http.StatusNotFound)
	case errors.Is(err, store.ErrSilenceOver):
		http.Error(w, err.Error(), http.StatusConflict)
	default:
		s.refuse(w, r, err)
	}
}

func toV2Silence(sil route.Silence, at time.Time) v2Silence {
	v := v2Silence{
		ID: sil.ID, Matchers: []v2Matcher{}, StartsAt: sil.StartsAt, EndsAt: sil.EndsAt, UpdatedAt: sil.UpdatedAt,
		CreatedBy: sil.CreatedBy, Comment: sil.Comment, Status: v2SilenceStatus{State: sil.State(at)},
	}
	for _, m := range sil.Matchers {
		equal := m.Op == "=" || m.Op == "=~"
		v.Matchers = append(v.Matchers, v2Matcher{Name: m.Name, Value: m.Value, IsRegex: m.Op == "=~" || m.Op == "!~", IsEqual: &equal})
	}
	return v
}

// fromV2Silence reads a posted silence; what it lacks is for [route.Silence.Check].
func fromV2Silence(v v2Silence) (route.Silence, error) {
	sil := route.Silence{ID: v.ID, CreatedBy: v.CreatedBy, Comment: v.Comment, StartsAt: v.StartsAt.UTC(), EndsAt: v.EndsAt.UTC()}
	var errs []error
	for _, m := range v.Matchers {
		op := map[[2]bool]string{{true, false}: "=", {false, false}: "!=", {true, true}: "=~", {false, true}: "!~"}[[2]bool{m.IsEqual == nil || *m.IsEqual, m.IsRegex}]
		parsed, err := route.ParseMatcher(route.Matcher{Name: m.Name, Op: op, Value: m.Value}.String())
		if err != nil {
			errs = append(errs, err)
			continue
		}
		sil.Matchers = append(sil.Matchers, parsed)
	}
	return sil, errors.Join(errs...)
}
