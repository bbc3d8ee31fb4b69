package web

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"alerter/evaluate"
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
		Receivers   []v2Receiver         `json:"receivers"` // those that the routes lead it to, or that were told
		Status      v2AlertStatus        `json:"status"`
	}
	v2Receiver struct {
		Name string `json:"name"`
	}
	v2AlertStatus struct {
		State       string                 `json:"state"`       // active, or suppressed by one of these
		SilencedBy  []string               `json:"silencedBy"`  // ids of silences
		InhibitedBy []evaluate.Fingerprint `json:"inhibitedBy"` // alerts that fire
		MutedBy     []string               `json:"mutedBy"`     // names of time intervals
	}
	v2Group struct {
		Labels   map[string]string `json:"labels"` // those it is grouped by
		Receiver v2Receiver        `json:"receiver"`
		Alerts   []v2Alert         `json:"alerts"`
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

// v2Receivers lists the receivers there are, in the order of the configuration.
func (s *Server) v2Receivers(context.Context, *http.Request) (any, error) {
	out := []v2Receiver{}
	for _, name := range s.Routes().Order {
		out = append(out, v2Receiver{Name: name})
	}
	return out, nil
}
