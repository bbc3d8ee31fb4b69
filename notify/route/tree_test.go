package route_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/route"
)

func goodTree() route.Tree {
	return route.Tree{
		Root: &route.Node{
			Receiver: "team", GroupBy: []string{"alertname", "organization"},
			GroupWait: 10 * time.Second, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour,
		},
		SystemReceiver: "team",
		Receivers:      map[string]route.ReceiverOptions{"team": {SendResolved: true}, "oncall": {}},
		Order:          []string{"team", "oncall"},
	}
}

func TestCheckAcceptsAGoodTree(t *testing.T) {
	t.Parallel()
	tree := goodTree()
	child := *tree.Root
	child.Matchers = []route.Matcher{{Name: "severity", Op: "=", Value: "critical"}, {Name: "workspace", Op: "!~", Value: "a|b"}}
	child.GroupBy, child.GroupWait, child.Continue = []string{"..."}, 0, true
	tree.Root.Routes = []*route.Node{&child}
	if err := tree.Check(); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	tree.SystemReceiver = ""
	if err := tree.Check(); err != nil {
		t.Errorf("without a system receiver: got %v, want no error", err)
	}
}

func TestCheckReportsEveryMistake(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		harm func(*route.Tree)
		want []string
	}{
		{"no root", func(t *route.Tree) { t.Root = nil }, []string{
			"route: there is none; write at least a receiver under it",
		}},
		{"root with matchers and continue", func(t *route.Tree) {
			t.Root.Matchers = []route.Matcher{{Name: "severity", Op: "=", Value: "x"}}
			t.Root.Continue = true
		}, []string{
			"route {}: the root route takes every alert; move its matchers to a route under routes",
			"route {}: nothing comes after the root route; leave out its continue",
		}},
		{"receivers that do not exist", func(t *route.Tree) {
			t.SystemReceiver, t.Root.Receiver, t.Order = "x", "y", []string{"z"}
		}, []string{
			`system_receiver: no receiver is called "x"; write one of oncall, team`,
			`order of receivers: no receiver is called "z"; write one of oncall, team`,
			`route {}: no receiver is called "y"; write one of oncall, team`,
		}},
		{"no receivers at all", func(t *route.Tree) {
			t.SystemReceiver, t.Order, t.Receivers = "", nil, nil
		}, []string{
			`route {}: no receiver is called "team"; there are none`,
		}},
		{"a route without receiver", func(t *route.Tree) { t.Root.Receiver = "" }, []string{
			"route {}: it has no receiver; name one here or in a route above it",
		}},
		{"group_by", func(t *route.Tree) { t.Root.GroupBy = []string{"cluster", "alertname", "alertname", "..."} }, []string{
			`route {}: group_by: no alert has a label "cluster"; write one of alertname, severity, organization, workspace, model_group, limiter`,
			`route {}: group_by: "alertname" is there twice`,
			`route {}: group_by: "..." stands for all labels; leave out the others`,
		}},
		{"timers", func(t *route.Tree) {
			t.Root.GroupWait, t.Root.GroupInterval, t.Root.RepeatInterval = -time.Second, 0, -time.Hour
		}, []string{
			"route {}: group_wait: -1s is negative; write 0s to send at once",
			"route {}: group_interval: 0s is not above zero; write a span such as 5m",
			"route {}: repeat_interval: -1h0m0s is not above zero; write a span such as 4h",
		}},
		{"time intervals", func(t *route.Tree) {
			t.Root.MuteTimeIntervals, t.Root.ActiveTimeIntervals = []string{"night"}, []string{"day"}
		}, []string{
			"route {}: mute_time_intervals: the root route takes every alert at any time; write it in a route under routes",
			`route {}: mute_time_intervals: no time interval is called "night"`,
			"route {}: active_time_intervals: the root route takes every alert at any time; write it in a route under routes",
			`route {}: active_time_intervals: no time interval is called "day"`,
		}},
		{"matchers of a nested route", func(t *route.Tree) {
			inner, outer := *t.Root, *t.Root
			inner.Matchers = []route.Matcher{{Name: "sevrity", Op: "=", Value: "x"}, {Name: "limiter", Op: "=~", Value: "("}, {Name: "limiter", Op: "~", Value: "x"}}
			outer.Matchers = []route.Matcher{{Name: "workspace", Op: "=", Value: "x"}}
			outer.Routes = []*route.Node{&inner}
			t.Root.Routes = []*route.Node{&outer}
		}, []string{
			`route {}/{workspace="x"}/{sevrity="x",limiter=~"(",limiter~"x"}: matchers: no alert has a label "sevrity"; write one of alertname, severity, organization, workspace, model_group, limiter`,
			`route {}/{workspace="x"}/{sevrity="x",limiter=~"(",limiter~"x"}: matchers: ` + "`(` is no regular expression (missing closing ): `(`); write \\ before a character that stands for itself, or limiter=\"(\" for plain text",
			`route {}/{workspace="x"}/{sevrity="x",limiter=~"(",limiter~"x"}: matchers: "~" is no operator; write =, !=, =~ or !~`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tree := goodTree()
			tt.harm(&tree)
			err := tree.Check()
			if err == nil {
				t.Fatal("got no error, want one")
			}
			if diff := cmp.Diff(strings.Join(tt.want, "\n"), err.Error()); diff != "" {
				t.Errorf("want, got differ:\n%s", diff)
			}
		})
	}
}

func TestRouteTakesTheFirstMatchUnlessItContinues(t *testing.T) {
	t.Parallel()
	tree := parseTree(t, `
receiver root
receiver oncall
receiver payments
receiver nights
receiver search
route root group_by=alertname
  route oncall matcher=severity="critical" continue
  route payments matcher=workspace=~"payments.*"
    route nights matcher=limiter="output_tokens_per_minute"
  route search matcher=workspace=~".*s.*"
`)
	tests := []struct {
		name   string
		labels map[string]string
		want   []string
	}{
		{"nothing matches", map[string]string{"workspace": "x"}, []string{"root"}},
		{"no labels at all", nil, []string{"root"}},
		{"the first match ends it", map[string]string{"workspace": "payments-s"}, []string{"payments"}},
		{"the deepest match counts", map[string]string{"workspace": "payments", "limiter": "output_tokens_per_minute"}, []string{"nights"}},
		{"continue goes on", map[string]string{"workspace": "payments", "severity": "critical"}, []string{"oncall", "payments"}},
		{"continue may be all", map[string]string{"severity": "critical"}, []string{"oncall"}},
		{"the last one", map[string]string{"workspace": "research"}, []string{"search"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, n := range tree.Route(tt.labels) {
				got = append(got, n.Receiver)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("want, got differ:\n%s", diff)
			}
		})
	}
}

func TestExplainSaysWhichRoutesMatchedAndWhichGroupItIs(t *testing.T) {
	t.Parallel()
	tree := parseTree(t, `
receiver root
receiver payments
receiver nights
route root group_by=alertname,organization
  route payments matcher=workspace=~"payments.*"
    route nights matcher=severity="critical" matcher=limiter!="x\"y"
`)
	alert := evaluate.Alert{Rule: "LimitPressure", Severity: evaluate.Critical}
	alert.Labels.Workspace = "payments-eu"
	got := tree.Explain(route.Labels(alert))
	want := []route.Explanation{{
		Node:        tree.Root.Routes[0].Routes[0],
		Path:        []string{`{}`, `{workspace=~"payments.*"}`, `{severity="critical",limiter!="x\"y"}`},
		Group:       route.GroupRef{Receiver: "nights", Key: `{}/{workspace=~"payments.*"}/{severity="critical",limiter!="x\"y"}:{alertname="LimitPressure"}`},
		GroupLabels: map[string]string{"alertname": "LimitPressure"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want, got differ:\n%s", diff)
	}
}

func TestAWalkSaysWhatBecameOfTheAlertAtEachRoute(t *testing.T) {
	t.Parallel()
	tree := parseTree(t, `
receiver root
receiver oncall
receiver payments
receiver nights
receiver search
route root
  route oncall matcher=severity="critical" continue
  route payments matcher=workspace=~"payments.*"
    route nights matcher=severity="critical" matcher=limiter="x"
      route search
  route search
    route nights
`)
	type seen struct {
		Depth    int
		Receiver string
		Outcome  route.Outcome
		Against  string
	}
	walk := func(labels map[string]string) (all []seen) {
		for _, v := range tree.Walk(labels) {
			s := seen{Depth: v.Depth, Receiver: v.Node.Receiver, Outcome: v.Outcome}
			if v.Against != nil {
				s.Against = v.Against.String()
			}
			all = append(all, s)
		}
		return all
	}
	want := []seen{
		{0, "root", route.Passed, ""},
		{1, "oncall", route.Taken, ""},
		{1, "payments", route.Taken, ""},
		{2, "nights", route.Refused, `limiter="x"`},
		{1, "search", route.Skipped, ""},
	}
	if diff := cmp.Diff(want, walk(map[string]string{"workspace": "payments-eu", "severity": "critical"})); diff != "" {
		t.Errorf("want, got differ:\n%s", diff)
	}
	want = []seen{
		{0, "root", route.Passed, ""},
		{1, "oncall", route.Refused, `severity="critical"`},
		{1, "payments", route.Refused, `workspace=~"payments.*"`},
		{1, "search", route.Passed, ""},
		{2, "nights", route.Taken, ""},
	}
	if diff := cmp.Diff(want, walk(nil)); diff != "" {
		t.Errorf("want, got differ:\n%s", diff)
	}
	if got := (route.Tree{}).Walk(nil); got != nil {
		t.Errorf("got %v of an empty tree, want nothing", got)
	}
}

func TestATreeWithoutRoutesTellsNobody(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var notices []evaluate.Notice
	for _, kind := range []string{"pressure", "system"} {
		notices = append(notices, evaluate.Notice{At: at, Reason: evaluate.Fired, Alert: evaluate.Alert{
			Fingerprint: evaluate.Fingerprint(kind), Kind: kind, State: evaluate.Firing, Severity: evaluate.Critical, FiredAt: at,
		}})
	}
	if got := route.Step(at, route.Tree{}, route.Input{Notices: notices}); len(got.Messages)+len(got.Groups) > 0 {
		t.Errorf("got %+v, want nothing", got)
	}
	if got := route.Keys(route.Tree{}, notices, nil); len(got) > 0 {
		t.Errorf("got keys %v, want none", got)
	}
}

func TestLabelsHoldEveryLabelName(t *testing.T) {
	t.Parallel()
	labels := route.Labels(evaluate.Alert{})
	for _, name := range route.LabelNames {
		if _, ok := labels[name]; !ok {
			t.Errorf("%s is not among %v", name, labels)
		}
	}
	if len(labels) != len(route.LabelNames) {
		t.Errorf("got %d labels, want %d", len(labels), len(route.LabelNames))
	}
}

func TestKeysFindsAGroupAtEverySeverity(t *testing.T) {
	t.Parallel()
	tree := parseTree(t, `
receiver team
receiver oncall
route team group_by=alertname
  route oncall matcher=severity="critical"
`)
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	over := evaluate.Notice{At: at, Reason: evaluate.ReasonResolved, Alert: evaluate.Alert{
		Rule: "X", State: evaluate.Resolved, Severity: evaluate.Warning,
	}}
	want := []route.GroupRef{
		{Receiver: "oncall", Key: `{}/{severity="critical"}:{alertname="X"}`},
		{Receiver: "team", Key: `{}:{alertname="X"}`},
	}
	if diff := cmp.Diff(want, route.Keys(tree, []evaluate.Notice{over, over}, nil)); diff != "" {
		t.Errorf("want, got differ:\n%s", diff)
	}
	over.Alert.Kind = "system"
	want = []route.GroupRef{
		{Receiver: "oncall", Key: `{system}:{alertname="X"}`},
		{Receiver: "team", Key: `{system}:{alertname="X"}`},
	}
	if diff := cmp.Diff(want, route.Keys(tree, []evaluate.Notice{over}, map[string]bool{"team": true})); diff != "" {
		t.Errorf("about the service itself: want, got differ:\n%s", diff)
	}
}

func TestMessageAlertFindsNoOther(t *testing.T) {
	t.Parallel()
	m := route.Message{Alerts: []evaluate.Alert{{Fingerprint: "a"}}}
	if a, ok := m.Alert(route.Item{Fingerprint: "b"}); ok {
		t.Errorf("got %v, want none", a)
	}
}
