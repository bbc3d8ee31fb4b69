package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/web"
)

func TestWhatWasNotSentIsReadableInAHundredColumns(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 14, 0, 20, 0, time.UTC)
	of := web.Labels{Organization: "acme", Workspace: "payments", ModelGroup: "Claude Opus 5", Limiter: "input_tokens_per_minute_cache_aware"}
	list := []web.Withheld{
		{At: at.Add(-time.Minute), Receiver: "team-slack", Alertname: "LimitPressure", Labels: of, Detail: "silenced by 0b1c7a52-8f5d-4d7e-9a43-0c5f6b1d2e70"},
		{At: at.Add(-24 * time.Hour), Receiver: "oncall", Fingerprint: "5d2c9a0f1e3b4c6d", Detail: "it ended before it was told"},
	}
	var out strings.Builder
	printWithheld(&out, list, at, 100)
	want := `
TIME                     RECEIVER    ALERT
13:59:20 UTC             team-slack  LimitPressure Claude Opus 5 input tokens/min (payments)
  silenced by 0b1c7a52-8f5d-4d7e-9a43-0c5f6b1d2e70
2026-11-22 14:00:20 UTC  oncall      5d2c9a0f1e3b4c6d
  it ended before it was told
`
	if diff := cmp.Diff(want[1:], out.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}
