package evaluate_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/evaluate"
	"alerter/usage"
	"alerter/usage/forecast"
)

// limitOf is how a limit of 1000 fared that is known throughout a day.
func limitOf(group string, peak float64) evaluate.Fared {
	return evaluate.Fared{
		ID: usage.ID{GroupID: group, Limiter: usage.OutputTokens}, Labels: usage.Labels{ModelGroup: group},
		Limit: 1000, Peak: evaluate.Number(peak), PeakLimit: 1000, Known: 1440, Days: 1,
	}
}

// digestOf is the day from noon on.
func digestOf(limits []evaluate.Fared, warned ...evaluate.Warned) evaluate.Digest {
	return evaluate.NewDigest(noon, noon.Add(24*time.Hour), limits, warned)
}

// named is the model groups of what a digest names.
func named[T any](list []T, of func(T) usage.Labels) (names []string) {
	for _, l := range list {
		names = append(names, of(l).ModelGroup)
	}
	return names
}

func labelsOf(l evaluate.Fared) usage.Labels { return l.Labels }

func TestADigestNamesTheFiveClosestCalls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		peaks []float64
		want  []string
	}{
		"those above half, highest first": {[]float64{0.4, 0.6, 0.9, math.NaN(), 0.5}, []string{"2", "1", "4"}},
		"at most five":                    {[]float64{0.6, 0.61, 0.62, 0.63, 0.64, 0.65}, []string{"5", "4", "3", "2", "1"}},
		"the highest in any case":         {[]float64{0.1, 0.2}, []string{"1"}},
		"none where nothing was used":     {[]float64{0, math.NaN()}, nil},
	} {
		var limits []evaluate.Fared
		for i, peak := range c.peaks {
			limits = append(limits, limitOf(fmt.Sprint(i), peak))
		}
		got := digestOf(limits)
		if diff := cmp.Diff(c.want, named(got.Closest, labelsOf)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got.Limits != len(c.peaks) {
			t.Errorf("%s: got %d limits, want %d", name, got.Limits, len(c.peaks))
		}
	}
	if got := digestOf([]evaluate.Fared{limitOf("", math.NaN()), limitOf("", 0)}); got.Unseen != 1 {
		t.Errorf("got %d limits unseen, want 1", got.Unseen)
	}
}

// hours is that long after noon.
func hours(h float64) time.Time { return noon.Add(time.Duration(h * float64(time.Hour))) }

func TestWarningsAreRightWhereTheLimitWasReachedWithinTheHour(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		warned, reached []float64 // hours after noon; a limit is reached for six minutes
		want            evaluate.Warnings
		foreseen        int
	}{
		"right":                         {[]float64{2}, []float64{2.5}, evaluate.Warnings{Right: 1, Lead: 30 * time.Minute}, 1},
		"right to the hour":             {[]float64{2}, []float64{3}, evaluate.Warnings{Right: 1, Lead: time.Hour}, 1},
		"wrong":                         {[]float64{2}, []float64{3.1}, evaluate.Warnings{Wrong: 1}, 0},
		"late":                          {[]float64{2}, []float64{2}, evaluate.Warnings{Late: 1}, 0},
		"late, of what was seen later":  {[]float64{2}, []float64{1.6}, evaluate.Warnings{Late: 1}, 0},
		"wrong, of what was long over":  {[]float64{2}, []float64{1.5}, evaluate.Warnings{Wrong: 1}, 0},
		"late for one, right for next":  {[]float64{2}, []float64{1.95, 2.5}, evaluate.Warnings{Right: 1, Lead: 30 * time.Minute}, 1},
		"two for one time":              {[]float64{2, 2.25}, []float64{2.5}, evaluate.Warnings{Right: 2, Lead: 30 * time.Minute}, 1},
		"the middle of three":           {[]float64{2, 5, 8}, []float64{2.1, 5.2, 8.9}, evaluate.Warnings{Right: 3, Lead: 12 * time.Minute}, 3},
		"not over yet":                  {[]float64{23}, nil, evaluate.Warnings{Open: 1}, 0},
		"over just before":              {[]float64{22.9}, nil, evaluate.Warnings{Wrong: 1}, 0},
		"told in the digest before":     {[]float64{-1.1}, nil, evaluate.Warnings{}, 0},
		"not over in the digest before": {[]float64{-0.5}, []float64{0.2}, evaluate.Warnings{Right: 1, Lead: 42 * time.Minute}, 1},
		"over since, before its time":   {[]float64{-0.5}, []float64{-0.2}, evaluate.Warnings{Right: 1}, 0},
	} {
		l := limitOf("a", 0.9)
		var warned []evaluate.Warned
		for _, h := range c.warned {
			warned = append(warned, evaluate.Warned{ID: l.ID, At: hours(h)})
		}
		for _, h := range c.reached {
			l.Reached = append(l.Reached, evaluate.TimeAtLimit{From: hours(h), To: hours(h + 0.1)})
		}
		got := digestOf([]evaluate.Fared{l, limitOf("b", 0.1)}, warned...)
		if diff := cmp.Diff(c.want, got.Warnings); diff != "" || got.Foreseen != c.foreseen {
			t.Errorf("%s: got %d foreseen, want %d (-want +got):\n%s", name, got.Foreseen, c.foreseen, diff)
		}
	}
}

func TestNobodyKnowsWhetherAWarningOfADaysLimitWasRight(t *testing.T) {
	t.Parallel()
	l := limitOf("a", 0.9)
	l.ID.Limiter = usage.TokensPerDay
	if got := digestOf([]evaluate.Fared{l}, evaluate.Warned{ID: l.ID, At: hours(2)}); got.Warnings != (evaluate.Warnings{}) {
		t.Errorf("got %+v, want no judgement", got.Warnings)
	}
}

func TestADigestNamesTheNewestTimesAtALimit(t *testing.T) {
	t.Parallel()
	a, b := limitOf("a", 1), limitOf("b", 1)
	for _, h := range []float64{-0.5, 1, 5, 9, 11} {
		a.Reached = append(a.Reached, evaluate.TimeAtLimit{From: hours(h), To: hours(h + 0.1)})
	}
	for _, h := range []float64{3, 7} {
		b.Reached = append(b.Reached, evaluate.TimeAtLimit{From: hours(h), To: hours(h + 0.1)})
	}
	got := digestOf([]evaluate.Fared{a, b})
	if diff := cmp.Diff([]string{"b", "a", "b", "a", "a"}, named(got.Reached, func(r evaluate.ReachedLimit) usage.Labels { return r.Labels })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.TimesReached != 6 || got.Foreseen != 0 {
		t.Errorf("got %d times, %d foreseen, want 6 without the one before noon, none foreseen", got.TimesReached, got.Foreseen)
	}
}

func TestADigestAsksForWhatWouldHaveBeenEnough(t *testing.T) {
	t.Parallel()
	near := func(group string, peak float64, days, of int) evaluate.Fared {
		l := limitOf(group, peak)
		l.NearDays, l.Days = days, of
		return l
	}
	reached := near("reached", 0.8, 0, 7)
	reached.Reached = []evaluate.TimeAtLimit{{From: hours(1), To: hours(1.1)}}
	raised := near("raised", 0.99, 3, 7)
	raised.Limit = 5000
	before := near("before", 0.8, 0, 7)
	before.Reached = []evaluate.TimeAtLimit{{From: hours(-0.5), To: hours(-0.4)}}
	spiky := near("spiky", 1.3, 0, 7)
	spiky.Reached = reached.Reached
	got := digestOf([]evaluate.Fared{near("often", 0.9, 3, 7), near("seldom", 0.9, 2, 7), reached, raised, before, spiky, near("most", 0.87, 7, 7)})
	type ask struct {
		Group   string
		Enough  float64
		AtLeast bool
	}
	var asks []ask
	for _, a := range got.Asks {
		asks = append(asks, ask{a.Labels.ModelGroup, a.Enough, a.AtLeast})
	}
	want := []ask{{"most", 1100, false}, {"often", 1100, false}, {"spiky", 1600, true}}
	if diff := cmp.Diff(want, asks, cmpopts.EquateApprox(0, 1e-6)); diff != "" || got.TimesNear != 3 {
		t.Errorf("got %d in all, want 3 (-want +got):\n%s", got.TimesNear, diff)
	}
	unlimited := near("nothing allowed", 100, 1, 1)
	unlimited.PeakLimit, unlimited.Limit = 0, 0
	if got := digestOf([]evaluate.Fared{unlimited}); len(got.Asks) != 0 {
		t.Errorf("got %v, want nothing asked for where nothing can be said", got.Asks)
	}
}

func TestADigestNamesLimitsThatWereNeverNear(t *testing.T) {
	t.Parallel()
	own := limitOf("own", 0.2)
	own.ID.WorkspaceID = "wrkspc_a"
	gap := limitOf("gap", 0.1)
	gap.Known = 1200
	got := digestOf([]evaluate.Fared{limitOf("busy", 0.25), limitOf("low", 0.1), limitOf("unused", 0), gap, limitOf("unseen", math.NaN()), own})
	if diff := cmp.Diff([]string{"own", "unused", "low"}, named(got.Quiet, labelsOf)); diff != "" || got.TimesQuiet != 3 {
		t.Errorf("got %d in all, want 3 (-want +got):\n%s", got.TimesQuiet, diff)
	}
}

func TestADigestNamesWhatGrowsIntoItsLimitSoonestFirst(t *testing.T) {
	t.Parallel()
	alert := func(group string, days int) evaluate.Alert {
		return evaluate.Alert{
			Kind: "growth", State: evaluate.Firing, Labels: usage.Labels{ModelGroup: group},
			Reading: evaluate.Reading{Growth: &forecast.Estimate{At: noon.AddDate(0, 0, days)}},
		}
	}
	over, full := alert("over", 1), alert("full", 1)
	over.State, full.Kind = evaluate.Resolved, "pressure"
	unknown := alert("unknown", 1)
	unknown.Reading.Growth = nil
	got := evaluate.GrowingOf([]evaluate.Alert{alert("later", 20), over, alert("soon", 5), full, unknown})
	if diff := cmp.Diff([]string{"soon", "later"}, named(got, func(g evaluate.Growing) usage.Labels { return g.Labels })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATransitionWarnsWhereItWasNoWarningBefore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from     evaluate.State
		severity evaluate.Severity
		to       evaluate.State
		now      evaluate.Severity
		want     bool
	}{
		{evaluate.Pending, "", evaluate.Firing, evaluate.Warning, true},
		{evaluate.Pending, "", evaluate.Firing, evaluate.Critical, true},
		{evaluate.Pending, "", evaluate.Firing, evaluate.Info, false},
		{evaluate.Firing, evaluate.Info, evaluate.Firing, evaluate.Warning, true},
		{evaluate.Firing, evaluate.Warning, evaluate.Firing, evaluate.Critical, false},
		{evaluate.Firing, evaluate.Critical, evaluate.Firing, evaluate.Warning, false},
		{evaluate.Firing, evaluate.Critical, evaluate.Resolved, evaluate.Critical, false},
		{evaluate.Pending, evaluate.Warning, evaluate.Firing, evaluate.Warning, true},
	} {
		tr := evaluate.Transition{FromState: c.from, From: c.severity, ToState: c.to, To: c.now}
		if got := tr.Warns(); got != c.want {
			t.Errorf("%s %s to %s %s: got %v, want %v", c.from, c.severity, c.to, c.now, got, c.want)
		}
	}
}
