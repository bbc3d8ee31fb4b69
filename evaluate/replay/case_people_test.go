package replay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/notify/route"
)

// matcher parses one that is right.
func matcher(t *testing.T, text string) []route.Matcher {
	t.Helper()
	m, err := route.ParseMatcher(text)
	if err != nil {
		t.Fatal(err)
	}
	return []route.Matcher{m}
}

func TestASilenceHoldsAWarningBackUntilItEnds(t *testing.T) {
	t.Parallel()
	c := plateau()
	c.Silences = []replay.CaseSilence{{Matchers: matcher(t, `alertname="LimitPressure"`), To: 47 * time.Minute}}
	c.Messages = []replay.WantMessages{
		{At: 31 * time.Minute, Receiver: "console"},
		{At: 46 * time.Minute, Receiver: "console", Messages: []replay.WantMessage{{Reason: evaluate.SilenceEnding, Severity: evaluate.Warning}}},
		{At: 47 * time.Minute, Receiver: "console", Messages: []replay.WantMessage{{Reason: evaluate.Fired, Severity: evaluate.Warning}}},
	}
	for _, f := range c.Run(annotate) {
		t.Error(f)
	}
}

func TestAnAcknowledgementIsToldWhenItIsMade(t *testing.T) {
	t.Parallel()
	c := plateau()
	c.Acks = []replay.CaseAck{{At: 44 * time.Minute, Matchers: matcher(t, `severity="warning"`), By: "anna"}}
	c.Messages = []replay.WantMessages{
		{At: 43 * time.Minute, Receiver: "console", Messages: []replay.WantMessage{{Reason: evaluate.Fired, Severity: evaluate.Warning}}},
		{At: 44 * time.Minute, Receiver: "console", Messages: []replay.WantMessage{{Reason: evaluate.ReasonAcknowledged, Severity: evaluate.Warning}}},
	}
	for _, f := range c.Run(annotate) {
		t.Error(f)
	}
}

func TestAnAcknowledgementOfNothingThatFiresIsAFailure(t *testing.T) {
	t.Parallel()
	c := plateau()
	c.Acks = []replay.CaseAck{
		{At: 5 * time.Minute, Matchers: matcher(t, `workspace="prod"`), By: "anna", Where: "early"},
		{At: 55 * time.Minute, Matchers: matcher(t, `workspace="prod"`), By: "anna", Where: "late"}, // after the last expectation
	}
	var got []string
	for _, f := range c.Run(annotate) {
		got = append(got, f.String())
	}
	want := `early: alerts that fire before 5m and are to be acknowledged
  - {workspace="prod"}
late: alerts that fire before 55m and are to be acknowledged
  - {workspace="prod"}
  + {alertname="LimitPressure", limiter="output_tokens_per_minute", model_group="Claude Opus 5", organization="acme", severity="warning"}`
	if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}
