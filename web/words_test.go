package web

import (
	"testing"
	"time"

	"alerter/evaluate"
)

func TestAnAlertThatGotWorseSaysSinceWhenItIsSoBad(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	fired := at.Add(-16 * time.Minute)
	for want, annotations := range map[string]map[string]string{
		"since 13:44 UTC (16 min)":                           nil,
		"since 13:44 UTC (16 min), critical since 13:55 UTC": {"severity_since": "2026-11-23T13:55:00Z"},
	} {
		a := Alert{State: evaluate.Firing, Severity: evaluate.Critical, FiredAt: &fired, Annotations: annotations}
		if got := since(a, at); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
