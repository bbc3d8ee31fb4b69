package notify

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/chart"
	"alerter/usage"
)

func TestAChartIsCalledByItsLimitInWords(t *testing.T) {
	t.Parallel()
	for want, labels := range map[string]usage.Labels{
		"Claude Opus 5 · output tokens per minute · whole organization · acme":    {Organization: "acme", ModelGroup: "Claude Opus 5", Limiter: "output_tokens_per_minute"},
		"Claude Opus 5 · requests per minute · workspace payments · acme":         {Organization: "acme", Workspace: "payments", ModelGroup: "Claude Opus 5", Limiter: "requests_per_minute"},
		"web_search · tool uses per second · whole organization":                  {ModelGroup: "web_search", Limiter: "tool_uses_per_second"},
		"Claude Haiku 5 · new_limiter · workspace <!channel> · a-line-and-a-half": {Organization: "a-line-and-a-half", Workspace: "<!channel>", ModelGroup: "Claude Haiku 5", Limiter: "new_limiter"},
	} {
		if got := ChartTitle(labels); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAChartReadsAsItsRuleDoes(t *testing.T) {
	t.Parallel()
	minutes := evaluate.Duration(time.Minute)
	for name, c := range map[string]struct {
		condition evaluate.Condition
		want      chart.Reading
		ok        bool
	}{
		"pressure with its defaults": {
			&evaluate.Pressure{Window: 15 * minutes, Depth: minutes},
			chart.Reading{Window: 15 * time.Minute, Depth: time.Minute, Levels: [3]float64{0.70, 0.85, 0.93}}, true,
		},
		"pressure with a level": {
			&evaluate.Pressure{Window: 30 * minutes, Depth: 2 * minutes, Warning: 0.8},
			chart.Reading{Window: 30 * time.Minute, Depth: 2 * time.Minute, Levels: [3]float64{0, 0.8, 0}}, true,
		},
		"threshold":    {&evaluate.Threshold{Over: 5 * minutes, Critical: 0.98}, chart.Reading{Window: 5 * time.Minute, Levels: [3]float64{0, 0, 0.98}}, true},
		"limit_change": {&evaluate.LimitChange{}, chart.Reading{}, true},
		"stale":        {&evaluate.Stale{}, chart.Reading{}, false},
		"none":         {nil, chart.Reading{}, false},
	} {
		got, ok := ChartReading(c.condition)
		if diff := cmp.Diff(c.want, got); diff != "" || ok != c.ok {
			t.Errorf("%s: got %t, want %t, and (-want +got):\n%s", name, ok, c.ok, diff)
		}
	}
}

func TestTheSeriesOfAnAlertIsFoundByItsIDs(t *testing.T) {
	t.Parallel()
	a := pressureAlert()
	if got, ok := SeriesOf(View(a)); !ok || got != a.Subject.ID {
		t.Errorf("got %+v (%t), want %+v", got, ok, a.Subject.ID)
	}
	a.Subject.GroupID = ""
	if _, ok := SeriesOf(View(a)); ok {
		t.Error("got a series of an alert that names no group, want none")
	}
}

func TestOnlyReceiversThatShowChartsWantThem(t *testing.T) {
	t.Parallel()
	hook := SlackSettings{WebhookURL: "https://hooks.slack.example/services/a"}
	bot := SlackSettings{Channel: "#ops", Token: "xoxb-1"}
	receivers := Receivers{
		"mail": {Kind: "email"}, "hook": {Kind: "webhook"}, "pager": {Kind: "pagerduty"},
		"slack by webhook": {Kind: "slack", Channel: hook.open(Env{})}, "slack by a bot": {Kind: "slack", Channel: bot.open(Env{})},
	}
	for name, want := range map[string]bool{
		"mail": true, "hook": false, "pager": false, "slack by webhook": false, "slack by a bot": true, "no such receiver": false,
	} {
		if got := receivers.WantsChart(name); got != want {
			t.Errorf("%s: got %t, want %t", name, got, want)
		}
	}
}
