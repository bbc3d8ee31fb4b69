package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
)

// maxBody bounds what a caller may post.
const maxBody = 64 << 10

// shown puts alerts into words, with what people have done about them.
func (l Look) shown(tx *store.Tx, at time.Time, alerts []evaluate.Alert) ([]Alert, error) {
	silences, err := tx.Silences(at)
	if err != nil {
		return nil, err
	}
	acks, err := tx.Acks()
	if err != nil {
		return nil, err
	}
	out := make([]Alert, 0, len(alerts))
	for i, s := range route.Standings(at, silences, acks, alerts) {
		out = append(out, l.View(alerts[i], s))
	}
	return out, nil
}

// acknowledgement is the body of POST /api/v1/alerts/{fingerprint}/ack, and its answer.
type acknowledgement struct {
	Fingerprint evaluate.Fingerprint `json:"fingerprint"`
	By          string               `json:"by"`
	At          time.Time            `json:"at"`
}

// ackNow takes an alert on for somebody.
func (s *Server) ackNow(w http.ResponseWriter, r *http.Request) {
	var asked acknowledgement
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&asked); err != nil || asked.By == "" {
		http.Error(w, `say who acknowledges: {"by": "anna"}`, http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	var k route.Ack
	err := s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		k, err = tx.Acknowledge(evaluate.Fingerprint(r.PathValue("fingerprint")), asked.By, s.Now())
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFiring):
		http.Error(w, "no alert with this fingerprint is firing; see /api/v1/alerts", http.StatusNotFound)
	case err != nil:
		s.refuse(w, r, err)
	default:
		s.Log.Info().Str("fingerprint", string(k.Fingerprint)).Str("from", r.RemoteAddr).Msg("alert acknowledged")
		s.answer(w, r, acknowledgement{Fingerprint: k.Fingerprint, By: k.By, At: k.At})
	}
}
