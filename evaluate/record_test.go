package evaluate_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"alerter/evaluate"
	"alerter/usage"
)

// closed are n cases of an alert, one an hour up to shortly before noon. After the
// first few of them the limit was reached in 20 minutes.
func closed(of *evaluate.Alert, n, reached int) []evaluate.Case {
	cases := make([]evaluate.Case, n)
	for i := range cases {
		at := noon.Add(-time.Duration(n-i)*time.Hour - 10*time.Minute)
		cases[i] = evaluate.Case{
			Fingerprint: of.Fingerprint, ID: of.Subject.ID, Severity: evaluate.Warning, Level: 0.85, At: at, ClosedAt: at.Add(67 * time.Minute),
		}
		if i < reached {
			cases[i].ReachedAt = at.Add(20 * time.Minute)
		}
	}
	return cases
}

// warnedAt is a result in which an alert is a warning at 85 % from noon on.
func warnedAt() evaluate.Result {
	a := evaluate.Alert{
		Fingerprint: "f", Kind: "pressure", State: evaluate.Firing, Severity: evaluate.Warning,
		Subject: evaluate.Subject{ID: usage.ID{OrganizationID: "org-1", Limiter: usage.OutputTokens}},
		Reached: [3]evaluate.Reached{{At: noon.Add(-time.Minute), Level: 0.7}, {At: noon, Level: 0.85}},
		Reading: evaluate.Reading{Odds: &evaluate.Odds{Within60: 0.21}},
	}
	return evaluate.Result{Alerts: []evaluate.Alert{a}, Changed: []evaluate.Alert{a}, Notices: []evaluate.Notice{{Alert: a}}}
}

// ownOdds is what the alert of [warnedAt] is told of such warnings.
func ownOdds(records *evaluate.Records) *evaluate.Counted {
	res := warnedAt()
	records.Step(noon, &usage.Facts{}, &res)
	return res.Alerts[0].Reading.Odds.Own
}

func TestOddsComeFromTwentyWarningsOfTheSameLimitAndLevel(t *testing.T) {
	t.Parallel()
	alert := &warnedAt().Alerts[0]
	for name, c := range map[string]struct {
		change func([]evaluate.Case) []evaluate.Case
		want   *evaluate.Counted
	}{
		"twenty are enough":          {func(all []evaluate.Case) []evaluate.Case { return all }, &evaluate.Counted{Cases: 20, Within60: 8, Since: noon.Add(-20*time.Hour - 10*time.Minute)}},
		"nineteen are not":           {func(all []evaluate.Case) []evaluate.Case { return all[1:] }, nil},
		"an open one does not count": {func(all []evaluate.Case) []evaluate.Case { all[19].ClosedAt = time.Time{}; return all }, nil},
		"a void one does not count":  {func(all []evaluate.Case) []evaluate.Case { all[3].Void = true; return all }, nil},
		"another level's do not":     {func(all []evaluate.Case) []evaluate.Case { all[3].Level = 0.9; return all }, nil},
		"another severity's do not":  {func(all []evaluate.Case) []evaluate.Case { all[3].Severity = evaluate.Info; return all }, nil},
		"another alert's do not":     {func(all []evaluate.Case) []evaluate.Case { all[3].Fingerprint = "g"; return all }, nil},
		"ninety days ago is too old": {func(all []evaluate.Case) []evaluate.Case { all[0].At = noon.AddDate(0, 0, -91); return all }, nil},
		"a quarter of an hour is soon": {func(all []evaluate.Case) []evaluate.Case {
			all[2].ReachedAt = all[2].At.Add(15 * time.Minute)
			return all
		}, &evaluate.Counted{Cases: 20, Within15: 1, Within60: 8, Since: noon.Add(-20*time.Hour - 10*time.Minute)}},
	} {
		var records evaluate.Records
		records.Keep(c.change(closed(alert, 20, 8)))
		if diff := cmp.Diff(c.want, ownOdds(&records)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEveryCopyOfAnAlertHasTheSameOddsAndThePriorKeepsItsOwn(t *testing.T) {
	t.Parallel()
	var records evaluate.Records
	res := warnedAt()
	before := res.Alerts[0].Reading.Odds
	records.Keep(closed(&res.Alerts[0], 20, 8))
	records.Step(noon, &usage.Facts{}, &res)
	want := res.Alerts[0].Reading.Odds
	for _, got := range []*evaluate.Odds{res.Changed[0].Reading.Odds, res.Notices[0].Alert.Reading.Odds} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("odds of a copy (-alert +copy):\n%s", diff)
		}
	}
	if before.Own != nil || want.Own == nil || want.Within60 != 0.21 {
		t.Errorf("got %+v after %+v, want the table's odds kept, and only the new alert changed", want, before)
	}
}

func TestWhatIsTooOldIsDropped(t *testing.T) {
	t.Parallel()
	alert := &warnedAt().Alerts[0]
	records := evaluate.Records{Reach: 20 * time.Hour}
	records.Keep(closed(alert, 30, 30))
	if got := ownOdds(&records); got != nil {
		t.Errorf("got %+v, want nothing: only 19 cases are from the 20 hours that are kept", got)
	}
	records.Reach = 0
	if got := ownOdds(&records); got == nil || got.Cases != 21 {
		t.Errorf("got %+v, want the 21 cases within the reach of the newest one and no older ones", got)
	}
}

func TestACaseBeginsOnceAndIsLeftToTheCallerToKeep(t *testing.T) {
	t.Parallel()
	var records evaluate.Records
	facts := &usage.Facts{Series: []usage.Series{{ID: warnedAt().Alerts[0].Subject.ID, From: noon.Add(-2 * time.Hour)}}}
	step := func() []evaluate.Case {
		res := warnedAt()
		return records.Step(noon, facts, &res)
	}
	want := []evaluate.Case{{Fingerprint: "f", ID: facts.Series[0].ID, Severity: evaluate.Warning, Level: 0.85, At: noon}}
	for range 2 {
		if diff := cmp.Diff(want, step()); diff != "" {
			t.Errorf("before it is kept (-want +got):\n%s", diff)
		}
	}
	records.Keep(want)
	if got := step(); len(got) != 0 {
		t.Errorf("got %+v from the same step again, want nothing", got)
	}
}

func TestAWarningThatIsNoForecastIsNoCase(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*evaluate.Alert){
		"pending":                    func(a *evaluate.Alert) { a.State = evaluate.Pending },
		"stale":                      func(a *evaluate.Alert) { a.Kind = "stale" },
		"a limit per day":            func(a *evaluate.Alert) { a.Subject.Limiter = usage.TokensPerDay },
		"reached already":            func(a *evaluate.Alert) { a.LimitReached.At = noon.Add(-time.Minute) },
		"at this level since before": func(a *evaluate.Alert) { a.Reached[1].At = noon.Add(-time.Minute) },
	} {
		var records evaluate.Records
		res := warnedAt()
		change(&res.Alerts[0])
		if got := records.Step(noon, &usage.Facts{}, &res); len(got) != 0 {
			t.Errorf("%s: got %+v, want no case", name, got)
		}
	}
}

func TestTheCasesOfALimitThatIsGoneSayNothing(t *testing.T) {
	t.Parallel()
	var records evaluate.Records
	open := closed(&warnedAt().Alerts[0], 1, 1)
	open[0].ClosedAt = time.Time{}
	records.Keep(open)
	want := open[0]
	want.Void, want.ClosedAt = true, noon
	if diff := cmp.Diff([]evaluate.Case{want}, records.Step(noon, &usage.Facts{}, &evaluate.Result{})); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

func TestWilsonsIntervalHasItsKnownValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hits, n   int
		low, high float64
	}{
		// From R: prop.test(hits, n, correct = FALSE)$conf.int
		{9, 24, 0.2116, 0.5729},
		{0, 20, 0, 0.1611},
		{20, 20, 0.8389, 1},
		{5, 10, 0.2366, 0.7634},
		{1, 100, 0.0018, 0.0545},
		{0, 0, 0, 1},
	} {
		low, high := evaluate.Wilson(c.hits, c.n)
		if math.Abs(low-c.low) > 5e-5 || math.Abs(high-c.high) > 5e-5 {
			t.Errorf("%d of %d: got %.4f to %.4f, want %.4f to %.4f", c.hits, c.n, low, high, c.low, c.high)
		}
	}
}

// Promise 6: nothing from the future. What is not over changes no case, and none
// counts before its hour is.
func TestOddsNeverUseWhatWasNotVisibleYet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules, w := genRules(t), genWorld(t)
		w.lag, w.to, w.disabled = 0, day.Add(3*time.Hour), nil // so that what is appended is not over yet
		for _, track := range w.tracks {
			track.used = append(track.used, genRow(t, []float64{0, 300, 1000, 2000}, "later use", 90)...)
		}
		var records evaluate.Records
		var prior []evaluate.Alert
		var stepped time.Time
		for _, now := range w.looks() {
			clean, poisoned := w.facts(now, stepped), w.facts(now, stepped)
			for i := range clean.Series {
				clean.Series[i].Settled = len(clean.Series[i].Points)
				s := &poisoned.Series[i]
				for range 80 {
					s.Points = append(s.Points, usage.Point{Used: 1e6, Limit: 1})
				}
				s.Settled = len(s.Points)
			}
			res := evaluate.Step(now, rules, clean, prior)
			want, got := records.Step(now, clean, &res), records.Step(now, poisoned, &res)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: with a future (-want +got):\n%s", now.Format("15:04"), diff)
			}
			for _, c := range want {
				if !c.Void && !c.ClosedAt.IsZero() && c.ClosedAt.Sub(c.At) < time.Hour+time.Minute {
					t.Fatalf("got %+v, which counts before its hour is over", c)
				}
			}
			records.Keep(want)
			prior, stepped = res.Alerts, now
		}
	})
}
