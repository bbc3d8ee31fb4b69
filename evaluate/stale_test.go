package evaluate_test

import (
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

func TestStaleSaysWhatTheLastReadAnswered(t *testing.T) {
	t.Parallel()
	now := day.Add(30 * time.Minute)
	for _, c := range []struct {
		source usage.Source
		want   string
	}{
		{
			usage.Source{Why: "it counts requests too", DataAsOf: day.Add(4 * time.Minute)},
			"the last read was answered, and shows no usage after 00:04 UTC",
		},
		{
			usage.Source{Why: "it counts requests too", DataAsOf: day.Add(-4 * time.Minute)},
			"the last read was answered, and shows no usage after 2026-03-01 23:56 UTC",
		},
		{
			usage.Source{Why: "it is configured", Since: day},
			"the last read was answered, and shows no usage at all",
		},
		{
			usage.Source{Problem: "page 1: answered 503", Why: "it counts requests too", DataAsOf: day},
			"the last read did not succeed: page 1: answered 503",
		},
	} {
		facts := usage.Facts{Sources: []usage.Source{c.source}}
		for v := range (evaluate.Stale{}).Verdicts(now, evaluate.Match{}, &facts) {
			if v.Reading.Detail != c.want {
				t.Errorf("%+v: got %q, want %q", c.source, v.Reading.Detail, c.want)
			}
		}
	}
}
