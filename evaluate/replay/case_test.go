package replay_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/usage"
)

var opus = usage.Labels{Organization: "acme", ModelGroup: "Claude Opus 5", Limiter: string(usage.OutputTokens)}

// plateau is a case of one limit that is nearly full from minute 20 to 40.
func plateau() replay.Case {
	return replay.Case{
		Name: "plateau", Rules: shipped, Tree: tree, Every: time.Minute, Settle: map[string]time.Duration{"acme": 5 * time.Minute},
		Limits: []replay.CaseLimit{{Labels: opus, Value: 1000}},
		Used: []replay.CaseUsed{{Labels: opus, Used: slices.Concat(
			slices.Repeat([]float64{200}, 20), slices.Repeat([]float64{960}, 20), slices.Repeat([]float64{100}, 40))}},
		Alerts: []replay.WantAlerts{{
			At: 45 * time.Minute, Alertname: "LimitPressure", Where: "here",
			Alerts: []replay.WantAlert{{
				Labels:      map[string]string{"severity": "warning", "organization": "acme", "model_group": "Claude Opus 5", "limiter": "output_tokens_per_minute", "workspace": ""},
				Annotations: map[string]string{"limit": "1000"},
			}},
		}},
		Messages: []replay.WantMessages{
			{At: 45 * time.Minute, Receiver: "console", Where: "there", Messages: []replay.WantMessage{{Reason: evaluate.Fired, Severity: evaluate.Warning}}},
			{At: 50 * time.Minute, Receiver: "console", Where: "later"},
		},
	}
}

func annotate(evaluate.Alert) map[string]string {
	return map[string]string{"limit": "1000", "summary": "not asked for"}
}

func TestACaseThatIsAsExpectedHasNoFailures(t *testing.T) {
	t.Parallel()
	c := plateau()
	if got := c.Run(annotate); len(got) != 0 {
		t.Errorf("got %v, want no failures", got)
	}
}

func TestAFailureShowsWhatIsMissingAndWhatIsThere(t *testing.T) {
	t.Parallel()
	c := plateau()
	want := &c.Alerts[0].Alerts[0]
	want.Labels["severity"], want.Annotations["limit"] = "critical", "900"
	c.Messages[0].Messages = append(c.Messages[0].Messages, replay.WantMessage{Reason: evaluate.ReasonResolved})
	c.Messages[1].Messages = []replay.WantMessage{{Reason: evaluate.Reminder}}
	var got []string
	for _, f := range c.Run(annotate) {
		got = append(got, f.String())
	}
	text := `here: alerts of LimitPressure that fire at 45m
  + {alertname="LimitPressure", limiter="output_tokens_per_minute", model_group="Claude Opus 5", organization="acme", severity="warning"}
  - {alertname="LimitPressure", limiter="output_tokens_per_minute", model_group="Claude Opus 5", organization="acme", severity="critical"}
      limit: "900"
there: messages to console up to 45m
    fired warning
  - resolved
later: messages to console after 45m and up to 50m
  - reminder`
	if diff := cmp.Diff(text, strings.Join(got, "\n")); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}

func TestAMessageOfAnySeverityLeavesThoseOfOneSeverityToOthers(t *testing.T) {
	t.Parallel()
	c := plateau()
	sonnet := opus
	sonnet.ModelGroup = "Claude Sonnet 5"
	c.Limits = append(c.Limits, replay.CaseLimit{Labels: sonnet, Value: 1000})
	c.Used = append(c.Used, replay.CaseUsed{Labels: sonnet, Used: slices.Concat(
		slices.Repeat([]float64{200}, 20), slices.Repeat([]float64{5000}, 20))})
	c.Alerts = nil
	anySeverity := replay.WantMessage{Reason: evaluate.Fired}
	critical := replay.WantMessage{Reason: evaluate.Fired, Severity: evaluate.Critical}
	for _, want := range [][]replay.WantMessage{{anySeverity, critical}, {critical, anySeverity}, {anySeverity, anySeverity}} {
		c.Messages[0].Messages = want
		if got := c.Run(nil); len(got) != 0 {
			t.Errorf("%v: got %v, want no failures", want, got)
		}
	}
	c.Messages[0].Messages = []replay.WantMessage{critical, critical}
	want := "    fired critical\n  + fired warning\n  - fired critical"
	if got := c.Run(nil); len(got) != 1 || got[0].Diff != want {
		t.Errorf("got %v, want one failure with\n%s", got, want)
	}
}

func TestAnAnnotationThatDiffersIsShownBesideItsAlert(t *testing.T) {
	t.Parallel()
	c := plateau()
	c.Alerts[0].Alerts[0].Annotations["limit"] = "900"
	got := c.Run(annotate)
	if len(got) != 1 || !strings.Contains(got[0].Diff, `limit: "1000"`) || !strings.Contains(got[0].Diff, `limit: "900"`) {
		t.Errorf("got %v, want one failure with both values", got)
	}
}

func TestAMissingMinuteIsUnknownAndTheLastValueDoesNotGoOn(t *testing.T) {
	t.Parallel()
	c := plateau()
	c.Used[0].Used = append(slices.Repeat([]float64{960}, 30), math.NaN(), math.NaN())
	c.Messages = nil
	c.Alerts[0].At = 3 * time.Hour // nothing is known any more, so nothing has ended
	stale := replay.WantAlerts{At: 3 * time.Hour, Alertname: "DataStale", Alerts: []replay.WantAlert{{Labels: map[string]string{"severity": "critical", "organization": "acme"}}}}
	c.Alerts = append(c.Alerts, stale)
	if got := c.Run(annotate); len(got) != 0 {
		t.Errorf("got %v, want no failures", got)
	}
}

func TestALimitThatChangesIsToldOnceAndCountsFromThen(t *testing.T) {
	t.Parallel()
	c := plateau()
	c.Limits = append(c.Limits, replay.CaseLimit{Labels: opus, Value: 2000, From: 15 * time.Minute})
	c.Alerts[0].Alerts = nil
	c.Messages = []replay.WantMessages{
		{At: 14 * time.Minute, Receiver: "console"},
		{At: 15 * time.Minute, Receiver: "console", Messages: []replay.WantMessage{{Reason: evaluate.Fired}}},
		{At: 60 * time.Minute, Receiver: "console"},
	}
	if got := c.Run(nil); len(got) != 0 {
		t.Errorf("got %v, want no failures", got)
	}
}

// Only time intervals depend on when a case begins.
func TestACaseMayBeginAtAnyTime(t *testing.T) {
	t.Parallel()
	c := plateau()
	c.Start = time.Date(2026, 11, 23, 9, 17, 0, 0, time.UTC)
	if got := c.Run(annotate); len(got) != 0 {
		t.Errorf("got %v, want no failures", got)
	}
}

func TestOrganizationsOfOneCaseDoNotMix(t *testing.T) {
	t.Parallel()
	c := plateau()
	other := opus
	other.Organization = "umbrella"
	c.Settle["umbrella"] = 0
	c.Limits = append(c.Limits, replay.CaseLimit{Labels: other, Value: 1000})
	c.Used = append(c.Used, replay.CaseUsed{Labels: other, Used: slices.Repeat([]float64{100}, 80)})
	if got := c.Run(annotate); len(got) != 0 {
		t.Errorf("got %v, want no failures", got)
	}
}
