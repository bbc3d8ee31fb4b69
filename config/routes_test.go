package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/notify/route"
)

const threeReceivers = `
organizations: [{admin_key: "${ANTHROPIC_ADMIN_KEY}"}]
receivers:
  - {name: a, console: {}}
  - {name: b, console: {}, send_resolved: false}
  - {name: c, console: {}}
`

// mustMatch parses a matcher.
func mustMatch(t *testing.T, text string) route.Matcher {
	t.Helper()
	m, err := route.ParseMatcher(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRoutesSayWhenNotToTellAndWhomElse(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, threeReceivers+`
time_intervals:
  - name: night
    time_intervals:
      - {times: [{start_time: "22:00", end_time: "24:00"}, {start_time: "00:00", end_time: "06:00"}], location: Europe/Berlin}
  - name: holidays
    time_intervals:
      - {weekdays: [saturday, Sunday, "monday:tuesday"], months: [december, "6:august"]}
      - {days_of_month: ["1", "-3:-1"], years: [2027, "2028:2030"]}
inhibit_rules:
  - {source_matchers: [severity="critical"], target_matchers: [severity="warning"], equal: [model_group]}
route:
  receiver: a
  escalate_after: 15m
  escalate_to: b
  reminder_backoff: 1.5
  flap: {changes: 6, within: 1h}
  routes:
    - {matchers: [workspace="prod"], mute_time_intervals: [night], active_time_intervals: [holidays]}
    - {matchers: [workspace="dev"], receiver: b}
    - {matchers: [workspace="test"], escalate_after: 0s}
`)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]route.TimeInterval{
		"night": {{Times: []route.Range{{First: 1320, Last: 1440}, {First: 0, Last: 360}}, Location: berlin}},
		"holidays": {
			{Weekdays: []route.Range{{First: 6, Last: 6}, {First: 0, Last: 0}, {First: 1, Last: 2}}, Months: []route.Range{{First: 12, Last: 12}, {First: 6, Last: 8}}},
			{DaysOfMonth: []route.Range{{First: 1, Last: 1}, {First: -3, Last: -1}}, Years: []route.Range{{First: 2027, Last: 2027}, {First: 2028, Last: 2030}}},
		},
	}, c.Tree.Intervals, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); diff != "" {
		t.Errorf("intervals (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]route.InhibitRule{{
		Source: []route.Matcher{mustMatch(t, `severity="critical"`)}, Target: []route.Matcher{mustMatch(t, `severity="warning"`)}, Equal: []string{"model_group"},
	}}, c.Tree.Inhibit); diff != "" {
		t.Errorf("inhibit rules (-want +got):\n%s", diff)
	}
	root := route.Terms{
		EscalateAfter: 15 * time.Minute, EscalateTo: "b", ReminderBackoff: 1.5, Flap: route.Flap{Changes: 6, Within: time.Hour},
	}
	prod, dev := root, root
	prod.MuteTimeIntervals, prod.ActiveTimeIntervals = []string{"night"}, []string{"holidays"}
	dev.EscalateAfter, dev.EscalateTo = 0, "" // b is told already
	for i, want := range []route.Terms{prod, dev, dev} {
		if diff := cmp.Diff(want, c.Tree.Root.Routes[i].Terms); diff != "" {
			t.Errorf("terms of route %d (-want +got):\n%s", i, diff)
		}
	}
	if diff := cmp.Diff(root, c.Tree.Root.Terms); diff != "" {
		t.Errorf("terms of the root (-want +got):\n%s", diff)
	}
	text, err := c.Show()
	if err != nil {
		t.Fatal(err)
	}
	again := mustLoad(t, strings.ReplaceAll(string(text), "<secret>", "sk-ant-admin01-shown"))
	if diff := cmp.Diff(c.Tree.Root, again.Tree.Root, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("what is shown means something else (-want +got):\n%s", diff)
	}
}

func TestRoutesTakeFromAboveWhatTheyDoNotSay(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, threeReceivers+`
route:
  receiver: a
  group_by: [alertname]
  notify_info: true
  routes:
    - matchers: [severity="critical"]
      group_wait: 0s
      group_by: []
      continue: true
      routes:
        - {matchers: 'workspace=~"pay.*"', receiver: c, notify_info: false, repeat_interval: 1h}
    - {receiver: b, group_by: ..., notify_eased: true}
system_receiver: c
`)
	want := route.Tree{
		SystemReceiver: "c",
		Order:          []string{"a", "b", "c"},
		Receivers:      map[string]route.ReceiverOptions{"a": {SendResolved: true}, "b": {}, "c": {SendResolved: true}},
		Root: &route.Node{
			Receiver: "a", GroupBy: []string{"alertname"}, NotifyInfo: true,
			GroupWait: 10 * time.Second, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour,
			Routes: []*route.Node{
				{
					Receiver: "a", Matchers: []route.Matcher{mustMatch(t, `severity="critical"`)}, Continue: true, NotifyInfo: true,
					GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour,
					Routes: []*route.Node{{
						Receiver: "c", Matchers: []route.Matcher{mustMatch(t, `workspace=~"pay.*"`)},
						GroupInterval: 5 * time.Minute, RepeatInterval: time.Hour,
					}},
				},
				{
					Receiver: "b", GroupBy: []string{"..."}, NotifyInfo: true, NotifyEased: true,
					GroupWait: 10 * time.Second, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour,
				},
			},
		},
	}
	if diff := cmp.Diff(want, c.Tree, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
	if len(c.Tree.Root.Routes[0].GroupBy) != 0 {
		t.Errorf("got group_by %q, want an empty list kept empty", c.Tree.Root.Routes[0].GroupBy)
	}
}

func TestOneReceiverNeedsNoRoute(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, small)
	want := &route.Node{
		Receiver: "console", GroupWait: 10 * time.Second, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour,
	}
	if diff := cmp.Diff(want, c.Tree.Root, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("root (-want +got):\n%s", diff)
	}
	if c.Tree.SystemReceiver != "console" {
		t.Errorf("got system receiver %q, want the root's", c.Tree.SystemReceiver)
	}
}

func TestOneReceiverNeedNotBeNamedByTheRoute(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, small+"\nroute: {group_wait: 1m, routes: [{matchers: [severity=critical], group_wait: 0s}]}\n")
	for _, n := range []*route.Node{c.Tree.Root, c.Tree.Root.Routes[0]} {
		if n.Receiver != "console" {
			t.Errorf("got receiver %q with group_wait %s, want the only one", n.Receiver, n.GroupWait)
		}
	}
	if c.Tree.Root.GroupWait != time.Minute {
		t.Errorf("got group_wait %s, want the one that is written", c.Tree.Root.GroupWait)
	}
}

func TestRoutesThatDoNothingAreWarnedOf(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, threeReceivers+`
rules: [{alert: A, limit_change: {}}]
route:
  receiver: a
  routes:
    - receiver: b
    - matchers: [severity="critical"]
`)
	want := []string{
		`rules.yaml:13:7: this route is never reached: the one before it takes every alert`,
		`rules.yaml:6:12: no route names the receiver "c"`,
	}
	if diff := cmp.Diff(want, c.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestAReceiverWithoutANameDoesNotMakeRoutesWrong(t *testing.T) {
	t.Parallel()
	_, err := LoadBytes("rules.yaml", []byte(`
organizations: [{admin_key: "${ANTHROPIC_ADMIN_KEY}"}]
receivers: [{nane: a, console: {}}, {name: b, console: {}}]
route: {receiver: a}
`), environment)
	if want := `rules.yaml:3:14: unknown key "nane" (did you mean "name"?)`; err == nil || err.Error() != want {
		t.Errorf("got %v, want only %s", err, want)
	}
}

func TestEmptyRouteEntriesAreReportedAndSkipped(t *testing.T) {
	t.Parallel()
	_, err := LoadBytes("rules.yaml", []byte(small+"route: {receiver: console, routes: [~, {receiver: x}]}\n"), environment)
	want := "rules.yaml:4:37: the list has an empty entry\nrules.yaml:4:51: there is no receiver \"x\""
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
