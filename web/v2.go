package web

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
)

// The shapes of Alertmanager's API, version 2:
// https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
type (
	v2Alert struct {
		Labels      map[string]string    `json:"labels"` // without empty ones
		Annotations map[string]string    `json:"annotations"`
		StartsAt    time.Time            `json:"startsAt"`
		EndsAt      time.Time            `json:"endsAt"` // until when it is taken to fire, if nothing more is heard
		UpdatedAt   time.Time            `json:"updatedAt"`
		Fingerprint evaluate.Fingerprint `json:"fingerprint"`
		Receivers   []v2Receiver         `json:"receivers"` // those that know of it
		Status      v2AlertStatus        `json:"status"`
	}
	v2Receiver struct {
		Name string `json:"name"`
	}
	v2AlertStatus struct {
		State       string   `json:"state"` // active, or suppressed by a silence
		SilencedBy  []string `json:"silencedBy"`
		InhibitedBy []string `json:"inhibitedBy"` // always empty: that is known where it is decided alone
		MutedBy     []string `json:"mutedBy"`     // likewise
	}
	v2Silence struct {
		ID        string          `json:"id"`
		Matchers  []v2Matcher     `json:"matchers"`
		StartsAt  time.Time       `json:"startsAt"`
		EndsAt    time.Time       `json:"endsAt"`
		UpdatedAt time.Time       `json:"updatedAt"`
		CreatedBy string          `json:"createdBy"`
		Comment   string          `json:"comment"`
		Status    v2SilenceStatus `json:"status"`
	}
	v2SilenceStatus struct {
		State string `json:"state"` // pending, active or expired
	}
	v2Matcher struct {
		Name    string `json:"name"`
		Value   string `json:"value"`
		IsRegex bool   `json:"isRegex"`
		IsEqual *bool  `json:"isEqual"` // nil: true
	}
)

// amRefresh is how long an alert is taken to fire if nothing more is heard.
const amRefresh = 5 * time.Minute

// v2Status says what the service is, in Alertmanager's words. The configuration is
// left out: it is not one of Alertmanager's.
func (s *Server) v2Status(context.Context, *http.Request) (any, error) {
	_, began := s.state.last()
	return map[string]any{
		"cluster": map[string]any{"status": "disabled", "peers": []any{}},
		"config":  map[string]any{"original": ""},
		"uptime":  began.UTC(),
		"versionInfo": map[string]any{
			"version": s.Version, "revision": s.Revision, "branch": "", "buildUser": "", "buildDate": "", "goVersion": runtime.Version(),
		},
	}, nil
}

// v2Alerts lists the alerts that fire. Of the query, filter (matchers), active and
// silenced count, as in Alertmanager.
func (s *Server) v2Alerts(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	filter, err := parseMatchers(query["filter"])
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	out := []v2Alert{}
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		alerts, err := tx.FiringAlerts()
		if err != nil {
			return err
		}
		silences, err := tx.Silences(s.Now())
		if err != nil {
			return err
		}
		for _, a := range alerts {
			v := s.v2Alert(a, silences)
			unwanted := query.Get("active") == "false" && v.Status.State == "active" ||
				query.Get("silenced") == "false" && v.Status.State == "suppressed"
			if unwanted || !all(filter, route.Labels(a)) {
				continue
			}
			refs, err := tx.GroupsOf([]evaluate.Fingerprint{a.Fingerprint})
			if err != nil {
				return err
			}
			v.Receivers = receiversOf(refs)
			out = append(out, v)
		}
		return nil
	})
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answer(w, r, out)
}

func (s *Server) v2Alert(a evaluate.Alert, silences []route.Silence) v2Alert {
	at := s.Now()
	said := s.View(a, route.Standing{})
	v := v2Alert{
		Labels: map[string]string{}, Annotations: said.Annotations, StartsAt: a.FiredAt, EndsAt: at.Add(amRefresh), UpdatedAt: at,
		Fingerprint: a.Fingerprint, Status: v2AlertStatus{State: "active", SilencedBy: []string{}, InhibitedBy: []string{}, MutedBy: []string{}},
	}
	for name, value := range said.Labels {
		if value != "" {
			v.Labels[name] = value
		}
	}
	for _, sil := range silences {
		if sil.State(at) == route.SilenceActive && sil.Silences(a) {
			v.Status.State = "suppressed"
			v.Status.SilencedBy = append(v.Status.SilencedBy, sil.ID)
		}
	}
	return v
}

// receiversOf names each receiver once.
func receiversOf(refs []route.GroupRef) []v2Receiver {
	out := []v2Receiver{}
	seen := map[string]bool{}
	for _, ref := range refs {
		if !seen[ref.Receiver] {
			seen[ref.Receiver] = true
			out = append(out, v2Receiver{Name: ref.Receiver})
		}
	}
	return out
}

// all reports whether the labels fulfil every matcher.
func all(matchers []route.Matcher, labels map[string]string) bool {
	for _, m := range matchers {
		if !m.Matches(labels) {
			return false
		}
	}
	return true
}

func parseMatchers(texts []string) (list []route.Matcher, err error) {
	for _, text := range texts {
		m, err := route.ParseMatcher(text)
		if err != nil {
			return nil, fmt.Errorf("filter: %w", err)
		}
		list = append(list, m)
	}
	return list, nil
}
