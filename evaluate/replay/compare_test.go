package replay_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/evaluate/replay"
)

func TestReportsAreComparedMessageByMessage(t *testing.T) {
	t.Parallel()
	said := func(minutes int, of string, reason evaluate.Reason, to ...string) replay.Notification {
		return replay.Notification{Fingerprint: evaluate.Fingerprint(of), Reason: reason, Severity: evaluate.Warning, At: clock(minutes), Receivers: to}
	}
	a := replay.Report{Notifications: []replay.Notification{
		said(10, "x", evaluate.Fired, "mail", "chat"),
		said(60, "x", evaluate.Reminder, "mail"),
		said(120, "x", evaluate.Reminder, "mail"),
		said(130, "x", evaluate.ReasonResolved, "mail"),
		said(200, "y", evaluate.Fired, "mail"),
		said(300, "y", evaluate.Fired, "mail"),
	}}
	b := replay.Report{Notifications: []replay.Notification{
		said(10, "x", evaluate.Fired, "chat", "mail"),
		said(120, "x", evaluate.Reminder, "mail"), // pairs with the same minute, not with an hour before
		said(140, "x", evaluate.ReasonResolved, "mail"),
		said(170, "y", evaluate.Fired, "mail"),
		said(361, "y", evaluate.Fired, "mail"),
		said(361, "x", evaluate.Fired, "mail"), // to fewer
	}}
	got := replay.Compare(&a, &b)
	want := replay.Difference{
		OnlyA: []replay.Notification{a.Notifications[1], a.Notifications[5]},
		OnlyB: []replay.Notification{b.Notifications[5], b.Notifications[4]},
		Same:  2, Earlier: 1, Later: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	if got := replay.Compare(&a, &a); got.Same != 6 || len(got.OnlyA)+len(got.OnlyB) > 0 || got.OnlyA == nil {
		t.Errorf("got %+v of a report and itself, want everything in both", got)
	}
}

func TestASweepMovesTheWarningAndKeepsTheLevelsRising(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		rule evaluate.Condition
		want []string
	}{
		{"the defaults of pressure", evaluate.Pressure{Window: 15 * minute, Depth: minute}, []string{
			"0% 70% 93%", "70% 75% 93%", "70% 80% 93%", "70% 85% 93% written", "70% 90% 93%", "70% 0% 93%",
		}},
		{"no warning", evaluate.Threshold{Critical: 0.95, Clear: 0.9, Over: 5 * minute}, []string{
			"0% 0% 70%", "0% 0% 75%", "0% 0% 80%", "0% 0% 85%", "0% 0% 90%", "0% 0% 93%", "0% 0% 95% written",
		}},
		{"only info", evaluate.Threshold{Info: 0.5, Over: 5 * minute}, nil},
		{"no levels of a limit", evaluate.Stale{Warning: 15 * minute}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rules := []evaluate.Rule{shipped[1], {Alert: "Moved", Condition: c.rule}}
			var got []string
			for _, v := range replay.Variants(rules) {
				if err := v.Rules[1].Check(); err != nil {
					t.Errorf("at %v: %v", v.Level, err)
				}
				levels := v.Rules[1].Condition.(interface{ Levels() [3]float64 }).Levels()
				line := fmt.Sprintf("%v %v %v", evaluate.Share(levels[0]), evaluate.Share(levels[1]), evaluate.Share(levels[2]))
				if v.Written {
					line += " written"
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("levels (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.rule, rules[1].Condition); diff != "" {
				t.Errorf("the rule was changed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestATotalAddsLimitsAndTakesTheMedianOfAllLeads(t *testing.T) {
	t.Parallel()
	h := ramp()
	r := replay.Collect(replay.Run(h, shipped, tree, h.Span()), h.Span(), nil)
	one := r.Total("LimitPressure", shipped)
	other := replay.Labels{ModelGroup: "other"}
	r.Final[other] = r.Final[r.Notifications[0].Labels]
	for _, n := range r.Notifications {
		n.Labels, n.At = other, n.At.Add(-time.Minute)
		r.Notifications = append(r.Notifications, n)
	}
	for _, m := range r.LimitReached {
		m.Labels = other
		r.LimitReached = append(r.LimitReached, m)
	}
	two := r.Total("LimitPressure", shipped)
	if one.Right != 1 || one.Lead != 19*time.Minute || two.Right != 2 || two.TimesAtLimit != 2 || two.Notified != 2*one.Notified {
		t.Errorf("got %+v of one limit and %+v of two, want the sum", one, two)
	}
	if two.Lead != 20*time.Minute {
		t.Errorf("got a lead of %s, want the later of 19 and 20 minutes", two.Lead)
	}
	if none := r.Total("Nobody", shipped); none.Fired != 0 || none.Missed != 0 {
		t.Errorf("got %+v of a rule that is not there, want nothing", none)
	}
}
