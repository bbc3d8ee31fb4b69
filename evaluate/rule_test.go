package evaluate_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
)

func TestRuleCheckReportsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule evaluate.Rule
		want []string
	}{
		{evaluate.Rule{}, []string{"alert: the alertname is empty", "alert: the rule has no kind"}},
		{evaluate.Rule{Alert: "A", Condition: evaluate.LimitChange{Severity: "page"}, For: -time.Second, KeepFiringFor: -1, RepeatInterval: -time.Hour}, []string{
			"for: -1s is negative", "keep_firing_for: -1ns is negative", "repeat_interval: -1h0m0s is negative",
			`severity: "page" is not a severity: write info, warning or critical`,
		}},
		{pressure(0.9, 0.9, 0.5, 90*time.Second, 0), []string{
			"warning: 90% is not above 90% of info", "critical: 50% is not above 90% of info",
			"window: 1m30s is not whole minutes", "depth: 0s is not above zero",
		}},
		{pressure(0, 0, 0, 0, time.Minute), []string{"window: 0s is not between 1m and 1d"}},
		{pressure(-1, evaluate.Share(math.NaN()), 0, 25*time.Hour, time.Minute), []string{
			"info: -100% is not a level", "warning: NaN% is not a level", "window: 1d1h is not between 1m and 1d",
		}},
		{threshold(0, 0, 0), []string{"threshold: there is no level: write info, warning or critical"}},
		{threshold(0.8, 0.7, 0.85), []string{"critical: 70% is not above 80% of warning", "clear: 85% is above 80% of warning"}},
		{pressure(0.9, 1, 1.01, 15*time.Minute, time.Minute), []string{"critical: 101% is above 100%, at which the limit's bucket is empty"}},
		{threshold(2, 6, 0), []string{"critical: 600% is above 200%, the most that fits into a minute: a full bucket and what refills it"}},
		{threshold(0.8, 0, -0.5), []string{"clear: -50% is not a level"}},
		{evaluate.Rule{Alert: "A", Condition: evaluate.Growth{Info: 7 * minute, Warning: 7 * minute, Critical: 6 * minute}}, []string{"warning: 7m is not below 7m of info: the nearer, the worse"}},
		{evaluate.Rule{Alert: "A", Condition: evaluate.Growth{Warning: -minute, Critical: minute}}, []string{"warning: -1m0s is not a level"}},
		{evaluate.Rule{Alert: "A", Condition: evaluate.Stale{Warning: minute, Critical: minute}}, []string{"critical: 1m is not above 1m of warning"}},
	} {
		err := c.rule.Check()
		var got []string
		if err != nil {
			got = strings.Split(err.Error(), "\n")
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.rule, diff)
		}
		if joined, ok := err.(interface{ Unwrap() []error }); !ok || len(joined.Unwrap()) != len(c.want) {
			t.Errorf("%+v: got %v, want %d errors joined flat", c.rule, err, len(c.want))
		}
	}
}

func pressure(info, warning, critical evaluate.Share, window, depth time.Duration) evaluate.Rule {
	return evaluate.Rule{Alert: "A", Condition: evaluate.Pressure{
		Info: info, Warning: warning, Critical: critical, Window: evaluate.Duration(window), Depth: evaluate.Duration(depth),
	}}
}

func threshold(warning, critical, clearing evaluate.Share) evaluate.Rule {
	return evaluate.Rule{Alert: "A", Condition: evaluate.Threshold{Warning: warning, Critical: critical, Over: minute, Clear: clearing}}
}

func TestEveryKindIsSoundAsItComes(t *testing.T) {
	t.Parallel()
	want := []string{"growth", "limit_change", "pressure", "stale", "threshold"}
	if got := evaluate.Kinds(); !slices.Equal(got, want) {
		t.Errorf("got kinds %q, want %q", got, want)
	}
	for _, name := range evaluate.Kinds() {
		kind, ok := evaluate.KindOf(name)
		if !ok || kind.Doc == "" || kind.New().Kind() != name {
			t.Errorf("%s: got %+v, want a described kind that makes conditions of its name", name, kind)
		}
		if err := kind.New().Check(); err != nil && name != "threshold" {
			t.Errorf("%s: got %v, want defaults that hold", name, err)
		}
	}
	if _, ok := evaluate.KindOf("system"); ok {
		t.Error("got the kind system, want it out of reach of files")
	}
}

func TestKindsSayWhetherTheyAreAboutUseAndForetell(t *testing.T) {
	t.Parallel()
	var use, foretell []string
	for _, kind := range evaluate.Kinds() {
		if evaluate.AboutUse(kind) {
			use = append(use, kind)
		}
		if evaluate.Foretells(kind) {
			foretell = append(foretell, kind)
		}
	}
	if !slices.Equal(use, []string{"growth", "pressure", "threshold"}) || !slices.Equal(foretell, []string{"pressure", "threshold"}) {
		t.Errorf("got %q about use, %q of them foretelling, want growth, pressure, threshold, and the last two", use, foretell)
	}
}

func TestTheServiceLooksBackTwoHoursAndAnHourMoreThanAnyRule(t *testing.T) {
	t.Parallel()
	long := evaluate.Rule{Condition: evaluate.Pressure{Window: 90 * minute}}
	short := evaluate.Rule{Condition: evaluate.Pressure{Window: 15 * minute}}
	for want, rules := range map[time.Duration][]evaluate.Rule{
		2 * time.Hour:                {short},
		2*time.Hour + 30*time.Minute: {short, long, short},
	} {
		if got := evaluate.LiveLookback(rules); got != want {
			t.Errorf("%d rules: got %v, want %v", len(rules), got, want)
		}
	}
	if got := evaluate.LiveLookback(nil); got != evaluate.BucketLookback {
		t.Errorf("no rules: got %v, want %v", got, evaluate.BucketLookback)
	}
}

// One look reads what the rules look at, behind the oldest minute that still counts: ten
// minutes old, or five after it should have settled.
func TestALookReadsUpToTheOldestMinuteThatCounts(t *testing.T) {
	t.Parallel()
	rules := []evaluate.Rule{{Condition: evaluate.Stale{}}, {Condition: evaluate.Pressure{Window: 15 * minute}}}
	for settle, want := range map[time.Duration]time.Duration{2 * time.Minute: 26 * time.Minute, 20 * time.Minute: 41 * time.Minute} {
		if got := evaluate.Lookback(rules, settle); got != want {
			t.Errorf("settled after %v: got %v, want %v", settle, got, want)
		}
	}
}

func TestLookbackIsWhatTheConditionReads(t *testing.T) {
	t.Parallel()
	for want, conditions := range map[time.Duration][]evaluate.Condition{
		0:                {evaluate.Stale{}, evaluate.Growth{}, evaluate.LimitChange{}, evaluate.SystemRules()[0].Condition},
		20 * time.Minute: {evaluate.Pressure{Window: 20 * minute}, evaluate.Threshold{Over: 20 * minute}},
		15 * time.Minute: {evaluate.Threshold{Over: minute}}, // for the pressure beside it
	} {
		for _, c := range conditions {
			if got := c.Lookback(); got != want {
				t.Errorf("%s: got %v, want %v", c.Kind(), got, want)
			}
		}
	}
	for _, r := range evaluate.SystemRules() {
		if err := r.Check(); err != nil {
			t.Errorf("got %v, want sound rules", err)
		}
	}
}

func TestRuleJSONIsCanonical(t *testing.T) {
	t.Parallel()
	for want, rule := range map[string]evaluate.Rule{
		`{"alert":"LimitPressure","kind":"pressure","condition":{"info":"70%","warning":"85%","critical":"93%","window":"15m","depth":"1m"},` +
			`"for":"0s","keep_firing_for":"15m","repeat_interval":"1h","match":{}}`: {
			Alert: "LimitPressure", Condition: &evaluate.Pressure{Window: 15 * minute, Depth: minute}, KeepFiringFor: 15 * time.Minute, RepeatInterval: time.Hour,
		},
		`{"alert":"Busy","kind":"threshold","condition":{"warning":"98%","over":"5m","clear":"90%"},` +
			`"for":"2m","keep_firing_for":"0s","repeat_interval":"0s","match":{"workspace":["","a*"],"limiter":["*"]}}`: {
			Alert: "Busy", Condition: evaluate.Threshold{Warning: 0.98, Over: 5 * minute, Clear: 0.9}, For: 2 * time.Minute,
			Match: evaluate.Match{Workspace: []string{"", "a*"}, Limiter: []string{"*"}},
		},
		`{"alert":"Old","kind":"stale","condition":{"warning":"15m","critical":"45m"},"for":"0s","keep_firing_for":"0s","repeat_interval":"0s","match":{}}`: {
			Alert: "Old", Condition: evaluate.Stale{},
		},
		`{"alert":"Ahead","kind":"growth","condition":{"info":"4w","warning":"1w"},"for":"0s","keep_firing_for":"0s","repeat_interval":"0s","match":{}}`: {
			Alert: "Ahead", Condition: evaluate.Growth{},
		},
		`{"alert":"Changed","kind":"limit_change","condition":{"severity":"info"},"for":"0s","keep_firing_for":"0s","repeat_interval":"0s","match":{}}`: {
			Alert: "Changed", Condition: evaluate.LimitChange{Severity: evaluate.Info},
		},
	} {
		text, err := json.Marshal(rule)
		if err != nil || string(text) != want {
			t.Errorf("got %s (%v), want %s", text, err, want)
		}
		var again evaluate.Rule
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		second, err := json.Marshal(again)
		if err != nil || string(second) != want {
			t.Errorf("read and written again: got %s (%v), want %s", second, err, want)
		}
	}
}

func TestRuleJSONTakesDefaultsOfItsKind(t *testing.T) {
	t.Parallel()
	var got evaluate.Rule
	if err := json.Unmarshal([]byte(`{"alert":"Busy","kind":"threshold","condition":{"warning":"80%"}}`), &got); err != nil {
		t.Fatal(err)
	}
	want := evaluate.Rule{
		Alert: "Busy", Condition: &evaluate.Threshold{Warning: 0.8, Over: 5 * minute},
		For: 2 * time.Minute, KeepFiringFor: 10 * time.Minute,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRuleJSONRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"alert":"A","kind":"moon"}`:                               `rule "A" has the unknown kind "moon" (known: growth, limit_change, pressure, stale, threshold)`,
		`{"alert":"A","kind":"system"}`:                             `rule "A" has the unknown kind "system" (known: growth, limit_change, pressure, stale, threshold)`,
		`{"alert":"A","kind":"stale","condition":{"info":"5"}}`:     `read the condition of rule "A": "5" is not a duration: write 90s, 5m, 1h30m or 30d`,
		`{"alert":"A","kind":"stale","condition":{"warn":"5m"}}`:    `read the condition of rule "A": json: unknown field "warn"`,
		`{"alert":"A","kind":"stale","severity":"info"}`:            `read rule "A": json: unknown field "severity"`,
		`{"alert":"A","kind":"pressure","condition":{"info":"0%"}}`: `read the condition of rule "A": "0%" is not above zero, as a share must be: write 80% or 0.8`,
		`{"alert":1}`: `read a rule: json: cannot unmarshal number into Go struct field .alert of type string`,
	} {
		var r evaluate.Rule
		if err := json.Unmarshal([]byte(text), &r); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestRuleThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	for _, r := range []evaluate.Rule{{Alert: "A"}, pressure(11, 0, 0, time.Minute, time.Minute), {Alert: "A", Condition: evaluate.Stale{}, For: -1}} {
		if text, err := r.MarshalJSON(); err == nil {
			t.Errorf("got %s, want an error", text)
		}
	}
}

// A rule can be tried with other levels; it stays one that can be checked in.
func TestLevelsCanBeOthers(t *testing.T) {
	t.Parallel()
	if got, want := (evaluate.Pressure{}).Levels(), [3]float64{0.70, 0.85, 0.93}; got != want {
		t.Errorf("got %v of a pressure without levels, want the defaults %v", got, want)
	}
	levels := [3]float64{0, 0.6, 0.9}
	p, ok := evaluate.Pressure{Info: 0.1}.WithLevels(levels).(evaluate.Pressure)
	if !ok || p.Levels() != levels {
		t.Errorf("got %+v, want a pressure with the levels %v", p, levels)
	}
	th, ok := evaluate.Threshold{Warning: 0.8, Clear: 0.7}.WithLevels(levels).(evaluate.Threshold)
	if !ok || th.Levels() != levels || th.Clear != 0.6 {
		t.Errorf("got %+v, want a threshold with the levels %v that clears at 60%%", th, levels)
	}
}
