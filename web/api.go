package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"alerter/evaluate"
	"alerter/store"
)

// newest bounds the lists of what has happened.
const newest = 500

// json answers with what read returns.
func (s *Server) json(read func(context.Context, *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := read(r.Context(), r)
		if err != nil {
			s.Log.Error().Err(err).Msg("page not answered")
			http.Error(w, "the database cannot be read; see the log", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(v) // the caller has gone: nobody to tell
	}
}

func (s *Server) look() Look { return Look{Store: s.Store, View: s.View, Settle: s.Settle} }

func (s *Server) statusNow(ctx context.Context, _ *http.Request) (any, error) {
	return s.look().Status(ctx, s.Now())
}

func (s *Server) seriesNow(ctx context.Context, _ *http.Request) (any, error) {
	st, err := s.look().Status(ctx, s.Now())
	return map[string]any{"as_of": st.AsOf, "series": st.Series}, err
}

func (s *Server) alertsNow(ctx context.Context, r *http.Request) (any, error) {
	alerts, err := s.look().Alerts(ctx, r.URL.Query().Get("all") == "true")
	return map[string]any{"alerts": alerts}, err
}

// Alerts are the pending and firing ones, and with all those that ended.
func (l Look) Alerts(ctx context.Context, all bool) ([]Alert, error) {
	out := []Alert{}
	err := l.Store.View(ctx, func(tx *store.Tx) error {
		alerts, err := listAlerts(tx, all)
		for _, a := range alerts {
			out = append(out, l.View(a))
		}
		return err
	})
	return out, err
}

// listAlerts reads the alerts of every organization and of the service itself.
func listAlerts(tx *store.Tx, all bool) ([]evaluate.Alert, error) {
	if all {
		return tx.AllAlerts(newest)
	}
	orgs, err := tx.Organizations()
	if err != nil {
		return nil, err
	}
	list, err := tx.Alerts("")
	for _, org := range orgs {
		alerts, orgErr := tx.Alerts(org.ID)
		list, err = append(list, alerts...), errors.Join(err, orgErr)
	}
	return list, err
}

// limit is one configured limit.
type limit struct {
	Labels            Labels     `json:"labels"`
	IDs               IDs        `json:"ids"`
	Value             int64      `json:"value"`
	Source            string     `json:"source"` // organization or workspace
	OrganizationValue *int64     `json:"organization_value"`
	Since             *time.Time `json:"since"` // when this value was first read
}

func (s *Server) limitsNow(ctx context.Context, _ *http.Request) (any, error) {
	out := []limit{}
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		orgs, err := tx.Organizations()
		if err != nil {
			return err
		}
		for _, org := range orgs {
			known, err := tx.Limits(org.ID, s.Now())
			if err != nil {
				return err
			}
			out = append(out, limitsOf(org, known)...)
		}
		return nil
	})
	return map[string]any{"limits": out}, err
}

// event is one transition of an alert.
type event struct {
	At          time.Time `json:"at"`
	Fingerprint string    `json:"fingerprint"`
	FromState   string    `json:"from_state"`
	ToState     string    `json:"to_state"`
	From        string    `json:"from_severity"`
	To          string    `json:"to_severity"`
}

func (s *Server) eventsNow(ctx context.Context, _ *http.Request) (any, error) {
	out := []event{}
	at := s.Now()
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Transitions(at.Add(-24*time.Hour), at.Add(time.Minute))
		for _, t := range list[max(0, len(list)-newest):] {
			out = append(out, event{
				At: t.At, Fingerprint: string(t.Fingerprint), FromState: string(t.FromState), ToState: string(t.ToState),
				From: string(t.From), To: string(t.To),
			})
		}
		return err
	})
	return map[string]any{"events": out}, err
}

// rule is a rule as the database has it.
type rule struct {
	Alert     string          `json:"alert"`
	Kind      string          `json:"kind"`
	Revision  int64           `json:"revision"`
	Enabled   bool            `json:"enabled"`
	File      string          `json:"file"`
	AppliedAt time.Time       `json:"applied_at"`
	Spec      json.RawMessage `json:"spec"`
}

func (s *Server) rulesNow(ctx context.Context, _ *http.Request) (any, error) {
	rules, err := Rules(ctx, s.Store)
	return map[string]any{"rules": rules}, err
}

// Rules reads the rules in the database, in the order of their names.
func Rules(ctx context.Context, st *store.Store) ([]rule, error) {
	out := []rule{}
	err := st.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Rules()
		for _, r := range list {
			spec, err := json.Marshal(r.Rule)
			if err != nil {
				return err
			}
			out = append(out, rule{
				Alert: r.Rule.Alert, Kind: r.Rule.Condition.Kind(), Revision: int64(r.Revision), Enabled: r.Enabled,
				File: r.File, AppliedAt: r.AppliedAt, Spec: spec,
			})
		}
		return err
	})
	return out, err
}
