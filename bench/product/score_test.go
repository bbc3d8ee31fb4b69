package product

import (
	"testing"

	"alerter/bench/earlywarn"
	"alerter/evaluate"
)

// promised is the F1@5 of the plain rate by trace, as published: the shipped rule must not be
// more than a hundredth below it.
var promised = map[string]float64{"sg-peaky-2": 0.51, "sg-steady-2": 0.48, "sg-team-1": 0.54, "wc98-2": 0.66}

func TestTheShippedRuleWarnsAsWellAsPromised(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("steps the rule through eight weeks of traffic")
	}
	traces, err := earlywarn.ReadTraces("../../testdata/traces")
	if err != nil {
		t.Fatal(err)
	}
	s := shipped(t)
	row := earlywarn.Rank("as shipped", s.Warning(), earlywarn.CasesOf(traces), func(c earlywarn.Case) []float64 {
		return Warned(s.Messages(c), evaluate.Fired, evaluate.Reminder)
	})
	if got := row.Macro(); got < 0.55 {
		t.Errorf("macro F1@5: got %.3f, want at least 0.55", got)
	}
	if got := row.All.FalsePerDay(); got > 1.2 {
		t.Errorf("false alarms per day and limit: got %.3f, want at most 1.2", got)
	}
	if len(row.Traces) != len(promised) {
		t.Errorf("got %d traces, want %d", len(row.Traces), len(promised))
	}
	for _, trace := range row.Traces {
		if got, want := trace.F1(), promised[trace.Trace]-0.01; got < want {
			t.Errorf("%s: got F1@5 %.3f, want at least %.2f", trace.Trace, got, want)
		}
	}
}
