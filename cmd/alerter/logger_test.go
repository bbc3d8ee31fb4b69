package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestLogsAreColouredOnTerminalsOnlyAndNeverWithNoColor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name              string
		terminal, noColor bool
		format            string
		want              bool
	}{
		{"a terminal", true, false, "console", true},
		{"a file", false, false, "console", false},
		{"a terminal with NO_COLOR", true, true, "console", false},
		{"JSON on a terminal", true, false, "json", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			p := &program{cli: &cli{}, err: &out, errTTY: c.terminal, env: func(name string) (string, bool) {
				if name == "NO_COLOR" && c.noColor {
					return "1", true
				}
				return "", false
			}}
			p.cli.Log.Level, p.cli.Log.Format = "info", c.format
			log := p.logger(time.Now)
			log.Info().Msg("tick")
			log.Debug().Msg("hidden")
			if got := strings.Contains(out.String(), "\x1b["); got != c.want {
				t.Errorf("got colour %t, want %t: %q", got, c.want, out.String())
			}
			if !strings.Contains(out.String(), "tick") || strings.Contains(out.String(), "hidden") {
				t.Errorf("got %q, want only what is of the level", out.String())
			}
		})
	}
}
