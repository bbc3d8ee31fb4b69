package worker

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
)

// told are the values of the fields of each line with that message, without what
// varies from run to run.
func (l *logbook) told(message string, fields ...string) (out []map[string]any) {
	for _, line := range l.lines(message) {
		maps.DeleteFunc(line, func(name string, _ any) bool { return !slices.Contains(fields, name) })
		out = append(out, line)
	}
	return out
}

func TestAnOperatorSeesTheStepsThatSomethingHappenedIn(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 10) // the first one, and the ones the alert becomes info and warning in
	d.sources[0].breaks(errors.New("no answer"), "read analytics")
	for range 3 {
		c.pass(time.Minute)
		_ = d.do(usageJob, 0)
	}
	d.sources[0].breaks(nil, "read analytics")
	d.minutes(c, 0, 3)
	var shown, hidden []string
	for _, line := range d.log.lines("rules evaluated") {
		at, _ := time.Parse(time.RFC3339, line["at"].(string))
		if line["level"] == "info" {
			shown = append(shown, at.Format("15:04"))
		} else {
			hidden = append(hidden, at.Format("15:04"))
		}
	}
	noticed := map[string]bool{}
	for _, line := range d.log.lines("rules evaluated") {
		if line["notices"].(float64) > 0 {
			at, _ := time.Parse(time.RFC3339, line["at"].(string))
			noticed[at.Format("15:04")] = true
		}
	}
	want := slices.Sorted(maps.Keys(noticed))
	want = slices.Compact(slices.Sorted(slices.Values(append(want, "12:01", "12:11", "12:14"))))
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("steps at info (-want +got):\n%s", diff)
	}
	if len(noticed) == 0 || len(shown)+len(hidden) != 16 {
		t.Errorf("got %d steps with notices, %d lines at info and %d at debug, want some and 16 together", len(noticed), len(shown), len(hidden))
	}
}

func TestAJobThatWorksAgainSaysAfterHowManyFailures(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.sources[0].breaks(errors.New("no answer"), "read keys")
	d.must(usageJob, 0)
	for range 2 {
		c.pass(5 * time.Minute)
		_ = d.do(attributionJob, 0)
	}
	d.sources[0].breaks(nil, "read keys")
	for range 2 {
		c.pass(5 * time.Minute)
		d.must(attributionJob, 0)
	}
	want := []map[string]any{{"level": "info", "job": "attribution acme", "failures": 2.0}}
	if diff := cmp.Diff(want, d.log.told("job works again", "level", "job", "failures")); diff != "" {
		t.Errorf("log lines (-want +got):\n%s", diff)
	}
	if n := len(d.log.lines("job did not succeed, will run again")); n != 1 {
		t.Errorf("got %d lines of failures within ten minutes, want 1", n)
	}
}

func TestAfterTooManyRequestsTheLogSaysUntilWhenTheAPIIsLeftAlone(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 1)
	d.sources[0].breaks(refusal{code: 429, rest: 150 * time.Second}, "read analytics")
	for range 3 {
		_ = d.do(usageJob, 0)
	}
	want := []map[string]any{{"level": "warn", "job": "usage acme", "error": "answered 429", "next": "2026-11-23T12:03:30Z"}}
	if diff := cmp.Diff(want, d.log.told("job did not succeed, the API is left alone until next", "level", "job", "error", "next")); diff != "" {
		t.Errorf("log lines (-want +got):\n%s", diff)
	}
}

func TestADeliveryNamesItsAlert(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.box["team"].fail = func(n int) error {
		if n == 1 {
			return errors.New("no answer")
		}
		return nil
	}
	d.minutes(c, 0, 10)
	d.deliver(c)
	c.pass(time.Minute)
	d.deliver(c)
	about := map[string]any{"rule": "LimitPressure", "group": "Claude Opus 5.5", "receiver": "team", "reason": "fired"}
	for _, message := range []string{"delivery failed, will retry", "delivered"} {
		if diff := cmp.Diff([]map[string]any{about}, d.log.told(message, "rule", "group", "receiver", "reason")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", message, diff)
		}
	}
}

func TestWhereNoReportAnswersTheLogSaysSoAndNamesNone(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.sources[0].breaks(errors.New("no answer"), "probe analytics", "probe usage_report")
	_ = d.do(usageJob, 0)
	if got := d.log.told("no usage source yet, will ask again", "level", "organization", "source"); len(got) != 1 || got[0]["level"] != "warn" || len(got[0]) != 2 {
		t.Errorf("got log lines %v, want one warning about acme and no source", got)
	}
	if got := d.log.lines("usage source chosen"); got != nil {
		t.Errorf("got log lines %v, want none", got)
	}
}

func TestWhatAReloadChangesInTheRulesIsReturnedAndAtTheStartLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRun(t, "acme")
		stop := d.run(t)
		pass(time.Minute)
		next := d.plan
		next.Rules = []evaluate.Rule{{Alert: "Other", Condition: pressure()}}
		changes, err := d.worker.Apply(t.Context(), next)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := RuleChanges(changes), []string{"rule Other added", "rule LimitPressure removed"}; !slices.Equal(got, want) {
			t.Errorf("got changes %q, want %q", got, want)
		}
		stop()
		want := []map[string]any{{"level": "info", "changes": "rule LimitPressure added"}}
		if diff := cmp.Diff(want, d.log.told("rules applied", "level", "changes")); diff != "" {
			t.Errorf("log lines (-want +got):\n%s", diff)
		}
	})
}
