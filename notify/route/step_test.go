package route_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/route"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// firing is a notice that an alert of that severity fires since noon.
func firing(at time.Time, print evaluate.Fingerprint, severity evaluate.Severity) evaluate.Notice {
	return evaluate.Notice{At: at, Reason: evaluate.Fired, Alert: evaluate.Alert{
		Fingerprint: print, Rule: "LimitPressure", State: evaluate.Firing, Severity: severity, FiredAt: noon,
	}}
}

// Two organizations are stepped one after the other, at one time, and may share a group.
func TestTwoStepsAtOneTimeLeadToTwoMessages(t *testing.T) {
	t.Parallel()
	tree := goodTree()
	both := []evaluate.Notice{firing(noon, "a", evaluate.Warning), firing(noon, "b", evaluate.Warning)}
	first := route.Step(noon, tree, route.Input{Notices: both})

	at := noon.Add(10 * time.Minute)
	one := route.Step(at, tree, route.Input{Notices: []evaluate.Notice{firing(at, "a", evaluate.Critical)}, Groups: first.Groups})
	two := route.Step(at, tree, route.Input{Notices: []evaluate.Notice{firing(at, "b", evaluate.Critical)}, Groups: one.Groups})
	if len(one.Messages) != 1 || len(two.Messages) != 1 {
		t.Fatalf("got %d and %d messages, want one each", len(one.Messages), len(two.Messages))
	}
	if one.Messages[0].Key == two.Messages[0].Key {
		t.Error("got one key for two messages, want two")
	}
	for i, m := range []route.Message{one.Messages[0], two.Messages[0]} {
		want := []route.Item{{
			Fingerprint: []evaluate.Fingerprint{"a", "b"}[i], FiredAt: noon,
			Reason: evaluate.Escalated, Severity: evaluate.Critical, From: evaluate.Warning,
		}}
		if diff := cmp.Diff(want, m.Items); diff != "" {
			t.Errorf("message %d: want, got items differ:\n%s", i, diff)
		}
		if !m.SendAt.Equal(at) {
			t.Errorf("message %d: got send at %v, want %v", i, m.SendAt, at)
		}
	}
}

func TestStepChangesNothingItIsGiven(t *testing.T) {
	t.Parallel()
	tree := goodTree()
	notices := []evaluate.Notice{firing(noon, "b", evaluate.Warning), firing(noon, "a", evaluate.Warning)}
	groups := route.Step(noon, tree, route.Input{Notices: notices}).Groups
	before := stored(t, groups)

	at := noon.Add(5 * time.Second)
	end := firing(at, "a", evaluate.Warning)
	end.Reason, end.Alert.State = evaluate.ReasonResolved, evaluate.Resolved
	res := route.Step(at, tree, route.Input{Notices: []evaluate.Notice{firing(at, "b", evaluate.Critical), end}, Groups: groups})
	for i := range res.Messages {
		// The caller may fill in what messages show.
		for j := range res.Messages[i].Alerts {
			res.Messages[i].Alerts[j].Reading.Detail = "filled in"
		}
	}
	if diff := cmp.Diff(before, groups); diff != "" {
		t.Errorf("before, after the step differ:\n%s", diff)
	}
	if notices[0].Alert.Fingerprint != "b" {
		t.Errorf("got notices in another order: %v", notices)
	}
	for _, g := range res.Groups {
		for _, m := range g.Members {
			if m.Alert.Reading.Detail != "" {
				t.Error("a change in a message reached its group")
			}
		}
	}
}

// Readings that are not known are NaN, which is not equal to itself.
func TestAnUnknownReadingIsNoNews(t *testing.T) {
	t.Parallel()
	tree := goodTree()
	n := firing(noon, "a", evaluate.Warning)
	n.Alert.Reading.Value, n.Alert.Peak = evaluate.Unknown(), math.NaN()
	groups := route.Step(noon, tree, route.Input{Notices: []evaluate.Notice{n}}).Groups
	again := route.Step(noon.Add(time.Second), tree, route.Input{Notices: []evaluate.Notice{n}, Groups: groups})
	if len(again.Messages)+len(again.Groups) > 0 {
		t.Errorf("got %+v, want nothing", again)
	}
}

func TestItemsAndMessagesCountTheirGravestReason(t *testing.T) {
	t.Parallel()
	tree := goodTree()
	tree.Root.NotifyEased = true
	prints := []evaluate.Fingerprint{"a", "b", "c", "d", "e", "f"}
	var notices []evaluate.Notice
	for _, print := range prints[:5] {
		notices = append(notices, firing(noon, print, evaluate.Warning))
	}
	notices[3].Alert.Severity = evaluate.Critical
	groups := route.Step(noon, tree, route.Input{Notices: notices}).Groups

	at := noon.Add(5 * time.Hour) // a reminder of the rest is due
	var news []evaluate.Notice
	for i, state := range []evaluate.State{evaluate.Withdrawn, evaluate.Resolved, evaluate.Firing, evaluate.Firing} {
		n := notices[i]
		n.Alert.State = state
		n.Alert.Severity = []evaluate.Severity{evaluate.Warning, evaluate.Warning, evaluate.Critical, evaluate.Warning}[i]
		news = append(news, n)
	}
	news = append(news, firing(at, "f", evaluate.Warning))
	res := route.Step(at, tree, route.Input{Notices: news, Groups: groups})
	if len(res.Messages) != 1 {
		t.Fatalf("got %d messages, want 1", len(res.Messages))
	}
	var got []string
	for _, it := range res.Messages[0].Items {
		got = append(got, string(it.Reason)+" "+string(it.Fingerprint))
	}
	want := []string{"escalated c", "fired f", "reminder e", "eased d", "resolved b", "withdrawn a"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want, got differ:\n%s", diff)
	}
	if res.Messages[0].Reason != evaluate.Escalated {
		t.Errorf("got reason %s, want escalated", res.Messages[0].Reason)
	}
}
