package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
)

// newest bounds the lists of what has happened.
const newest = 500

// noDatabase is all that a caller hears of a database in trouble; the log has
// the rest.
const noDatabase = "the database cannot be read; see the log"

// json answers with what read returns.
func (s *Server) json(read func(context.Context, *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readTime)
		defer cancel()
		v, err := read(ctx, r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		s.answer(w, r, v)
	}
}

// answer writes v as JSON.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, v any) {
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(v); err != nil {
		s.refuse(w, r, err)
		return
	}
	write(w, "application/json", body.Bytes())
}

// refuse answers a reading that did not succeed.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the caller has gone: nobody to tell, and nothing is wrong
	}
	s.Log.Error().Err(err).Msg("page not answered")
	http.Error(w, noDatabase, http.StatusInternalServerError)
}

func write(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // the caller has gone: nobody to tell
}

func (a *answers) statusNow(context.Context, *http.Request) (any, error) {
	return a.status()
}

func (a *answers) seriesNow(context.Context, *http.Request) (any, error) {
	st, err := a.status()
	return map[string]any{"as_of": st.AsOf, "series": st.Series}, err
}

// alertsNow lists the active alerts, and with ?all=true those that have ended.
func (a *answers) alertsNow(ctx context.Context, r *http.Request) (any, error) {
	if r.URL.Query().Get("all") == "true" {
		alerts, err := a.look().Alerts(ctx, a.Now(), true)
		return map[string]any{"alerts": alerts}, err
	}
	st, err := a.status()
	return map[string]any{"alerts": st.Alerts}, err
}

func (s *Server) limitsNow(ctx context.Context, _ *http.Request) (any, error) {
	limits, err := Limits(ctx, s.Store, s.Now())
	return map[string]any{"limits": limits}, err
}

func (s *Server) eventsNow(ctx context.Context, _ *http.Request) (any, error) {
	events, err := Events(ctx, s.Store, s.Now())
	return map[string]any{"events": events}, err
}

// outboxNow lists messages, and with ?withheld=true what was not sent.
func (s *Server) outboxNow(ctx context.Context, r *http.Request) (any, error) {
	if r.URL.Query().Get("withheld") == "true" {
		withheld, err := NotSent(ctx, s.Store)
		return map[string]any{"withheld": withheld}, err
	}
	messages, err := Outbox(ctx, s.Store)
	return map[string]any{"messages": messages}, err
}

func (s *Server) rulesNow(ctx context.Context, _ *http.Request) (any, error) {
	rules, err := Rules(ctx, s.Store)
	return map[string]any{"rules": rules}, err
}
