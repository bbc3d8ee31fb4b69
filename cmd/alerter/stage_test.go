package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"alerter/web"
)

func TestTheStageTellsTheFirstWarningFromOtherMessages(t *testing.T) {
	t.Parallel()
	var out, log bytes.Buffer
	p := &program{out: &out, err: &log, errWidth: func() int { return 0 }}
	s := p.stage(newClock(time.Date(2026, 11, 23, 9, 52, 0, 0, time.UTC), 60))
	for _, message := range []string{"[LIMIT CHANGED] one\n\n", "[FIRING:warning] two\n\n", "[FIRING:warning] three\n\n"} {
		if n, err := io.WriteString(s, message); n != len(message) || err != nil {
			t.Errorf("got %d %v, want %d and no error: more is not the message's", n, err, len(message))
		}
	}
	s.backfill("acme", 2*time.Hour, 23*time.Hour)
	s.backfill("acme", 23*time.Hour, 23*time.Hour)
	s.end()
	want := `[LIMIT CHANGED] one

[FIRING:warning] two

That was the first warning, 0s after the demo began.

[FIRING:warning] three

The demo ended after 0s, at 09:52 UTC there: 3 messages, the first warning at 09:52 UTC. Nothing of it is kept.
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := log.String(); got != "the past 23 hours have been read\n" {
		t.Errorf("got %q beside it, want what was read", got)
	}
}

func TestAStageWithoutAWarningSaysSo(t *testing.T) {
	t.Parallel()
	screen := &terminal{columns: 60}
	p := &program{out: screen, err: screen, errWidth: func() int { return screen.columns }}
	s := p.stage(newClock(time.Date(2026, 11, 23, 9, 52, 0, 0, time.UTC), 1))
	_, _ = io.WriteString(s, "[RESOLVED] one\n")
	s.backfill("acme", 2*time.Hour, 23*time.Hour)
	if got := screen.rows[1]; got != "reading the past: 2 of 23 hours" {
		t.Errorf("got %q below the message, want how far the past is read", got)
	}
	screen.columns = 200
	s.end()
	want := "[RESOLVED] one\nThe demo ended after 0s, at 09:52 UTC there: 1 message, no warning yet. Nothing of it is kept.\n"
	if got := strings.Join(screen.rows, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestALineOfALimitSaysHowFullItIsAndWhatFires(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]web.Series{
		"fullest: Opus tokens/day (prod) 44 %, no alert (limit 9 G)": {
			Labels: web.Labels{ModelGroup: "Opus", Limiter: "tokens_per_day", Workspace: "prod"}, Utilization: 0.44, Limit: 9e9, State: "fine",
		},
		"fullest: Opus requests/min 104 %, alert: critical (limit 500)": {
			Labels: web.Labels{ModelGroup: "Opus", Limiter: "requests_per_minute"}, Utilization: 1.04, Limit: 500, State: "critical",
		},
	} {
		if got := seriesLine(s); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
