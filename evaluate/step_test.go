package evaluate_test

import (
	"iter"
	"math"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/usage"
)

// said is a condition whose verdicts are written down.
type said []evaluate.Verdict

func (said) Kind() string            { return "said" }
func (said) Lookback() time.Duration { return 0 }
func (said) Check() error            { return nil }
func (s said) Verdicts(time.Time, evaluate.Match, *usage.Facts) iter.Seq[evaluate.Verdict] {
	return slices.Values(s)
}

var (
	noon    = day.Add(12 * time.Hour)
	subject = evaluate.Subject{ID: usage.ID{OrganizationID: "org-1", GroupID: "rlg_opus", Limiter: usage.OutputTokens}}
)

// verdict says that the subject is at that severity, with that value.
func verdict(severity evaluate.Severity, value float64) evaluate.Verdict {
	return evaluate.Verdict{
		Subject: subject, AtLeast: severity, AtMost: severity, Levels: [3]float64{0.7, 0.8, 0.9},
		Reading: evaluate.Reading{Value: evaluate.Number(value)},
	}
}

// step is one step of the rule "R" with those verdicts.
func step(at, stepped time.Time, prior []evaluate.Alert, verdicts ...evaluate.Verdict) evaluate.Result {
	rule := evaluate.Rule{Alert: "R", Condition: said(verdicts), KeepFiringFor: 5 * time.Minute, RepeatInterval: time.Hour}
	return evaluate.Step(at, []evaluate.Rule{rule}, &usage.Facts{SteppedAt: stepped}, prior)
}

func TestFiringAlertSaysAllThatIsKnown(t *testing.T) {
	t.Parallel()
	v := verdict(evaluate.Warning, 0.87)
	v.Labels = usage.Labels{Organization: "acme", ModelGroup: "Claude Opus 5", Limiter: string(usage.OutputTokens)}
	got := step(noon, time.Time{}, nil, v)
	want := evaluate.Alert{
		Fingerprint: "4ca7b9df40ee30e7", Rule: "R", Kind: "said", Subject: subject, Labels: v.Labels,
		State: evaluate.Firing, Severity: evaluate.Warning, Worst: evaluate.Warning,
		Levels:    [3]evaluate.Level{{Since: noon, Active: true}, {Since: noon, Active: true}},
		Reached:   [3]evaluate.Reached{{At: noon, Level: 0.7}, {At: noon, Level: 0.8}},
		PendingAt: noon, FiredAt: noon, SteppedAt: noon, RepeatInterval: time.Hour,
		Reading: evaluate.Reading{Value: 0.87, Threshold: 0.8}, Peak: 0.87,
	}
	if diff := gocmp.Diff(evaluate.Result{
		Alerts: []evaluate.Alert{want}, Changed: []evaluate.Alert{want},
		Transitions: []evaluate.Transition{{
			At: noon, Fingerprint: want.Fingerprint, FromState: evaluate.Inactive, ToState: evaluate.Firing,
			To: evaluate.Warning, Value: 0.87,
		}},
		Notices: []evaluate.Notice{{At: noon, Reason: evaluate.Fired, Alert: want}},
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFingerprintIsOfIdsAndNeverOfNames(t *testing.T) {
	t.Parallel()
	v := verdict(evaluate.Critical, 1)
	first := step(noon, time.Time{}, nil, v).Alerts
	v.Labels.Workspace = "renamed"
	renamed := step(noon.Add(time.Minute), noon, first, v)
	if got, want := renamed.Alerts[0].Fingerprint, first[0].Fingerprint; got != want || len(renamed.Transitions) != 0 {
		t.Errorf("after a rename: got %s and %v, want %s and no transition", got, renamed.Transitions, want)
	}
	if len(renamed.Changed) != 1 || renamed.Changed[0].Labels.Workspace != "renamed" {
		t.Errorf("got %+v changed, want the new name to be stored", renamed.Changed)
	}

	// No two subjects run together into the same text.
	seen := map[evaluate.Fingerprint]evaluate.Subject{}
	for _, s := range []evaluate.Subject{
		{ID: usage.ID{OrganizationID: "ab"}}, {ID: usage.ID{OrganizationID: "a", WorkspaceID: "b"}},
		{ID: usage.ID{WorkspaceID: "ab"}}, {ID: usage.ID{GroupID: "ab"}}, {ID: usage.ID{Limiter: "ab"}}, {Part: "ab"},
		{ID: usage.ID{OrganizationID: "1:b"}}, {ID: usage.ID{OrganizationID: "1", WorkspaceID: ":b"}},
	} {
		v.Subject = s
		f := step(noon, time.Time{}, nil, v).Alerts[0].Fingerprint
		if other, taken := seen[f]; taken || len(f) != 16 {
			t.Errorf("%+v: got fingerprint %q, which is %+v's too or not 16 digits long", s, f, other)
		}
		seen[f] = s
	}
}

func TestOnlyWhatChangedIsWritten(t *testing.T) {
	t.Parallel()
	alerts := step(noon, time.Time{}, nil, verdict(evaluate.Warning, 0.850)).Alerts
	for i, c := range []struct {
		value   float64
		changed int
		peak    float64
	}{
		{0.850, 0, 0.850}, {0.830, 0, 0.850}, {0.854, 0, 0.850}, {0.856, 1, 0.856}, {0.861, 0, 0.856}, {0.820, 0, 0.856}, {0.994, 1, 0.994}, {0.999, 0, 0.994}, {1, 1, 1},
	} {
		at := noon.Add(time.Duration(i+1) * time.Minute)
		res := step(at, at.Add(-time.Minute), alerts, verdict(evaluate.Warning, c.value))
		if got := res.Alerts[0]; len(res.Changed) != c.changed || got.Peak != c.peak || float64(got.Reading.Value) != c.value {
			t.Errorf("%v: got %d changed, peak %v, value %v, want %d, %v and the new value",
				c.value, len(res.Changed), got.Peak, got.Reading.Value, c.changed, c.peak)
		}
		alerts = res.Alerts
	}
}

func TestAlertSaysWhenItsEpisodeFirstCameToEachLevel(t *testing.T) {
	t.Parallel()
	var alerts []evaluate.Alert
	minute := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	for n, severity := range []evaluate.Severity{evaluate.Info, evaluate.Critical, evaluate.Info, evaluate.Critical} {
		v := verdict(severity, 0.8)
		v.Levels[1] = 0 // the rule has no warning
		alerts = step(minute(n), minute(n-1), alerts, v).Alerts
	}
	want := [3]evaluate.Reached{{At: noon, Level: 0.7}, {}, {At: minute(1), Level: 0.9}}
	if got := alerts[0].Reached; got != want {
		t.Errorf("got %v, want %v: the first time counts, and only of levels that there are", got, want)
	}
	over := step(minute(60), minute(59), alerts).Alerts
	if got := over[0].Reached; got != want {
		t.Errorf("got %v once it is over, want %v still", got, want)
	}
	again := step(minute(90), minute(89), over, verdict(evaluate.Info, 0.75)).Alerts
	if got, want := again[0].Reached, ([3]evaluate.Reached{{At: minute(90), Level: 0.7}}); got != want {
		t.Errorf("got %v in the next episode, want %v", got, want)
	}
}

func TestTheNextStepStartsFromWhatIsNotOver(t *testing.T) {
	t.Parallel()
	var res evaluate.Result
	for _, state := range []evaluate.State{evaluate.Inactive, evaluate.Pending, evaluate.Firing, evaluate.Resolved, evaluate.Withdrawn} {
		res.Alerts = append(res.Alerts, evaluate.Alert{State: state})
	}
	want := []evaluate.Alert{{State: evaluate.Pending}, {State: evaluate.Firing}}
	if diff := gocmp.Diff(want, res.Live()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSubjectThatIsOverByItselfResolvesAtOnce(t *testing.T) {
	t.Parallel()
	firing := step(noon, time.Time{}, nil, verdict(evaluate.Warning, 0.85)).Alerts
	gone := verdict(evaluate.None, 0)
	gone.Gone = true
	res := step(noon.Add(time.Minute), noon, firing, gone)
	if len(res.Notices) != 1 || res.Notices[0].Reason != evaluate.ReasonResolved || res.Alerts[0].State != evaluate.Resolved {
		t.Errorf("got %+v, want it resolved", res)
	}
	if res = step(noon, time.Time{}, nil, gone); len(res.Alerts) != 0 {
		t.Errorf("got %+v for what never fired, want nothing", res.Alerts)
	}
	gone.AtLeast = evaluate.Warning
	if res = step(noon, time.Time{}, nil, gone); len(res.Alerts) != 0 {
		t.Errorf("got %+v for what is over before it fires, want nothing", res.Alerts)
	}
}

func TestAlertsThatAreOverArePassedOver(t *testing.T) {
	t.Parallel()
	over := step(noon, time.Time{}, nil, verdict(evaluate.Warning, 0.85)).Alerts
	over[0].State, over[0].ResolvedAt = evaluate.Resolved, noon
	if res := step(noon.Add(time.Minute), noon, over, verdict(evaluate.None, 0.1)); len(res.Alerts) != 0 {
		t.Errorf("got %+v, want nothing of what ended earlier", res.Alerts)
	}
	if res := step(noon.Add(time.Minute), noon, over); len(res.Alerts) != 0 {
		t.Errorf("got %+v without a verdict, want nothing of what ended earlier", res.Alerts)
	}
	res := step(noon.Add(time.Minute), noon, over, verdict(evaluate.Critical, 0.95))
	if a := res.Alerts[0]; a.FiredAt != noon.Add(time.Minute) || !a.ResolvedAt.IsZero() || res.Notices[0].Reason != evaluate.Fired {
		t.Errorf("got %+v, want a new episode", a)
	}
}

func TestWithdrawnAlertSaysWhy(t *testing.T) {
	t.Parallel()
	rule := evaluate.Rule{Alert: "R", Condition: said{verdict(evaluate.Warning, 0.85)}}
	firing := evaluate.Step(noon, []evaluate.Rule{rule}, &usage.Facts{}, nil).Alerts
	source := verdict(evaluate.Warning, 900)
	source.Subject = evaluate.Subject{ID: usage.ID{OrganizationID: "org-1"}}
	stale := step(noon, time.Time{}, nil, source).Alerts
	rule.Condition = said{}
	for want, c := range map[string]struct {
		rules []evaluate.Rule
		facts usage.Facts
		prior []evaluate.Alert
	}{
		"the rule was removed or disabled":         {nil, usage.Facts{Series: []usage.Series{{ID: subject.ID}}}, firing},
		"the rule no longer applies to this limit": {[]evaluate.Rule{rule}, usage.Facts{Series: []usage.Series{{ID: subject.ID}}}, firing},
		"the limit is no longer configured":        {[]evaluate.Rule{rule}, usage.Facts{}, firing},
		"it is no longer watched":                  {[]evaluate.Rule{rule}, usage.Facts{}, stale},
	} {
		res := evaluate.Step(noon.Add(time.Minute), c.rules, &c.facts, c.prior)
		if len(res.Notices) != 1 || res.Notices[0].Reason != evaluate.ReasonWithdrawn || res.Notices[0].Alert.Why != want {
			t.Errorf("got %+v, want it withdrawn because %s", res.Notices, want)
		}
	}
}

func TestOneVerdictCountsPerAlertAndStep(t *testing.T) {
	t.Parallel()
	res := step(noon, time.Time{}, nil, verdict(evaluate.Warning, 0.85), verdict(evaluate.Critical, 0.95))
	if len(res.Alerts) != 1 || res.Alerts[0].Severity != evaluate.Warning {
		t.Fatalf("got %+v, want the first verdict's alert", res.Alerts)
	}
	res = step(noon.Add(time.Minute), noon, res.Alerts, verdict(evaluate.Warning, 0.85), verdict(evaluate.Critical, 0.95))
	if len(res.Alerts) != 1 || len(res.Transitions) != 0 {
		t.Errorf("got %+v, want the alert as it is", res)
	}
}

func TestClockThatGoesBackMovesNoTimer(t *testing.T) {
	t.Parallel()
	firing := step(noon, time.Time{}, nil, verdict(evaluate.Warning, 0.85)).Alerts
	quiet := step(noon.Add(time.Minute), noon, firing, verdict(evaluate.None, 0.1)).Alerts
	unknown := verdict(evaluate.None, math.NaN())
	unknown.AtMost, unknown.Unknown = evaluate.Critical, true
	back := step(noon.Add(-time.Hour), noon.Add(time.Minute), quiet, unknown)
	if len(back.Changed)+len(back.Transitions) != 0 {
		t.Errorf("got %+v, want nothing", back)
	}
}

func TestTimersDoNotWaitForAClockThatWasSetBack(t *testing.T) {
	t.Parallel()
	back := noon.Add(-3 * time.Hour)
	firing := step(noon, time.Time{}, nil, verdict(evaluate.Warning, 0.85)).Alerts
	quiet := step(noon.Add(time.Minute), noon, firing, verdict(evaluate.None, 0.1)).Alerts
	still := step(back, back.Add(-time.Minute), quiet, verdict(evaluate.None, 0.1)).Alerts
	over := step(back.Add(5*time.Minute), back, still, verdict(evaluate.None, 0.1)).Alerts
	if len(over) != 1 || over[0].State != evaluate.Resolved {
		t.Errorf("five minutes of quiet after the clock was set back: got %+v, want it resolved", over)
	}
	slow := evaluate.Rule{Alert: "R", Condition: said{verdict(evaluate.Warning, 0.85)}, For: 5 * time.Minute}
	at := func(at, stepped time.Time, prior []evaluate.Alert) []evaluate.Alert {
		return evaluate.Step(at, []evaluate.Rule{slow}, &usage.Facts{SteppedAt: stepped}, prior).Alerts
	}
	pending := at(back, noon, at(noon, time.Time{}, nil))
	if got := at(back.Add(5*time.Minute), back, pending); len(got) != 1 || got[0].State != evaluate.Firing {
		t.Errorf("held for five minutes after the clock was set back: got %+v, want it firing", got)
	}
}

func TestLowerBoundWithoutNewsKeepsTheReading(t *testing.T) {
	t.Parallel()
	firing := step(noon, time.Time{}, nil, verdict(evaluate.Warning, 0.85)).Alerts
	bound := verdict(evaluate.None, 0.2)
	bound.AtMost, bound.Unknown = evaluate.Critical, true
	res := step(noon.Add(time.Minute), noon, firing, bound)
	if got := res.Alerts[0].Reading.Value; got != 0.85 {
		t.Errorf("got %v, want 0.85: at least 0.2 is no relief", got)
	}
	bound.AtLeast, bound.Reading.Value = evaluate.Critical, 0.95
	res = step(noon.Add(time.Minute), noon, firing, bound)
	if got := res.Alerts[0]; got.Reading.Value != 0.95 || got.Reading.Threshold != 0.9 || got.Severity != evaluate.Critical {
		t.Errorf("got %+v, want it raised", got)
	}
}

func TestStepLeavesPriorAlone(t *testing.T) {
	t.Parallel()
	prior := step(noon, time.Time{}, nil, verdict(evaluate.Warning, 0.85)).Alerts
	before := slices.Clone(prior)
	step(noon.Add(time.Hour), noon, prior, verdict(evaluate.None, 0.1))
	step(noon.Add(time.Hour), noon, prior)
	if diff := gocmp.Diff(before, prior); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// What is read back from where alerts are kept must be equal to what was in
// memory: FiredAt names the episode.
func TestMomentsOfAStepAreWholeMilliseconds(t *testing.T) {
	t.Parallel()
	fine := noon.Add(123*time.Millisecond + 456789)
	want := noon.Add(123 * time.Millisecond)
	res := step(fine, time.Time{}, nil, verdict(evaluate.Warning, 0.87))
	a := res.Alerts[0]
	for name, got := range map[string]time.Time{
		"PendingAt": a.PendingAt, "FiredAt": a.FiredAt, "SteppedAt": a.SteppedAt, "Since": a.Levels[1].Since,
		"the notice's At": res.Notices[0].At, "the transition's At": res.Transitions[0].At,
	} {
		if got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if again := step(fine.Add(time.Microsecond), want, res.Alerts, verdict(evaluate.Warning, 0.87)); len(again.Changed) != 0 {
		t.Errorf("the same step again: got changes %+v, want none", again.Changed)
	}
}
