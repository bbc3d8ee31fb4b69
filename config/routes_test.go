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
