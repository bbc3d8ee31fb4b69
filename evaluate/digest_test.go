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
	return evaluate.NewDigest(noon, noon.Add(24*time.Hour), limits, warned, nil)
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

func TestWarningsCountInTheDigestOfTheTimeInWhichTheyTurnedOut(t *testing.T) {
	t.Parallel()
	l := limitOf("a", 0.9)
	// warned is a case of so many hours after noon, how long before the limit was
	// reached it came, and when it was closed; zero: not.
	warned := func(at float64, lead time.Duration, closed float64) evaluate.Case {
		c := evaluate.Case{ID: l.ID, Severity: evaluate.Warning, At: hours(at)}
		if lead > 0 {
			c.ReachedAt = c.At.Add(lead)
		}
		if closed != 0 {
			c.ClosedAt = hours(closed)
		}
		return c
	}
	info, other, void := warned(1, 0, 2.1), warned(1, 0, 2.1), warned(1, 0, 2.1)
	info.Severity, other.ID.GroupID, void.Void = evaluate.Info, "other", true
	for name, c := range map[string]struct {
		cases []evaluate.Case
		want  evaluate.Warnings
	}{
		"right":                              {[]evaluate.Case{warned(2, 30*time.Minute, 3.1)}, evaluate.Warnings{Right: 1, Lead: 30 * time.Minute}},
		"the middle of three":                {[]evaluate.Case{warned(2, 30*time.Minute, 3.1), warned(5, 9*time.Minute, 6.1), warned(8, time.Hour, 9.1)}, evaluate.Warnings{Right: 3, Lead: 30 * time.Minute}},
		"wrong":                              {[]evaluate.Case{warned(2, 0, 3.1)}, evaluate.Warnings{Wrong: 1}},
		"closed in the digest before":        {[]evaluate.Case{warned(-2, 0, -0.9)}, evaluate.Warnings{}},
		"from before it, and closed in this": {[]evaluate.Case{warned(-0.9, 0, 0.1)}, evaluate.Warnings{Wrong: 1}},
		"closed only in the next":            {[]evaluate.Case{warned(22.9, 0, 24)}, evaluate.Warnings{Open: 1}},
		"not closed":                         {[]evaluate.Case{warned(23, time.Minute, 0)}, evaluate.Warnings{Open: 1}},
		"not warned of, or not of these":     {[]evaluate.Case{info, other, void}, evaluate.Warnings{}},
	} {
		got := evaluate.NewDigest(noon, noon.Add(24*time.Hour), []evaluate.Fared{l}, nil, c.cases)
		if diff := cmp.Diff(c.want, got.Warnings); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestATimeAtALimitIsForeseenWherePeopleWereWarned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		warned []evaluate.Warned
		want   time.Duration
	}{
		"nobody":                           {nil, 0},
		"an alert that still fires":        {[]evaluate.Warned{{From: hours(1)}}, time.Hour},
		"one that fired for long":          {[]evaluate.Warned{{From: hours(-5), To: hours(3)}}, 7 * time.Hour},
		"one that was over, in the hour":   {[]evaluate.Warned{{From: hours(1.5), To: hours(1.75)}}, 30 * time.Minute},
		"one that was over, long before":   {[]evaluate.Warned{{From: hours(0.9), To: hours(1.9)}}, 0},
		"one that began with it":           {[]evaluate.Warned{{From: hours(2)}}, 0},
		"one of several that came first":   {[]evaluate.Warned{{From: hours(1.8)}, {From: hours(1.5)}, {From: hours(1.9)}}, 30 * time.Minute},
		"one about another limit does not": {[]evaluate.Warned{{ID: usage.ID{GroupID: "b"}, From: hours(1)}}, 0},
	} {
		l := limitOf("a", 0.9)
		l.Reached = []evaluate.TimeAtLimit{{From: hours(2), To: hours(2.1)}}
		for i := range c.warned {
			if c.warned[i].ID.GroupID == "" {
				c.warned[i].ID = l.ID
			}
		}
		got := digestOf([]evaluate.Fared{l}, c.warned...)
		foreseen := 0
		if c.want > 0 {
			foreseen = 1
		}
		if got.Reached[0].Ahead != c.want || got.Foreseen != foreseen || l.Reached[0].Ahead != 0 {
			t.Errorf("%s: got %s ahead, %d foreseen, want %s", name, got.Reached[0].Ahead, got.Foreseen, c.want)
		}
	}
}

func TestADigestNamesTheNewestTimesAtALimit(t *testing.T) {
	t.Parallel()
	a, b := limitOf("a", 1), limitOf("b", 1)
	for _, h := range []float64{1, 5, 9, 11} {
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
		t.Errorf("got %d times, %d foreseen, want 6, none foreseen", got.TimesReached, got.Foreseen)
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
	spiky := near("spiky", 1.3, 0, 7)
	spiky.Reached = reached.Reached
	got := digestOf([]evaluate.Fared{near("often", 0.9, 3, 7), near("seldom", 0.9, 2, 7), reached, raised, spiky, near("most", 0.87, 7, 7)})
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

func TestAWarningLastsFromOneTransitionToAnother(t *testing.T) {
	t.Parallel()
	id := usage.ID{GroupID: "a"}
	firing, pending, over := evaluate.Firing, evaluate.Pending, evaluate.Resolved
	type step struct {
		at       float64
		print    evaluate.Fingerprint
		from     evaluate.State
		severity evaluate.Severity
		to       evaluate.State
		now      evaluate.Severity
	}
	var w evaluate.Warner
	for _, s := range []step{
		{0, "before", firing, evaluate.Critical, over, evaluate.Critical},
		{1, "a", pending, evaluate.Warning, firing, evaluate.Info},
		{2, "a", firing, evaluate.Info, firing, evaluate.Warning},
		{3, "a", firing, evaluate.Warning, firing, evaluate.Critical},
		{4, "b", pending, "", firing, evaluate.Critical},
		{5, "a", firing, evaluate.Critical, firing, evaluate.Info},
		{6, "a", firing, evaluate.Info, over, evaluate.Info},
		{7, "a", pending, "", firing, evaluate.Warning},
	} {
		w.Add(id, evaluate.Transition{At: hours(s.at), Fingerprint: s.print, FromState: s.from, From: s.severity, ToState: s.to, To: s.now})
	}
	alert := func(print evaluate.Fingerprint, state evaluate.State, severity evaluate.Severity) evaluate.Alert {
		return evaluate.Alert{Fingerprint: print, Kind: "pressure", Subject: evaluate.Subject{ID: id}, State: state, Severity: severity, FiredAt: hours(-30)}
	}
	long, stale := alert("long", firing, evaluate.Critical), alert("stale", firing, evaluate.Critical)
	long.Reached[2].At, stale.Kind = hours(-29), "stale"
	w.AddFiring([]evaluate.Alert{
		alert("a", firing, evaluate.Warning), alert("mild", firing, evaluate.Info), alert("soon", pending, evaluate.Warning), stale, long,
		alert("unknown", firing, evaluate.Warning),
	})
	want := []evaluate.Warned{
		{ID: id, From: hours(2), To: hours(5)}, {ID: id, From: hours(4)}, {ID: id, From: hours(7)},
		{ID: id, From: hours(-29)}, {ID: id, From: hours(-30)},
	}
	if diff := cmp.Diff(want, w.Times); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
