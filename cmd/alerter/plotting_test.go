package main

import (
	"bytes"
	"fmt"
	"iter"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/usage"
)

// eight is when the steps of these tests begin.
var eight = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// seenAs is a series from minute first on, of which settled points are final.
func seenAs(name string, first, settled int, points ...usage.Point) usage.Series {
	return usage.Series{
		ID: usage.ID{OrganizationID: "org", GroupID: name, Limiter: usage.OutputTokens}, From: eight.Add(time.Duration(first) * time.Minute),
		Labels: usage.Labels{Organization: "acme", ModelGroup: name, Limiter: string(usage.OutputTokens)}, Settled: settled, Points: points,
	}
}

// steps are steps at which so much was seen, a minute apart.
func steps(seen ...[]usage.Series) iter.Seq2[time.Time, []replay.Result] {
	return func(yield func(time.Time, []replay.Result) bool) {
		for i, series := range seen {
			if !yield(eight.Add(time.Duration(i)*time.Minute), []replay.Result{{Facts: []usage.Facts{{Series: series}}}}) {
				return
			}
		}
	}
}

// filmed lets a plotting watch all steps.
func filmed(t *testing.T, f plotFlags, all iter.Seq2[time.Time, []replay.Result]) *plotting {
	t.Helper()
	p, err := f.plotting()
	if err != nil {
		t.Fatal(err)
	}
	replay.CollectEach(p.watch(all), 1, replay.Span{}, nil)
	return p
}

func TestAMinuteIsDrawnAsItWasWhenItWasFirstComplete(t *testing.T) {
	t.Parallel()
	pt := func(used, limit float64) usage.Point { return usage.Point{Used: used, Limit: limit} }
	nan := math.NaN()
	p := filmed(t, plotFlags{Plot: "x.svg"}, steps(
		[]usage.Series{seenAs("g", 0, 2, pt(1, 10), pt(2, 10), pt(3, 10))},             // minute 2 may still rise
		[]usage.Series{seenAs("g", 1, 2, pt(99, 10), pt(5, 10), pt(4, 0), pt(nan, 0))}, // minute 1 was corrected; 2 is final
		[]usage.Series{seenAs("g", 6, 1, pt(6, 20), pt(7, 20))},                        // 3 to 5 were never seen again
	))
	got := p.seen[seenAs("g", 0, 0).ID].series()
	want := seenAs("g", 0, 7, pt(1, 10), pt(2, 10), pt(5, 10), pt(nan, nan), pt(nan, nan), pt(nan, nan), pt(6, 20), pt(7, 20))
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

func TestTheWorstLimitsAreDrawnFirstAndUnusedOnesNotAtAll(t *testing.T) {
	t.Parallel()
	var series []usage.Series
	for i := range 10 { // g0 is used least, g9 most
		series = append(series, seenAs(fmt.Sprintf("g%d", i), 0, 1, usage.Point{Used: float64(i), Limit: 10}))
	}
	series = append(series, seenAs("unknown", 0, 1, usage.Point{Used: math.NaN(), Limit: 10}))
	report := replay.Report{From: eight, To: eight.Add(time.Hour), Episodes: []replay.Episode{
		{Labels: replay.Labels(series[2].Labels), Severity: evaluate.Warning},
		{Labels: replay.Labels(series[1].Labels), Severity: evaluate.Critical},
	}}
	names := func(all []*footage) (out []string) {
		for _, f := range all {
			out = append(out, f.labels.ModelGroup)
		}
		return out
	}
	p := filmed(t, plotFlags{Plot: "x.svg"}, steps(series))
	if diff := cmp.Diff([]string{"g1", "g2", "g9", "g8", "g7", "g6"}, names(p.choose(report))); diff != "" {
		t.Errorf("drawn (-want +got):\n%s", diff)
	}
	p = filmed(t, plotFlags{Plot: "x.svg", PlotLimit: []string{"model_group=g[", "model_group=g?", "organization=acme"}}, steps(series))
	if got := names(p.choose(report)); len(got) != 10 || got[0] != "g0" {
		t.Errorf("got %v, want all ten that match, by name", got)
	}
	p = filmed(t, plotFlags{Plot: "x.svg"}, steps([]usage.Series{series[0], series[10]}))
	if diff := cmp.Diff([]string{"g0"}, names(p.choose(report))); diff != "" {
		t.Errorf("drawn where nothing was used (-want +got):\n%s", diff)
	}
}

func TestAPlotSaysWhatIsOnItAndWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	var series []usage.Series
	for i := range mostDrawn + 1 {
		series = append(series, seenAs(fmt.Sprintf("g%02d", i), 0, 1, usage.Point{Used: 1, Limit: 10}))
	}
	report := replay.Report{From: eight, To: eight.Add(time.Hour)}
	file := filepath.Join(t.TempDir(), "x.png")
	var said bytes.Buffer
	if err := filmed(t, plotFlags{Plot: file}, steps(series)).draw(&said, report, nil); err != nil {
		t.Fatal(err)
	}
	if want := "drawn into " + file + ": 6 of 41 limits, the worst ones; --plot-limit draws others\n"; said.String() != want {
		t.Errorf("got %q, want %q", said.String(), want)
	}
	err := filmed(t, plotFlags{Plot: file, PlotLimit: []string{"model_group=*"}}, steps(series)).draw(&said, report, nil)
	if err == nil || !strings.Contains(err.Error(), "true of 41 limits, and 40 can be drawn") {
		t.Errorf("got error %v, want one that says how many there are", err)
	}
	err = filmed(t, plotFlags{Plot: file}, steps(nil)).draw(&said, report, nil)
	if err == nil || !strings.Contains(err.Error(), "there is no limit") {
		t.Errorf("got error %v, want one that says that there is none", err)
	}
}

func TestTheChartOfALimitShowsItsAlertsAndTheFirstRuleThatReadsIt(t *testing.T) {
	t.Parallel()
	s := seenAs("g", 0, 1, usage.Point{Used: 1, Limit: 10})
	f := filmed(t, plotFlags{Plot: "x.svg"}, steps([]usage.Series{s})).seen[s.ID]
	at := func(minutes int) time.Time { return eight.Add(time.Duration(minutes) * time.Minute) }
	end := at(9)
	report := replay.Report{
		From: eight, To: at(60),
		Episodes: []replay.Episode{
			{Labels: replay.Labels(s.Labels), Levels: []replay.LevelReached{{Severity: evaluate.Warning, At: at(3)}, {Severity: evaluate.Critical, At: at(5)}}, ResolvedAt: &end},
			{Labels: replay.Labels(s.Labels), Levels: []replay.LevelReached{{Severity: evaluate.Info, At: at(50)}}},
			{Labels: replay.Labels{ModelGroup: "other"}, Levels: []replay.LevelReached{{Severity: evaluate.Critical, At: at(1)}}},
		},
		Notifications: []replay.Notification{{Labels: replay.Labels(s.Labels), At: at(3)}, {Labels: replay.Labels{ModelGroup: "other"}, At: at(4)}},
	}
	rules := []evaluate.Rule{
		{Condition: &evaluate.LimitChange{}},
		{Condition: &evaluate.Pressure{Window: evaluate.Duration(time.Hour)}, Match: evaluate.Match{ModelGroup: []string{"other"}}},
		{Condition: &evaluate.Threshold{Over: evaluate.Duration(5 * time.Minute), Warning: 0.5}},
		{Condition: &evaluate.Pressure{Window: evaluate.Duration(time.Hour)}},
	}
	c := f.chart(report, rules)
	var got []string
	for _, l := range c.Lines {
		got = append(got, l.Name)
	}
	for _, l := range c.Levels {
		got = append(got, l.Name)
	}
	for _, s := range c.Spans {
		got = append(got, s.Severity+" "+s.From.Format("15:04")+" "+s.To.Format("15:04"))
	}
	for _, m := range c.Marks {
		got = append(got, string(m.Kind)+" "+m.At.Format("15:04"))
	}
	want := []string{"used", "mean of 5 min", "warning", "limit", "info 08:50 09:00", "warning 08:03 08:05", "critical 08:05 08:09", "told 08:03"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("chart (-want +got):\n%s", diff)
	}
}
