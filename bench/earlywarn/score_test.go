package earlywarn

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// scored is a case of two days with the given episodes.
func scored(episodes ...Episode) Case {
	return Case{WarmUp: minutesPerDay, Limited: Limited{Episodes: episodes}, Usage: make([]float64, 2*minutesPerDay)}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	const at = 2000.0
	episode := Episode{Start: at, End: at + 20}
	for _, c := range []struct {
		name string
		of   Case
		told []float64
		want Score
	}{
		{"silence misses", scored(episode), nil, Score{Episodes: 1, Fresh: 1}},
		{
			"an hour before is a hit", scored(episode), []float64{at - 60},
			Score{Episodes: 1, Fresh: 1, Hits: 1, EarlyHits: 1, FreshEarly: 1, Right: 1, Leads: []float64{60}},
		},
		{
			"more than an hour before is a false alarm", scored(episode), []float64{at - 61},
			Score{Episodes: 1, Fresh: 1, False: 1},
		},
		{
			"under five minutes before is a late hit", scored(episode), []float64{at - 4},
			Score{Episodes: 1, Fresh: 1, Hits: 1, Right: 1, Leads: []float64{4}},
		},
		{"at the start is no hit, and not wrong", scored(episode), []float64{at}, Score{Episodes: 1, Fresh: 1}},
		{
			"the first of two notifications makes the lead", scored(episode), []float64{at - 30, at - 2},
			Score{Episodes: 1, Fresh: 1, Hits: 1, EarlyHits: 1, FreshEarly: 1, Right: 2, Leads: []float64{30}},
		},
		{"the echo of an episode is neither right nor wrong", scored(episode), []float64{at + 35}, Score{Episodes: 1, Fresh: 1}},
		{"after the echo it is wrong", scored(episode), []float64{at + 36}, Score{Episodes: 1, Fresh: 1, False: 1}},
		{
			"during one and before the next it is right", scored(episode, Episode{Start: at + 50, End: at + 60}), []float64{at + 10},
			Score{Episodes: 2, Fresh: 1, Hits: 1, EarlyHits: 1, Right: 1, Leads: []float64{40}},
		},
		{
			"episodes of the warm-up do not count, and keep the next from being fresh",
			scored(Episode{Start: 1400, End: 1430}, Episode{Start: 1450, End: 1451}), nil, Score{Episodes: 1},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.want.Days = 1
			if diff := cmp.Diff(c.want, Judge(c.of, c.told), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("score (-want +got):\n%s", diff)
			}
		})
	}
}

func TestScoreSharesOfNothingAreZero(t *testing.T) {
	t.Parallel()
	var s Score
	got := []float64{s.Recall(), s.EarlyRecall(), s.FreshRecall(), s.Precision(), s.FalsePerDay(), s.F1(), s.Lead(0.5), Row{}.Macro()}
	if diff := cmp.Diff(make([]float64, len(got)), got); diff != "" {
		t.Errorf("shares (-want +got):\n%s", diff)
	}
}

func TestScoreOfSeveralCases(t *testing.T) {
	t.Parallel()
	var s Score
	s.Add(Score{Episodes: 3, Hits: 2, EarlyHits: 2, Fresh: 2, FreshEarly: 1, Right: 1, False: 3, Days: 13, Leads: []float64{9, 7}})
	s.Add(Score{Episodes: 1, Right: 1, False: 3, Days: 13, Leads: []float64{8}})
	got := []float64{s.Recall(), s.EarlyRecall(), s.FreshRecall(), s.Precision(), s.FalsePerDay(), s.F1(), s.Lead(0.5), s.Lead(1)}
	want := []float64{0.5, 0.5, 0.5, 0.25, 6.0 / 26, 1.0 / 3, 8, 9}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("shares (-want +got):\n%s", diff)
	}
}

func TestMacroIsTheMeanOfTraces(t *testing.T) {
	t.Parallel()
	one, two := scored(Episode{Start: 2000, End: 2001}), scored(Episode{Start: 2000, End: 2001})
	one.Trace, two.Trace = "one", "two"
	short := scored()
	short.Short = true
	row := Rank("r", 0, []Case{one, one, two, short}, func(c Case) []float64 {
		if c.Trace == "one" {
			return []float64{1990}
		}
		return nil
	})
	if got, want := row.Macro(), 0.5; got != want {
		t.Errorf("macro F1: got %v, want %v", got, want)
	}
	if got, want := len(row.Traces), 2; got != want {
		t.Errorf("traces: got %d, want %d", got, want)
	}
}
