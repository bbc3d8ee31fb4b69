package prometheus

import (
	"os/exec"
	"strings"
	"testing"
)

// counted are metrics that the service has only once its jobs have run: with
// them there, everything is.
var counted = []string{
	"alerter_pressure_ratio{", "alerter_limit_odds_ratio{", "alerter_data_lag_seconds{", "alerter_alerts{",
	"alerter_api_requests_total{", "alerter_evaluation_duration_seconds_bucket{", "alerter_notifications_total{",
	"alerter_notification_latency_seconds_bucket{", "alerter_outbox_messages{",
}

func TestPromtoolFindsNothingWrongWithTheMetricsOfTheRunningService(t *testing.T) {
	t.Parallel()
	promtool := program(t, "/usr/bin/promtool")
	page := demo(t)
	var metrics string
	await(t, "every kind of metric", func() bool {
		text, ok := get(t, page+"metrics")
		metrics = text
		for _, name := range counted {
			ok = ok && strings.Contains(text, "\n"+name)
		}
		return ok
	})
	check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	check.Stdin = strings.NewReader(metrics)
	if text, err := check.CombinedOutput(); err != nil || len(text) > 0 {
		t.Errorf("promtool check metrics: %v\n%s\nof\n%s", err, text, metrics)
	}
}
