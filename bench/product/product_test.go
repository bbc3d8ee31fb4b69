package product

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/bench/earlywarn"
	"alerter/evaluate"
)

func shipped(t *testing.T) Setting {
	t.Helper()
	s, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// caseOf uses the given shares of the limit for so many minutes each.
func caseOf(stretches ...[2]float64) earlywarn.Case {
	c := earlywarn.Case{Trace: "made", Dimension: earlywarn.Input, Limit: 1000}
	for _, s := range stretches {
		for range int(s[1]) {
			c.Usage = append(c.Usage, s[0])
		}
	}
	return c
}

func TestTheShippedRuleWarnsAt85Percent(t *testing.T) {
	t.Parallel()
	if got, want := shipped(t).Warning(), 0.85; got != want {
		t.Errorf("warning level: got %v, want %v", got, want)
	}
}

func TestQuietTrafficIsNotSpokenOf(t *testing.T) {
	t.Parallel()
	if got := shipped(t).Messages(caseOf([2]float64{0.5, 300})); len(got) != 0 {
		t.Errorf("messages: got %v, want none", got)
	}
}

func TestAPlateauIsToldWhenItIsVisible(t *testing.T) {
	t.Parallel()
	// 0.95 for 9 minutes is 0.855; the ninth is minute 48, over at 49, visible at 54.
	got := shipped(t).Messages(caseOf([2]float64{0.1, 40}, [2]float64{0.95, 12}, [2]float64{0.1, 60}))
	if len(got) == 0 {
		t.Fatal("messages: got none, want one at minute 54")
	}
	if diff := cmp.Diff(Message{Minute: 54, Reason: evaluate.Fired, Severity: evaluate.Warning}, got[0]); diff != "" {
		t.Errorf("first message (-want +got):\n%s", diff)
	}
}

func TestTheWarmUpIsSteppedThroughInSilence(t *testing.T) {
	t.Parallel()
	c := caseOf([2]float64{0.1, 40}, [2]float64{0.95, 12}, [2]float64{0.1, 60})
	c.WarmUp = 60
	for _, m := range shipped(t).Messages(c) {
		if m.Minute < c.WarmUp || m.Reason == evaluate.Fired {
			t.Errorf("got %v, want only what ends after minute 60", m)
		}
	}
}

func TestOnlyWarningsCount(t *testing.T) {
	t.Parallel()
	messages := []Message{
		{Minute: 1, Reason: evaluate.Fired, Severity: evaluate.Info},
		{Minute: 2, Reason: evaluate.Fired, Severity: evaluate.Warning},
		{Minute: 3, Reason: evaluate.Escalated, Severity: evaluate.Critical},
		{Minute: 4, Reason: evaluate.Reminder, Severity: evaluate.Critical},
		{Minute: 4, Reason: evaluate.Fired, Severity: evaluate.Critical},
		{Minute: 5, Reason: evaluate.Eased, Severity: evaluate.Warning},
		{Minute: 6, Reason: evaluate.ReasonResolved, Severity: evaluate.Warning},
	}
	got := Warned(messages, evaluate.Fired, evaluate.Reminder)
	if diff := cmp.Diff([]float64{2, 4}, got); diff != "" {
		t.Errorf("minutes (-want +got):\n%s", diff)
	}
}

func TestALimitIsAnAlertOfItsOwn(t *testing.T) {
	t.Parallel()
	c := caseOf([2]float64{0.95, 60})
	in := newRun(shipped(t), c)
	c.Dimension = earlywarn.Output
	out := newRun(shipped(t), c)
	if in.facts.Series[0].ID == out.facts.Series[0].ID {
		t.Errorf("input and output: got the same series %v, want two", in.facts.Series[0].ID)
	}
}
