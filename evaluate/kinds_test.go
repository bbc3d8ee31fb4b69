package evaluate_test

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/usage"
)

// The troubles of several organizations are stepped together, without an
// organization of their own.
func TestTroublesOfTwoOrganizationsAreTwoAlerts(t *testing.T) {
	t.Parallel()
	facts := &usage.Facts{Troubles: []usage.Trouble{
		{Name: "AlerterKeyRefused", Organization: "acme", Severity: "critical"},
		{Name: "AlerterKeyRefused", Organization: "globex", Severity: "unheard of"},
		{Name: "AlerterJobFailing", Organization: "acme", Subject: "usage", Severity: "warning"},
		{Name: "AlerterJobFailing", Organization: "globex", Subject: "usage", Severity: "warning"},
		{Name: "AlerterJobFailing", Subject: "usage", Severity: "warning"},
	}}
	res := evaluate.Step(noon, evaluate.SystemRules(), facts, nil)
	parts := map[string]evaluate.Severity{}
	for _, n := range res.Notices {
		if n.Alert.Subject.OrganizationID != "" {
			t.Errorf("got %+v, want no organization's id", n.Alert.Subject)
		}
		parts[n.Alert.Rule+" "+n.Alert.Subject.Part] = n.Alert.Severity
	}
	want := map[string]evaluate.Severity{
		"AlerterKeyRefused acme": evaluate.Critical, "AlerterKeyRefused globex": evaluate.Warning,
		"AlerterJobFailing acme/usage": evaluate.Warning, "AlerterJobFailing globex/usage": evaluate.Warning,
		"AlerterJobFailing usage": evaluate.Warning,
	}
	if diff := gocmp.Diff(want, parts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	facts.Troubles[0].Called = "Acme Robotics"
	for _, a := range evaluate.Step(noon.Add(time.Minute), evaluate.SystemRules(), facts, res.Alerts).Changed {
		if a.Subject.Part != "acme" || a.Labels.Organization != "Acme Robotics" || a.State != evaluate.Firing {
			t.Errorf("got %+v changed, want the one alert of acme, which goes on under the name that is known now", a)
		}
	}
	facts.Organization.ID = "org-1"
	for _, a := range evaluate.Step(noon, evaluate.SystemRules(), facts, nil).Alerts {
		if a.Labels.Organization != "" && a.Subject.OrganizationID != "org-1" {
			t.Errorf("got %+v, want the organization's id where it is known", a.Subject)
		}
	}
}

func TestChangedLimitIsNamedAsFarAsItIsKnown(t *testing.T) {
	t.Parallel()
	facts := &usage.Facts{
		Organization: usage.Organization{ID: "org-1", Name: "acme"},
		Changes:      []usage.Change{{Kind: usage.LimitRemoved, WorkspaceID: "wrkspc_9", GroupID: "rlg_gone", Limiter: usage.InputTokens, Old: 5}},
	}
	rules := []evaluate.Rule{{Alert: "LimitChanged", Condition: evaluate.LimitChange{Severity: evaluate.Info}}}
	res := evaluate.Step(noon, rules, facts, nil)
	want := usage.Labels{Organization: "acme", Workspace: "wrkspc_9", ModelGroup: "rlg_gone", Limiter: "input_tokens_per_minute"}
	if len(res.Notices) != 1 || res.Notices[0].Alert.Labels != want || *res.Notices[0].Alert.Reading.Change != facts.Changes[0] {
		t.Fatalf("got %+v, want one notice with labels %+v", res.Notices, want)
	}
	if a := res.Notices[0].Alert; a.State != evaluate.Resolved || !a.ResolvedAt.Equal(noon) || a.Severity != evaluate.Info {
		t.Errorf("got %+v, want it to be over already", a)
	}
	again := evaluate.Step(noon, rules, facts, res.Alerts)
	if len(again.Changed)+len(again.Notices) != 0 || len(again.Alerts) != 1 {
		t.Errorf("the same step again: got %+v, want nothing new", again)
	}
}

// Whoever ranges over verdicts may stop.
func TestVerdictsCanBeLeftEarly(t *testing.T) {
	t.Parallel()
	facts := &usage.Facts{
		Series: []usage.Series{{}, {}}, Sources: []usage.Source{{Why: "it counts requests"}, {Problem: "it answers 500", Why: "it counts requests"}},
		Changes: []usage.Change{{Model: "a"}, {Model: "b"}}, Troubles: []usage.Trouble{{}, {}},
	}
	for _, c := range []evaluate.Condition{
		evaluate.Pressure{Window: minute, Depth: minute}, evaluate.Threshold{Over: minute}, evaluate.Stale{},
		evaluate.LimitChange{Severity: evaluate.Info}, evaluate.SystemRules()[0].Condition,
	} {
		all, first := 0, 0
		for range c.Verdicts(noon, evaluate.Match{}, facts) {
			all++
		}
		for range c.Verdicts(noon, evaluate.Match{}, facts) {
			first++
			break
		}
		if all != 2 || first != 1 {
			t.Errorf("%s: got %d verdicts and %d of them, want 2 and 1", c.Kind(), all, first)
		}
	}
}
