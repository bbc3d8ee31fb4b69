package store

import (
	"math"
	"reflect"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/evaluate"
	"alerter/usage"
	"alerter/usage/forecast"
)

// fullAlert is a firing alert of organization "org" with every field set.
func fullAlert(print evaluate.Fingerprint) evaluate.Alert {
	return evaluate.Alert{
		Fingerprint: print, Rule: "LimitPressure", Kind: "pressure",
		Subject: evaluate.Subject{
			ID:   usage.ID{OrganizationID: "org", WorkspaceID: "wrkspc_1", GroupID: "rlg_1", Limiter: usage.OutputTokens},
			Part: "part",
		},
		Labels: usage.Labels{Organization: "acme", Workspace: "prod", ModelGroup: "Claude Opus 5", Limiter: string(usage.OutputTokens)},
		State:  evaluate.Firing, Severity: evaluate.Warning, Worst: evaluate.Critical,
		Levels: [3]evaluate.Level{
			{Since: t0.Add(-time.Hour), Active: true}, {Since: t0.Add(-time.Minute), QuietSince: t0, Active: true}, {},
		},
		Reached:   [3]evaluate.Reached{{At: t0.Add(-time.Hour), Level: 0.7}, {At: t0.Add(-time.Minute), Level: 0.85}, {}},
		PendingAt: t0.Add(-2 * time.Hour), FiredAt: t0.Add(-time.Hour), ResolvedAt: t0.Add(-3 * time.Hour), SteppedAt: t0,
		RepeatInterval: time.Hour,
		Reading: evaluate.Reading{
			Value: 0.91, Threshold: 0.85, Used: 910, Limit: 1000, Utilization: 0.91, Pressure: 0.93,
			From: t0.Add(-15 * time.Minute), To: t0, Mean: 0.8, DataAsOf: t0,
			Odds:   &evaluate.Odds{Within15: 0.2, Within60: 0.4, Warned60: 0.5, Source: "counted"},
			Change: &usage.Change{At: t0, Kind: usage.LimitLowered, GroupID: "rlg_1", Limiter: usage.OutputTokens, Old: 2000, New: 1000},
			Growth: &forecast.Estimate{At: t0, Earliest: t0.Add(-time.Hour), Latest: t0.Add(time.Hour), OnWeekdays: true, Peak: 800, PerWeek: 30, Days: 80},
			Cause:  usage.CauseDNS, Detail: "detail", Top: []usage.Consumer{{Kind: "model", ID: "claude-opus-5", Name: "Opus", Share: 0.6}},
		},
		Peak: 0.95, LimitReached: evaluate.LimitReached{At: t0.Add(-20 * time.Minute), Shown: 0.6}, Why: "why",
	}
}

// sameFloats lets NaN equal NaN: unknown is unknown.
var sameFloats = gocmp.Options{
	cmpopts.EquateNaNs(),
	gocmp.Comparer(func(a, b evaluate.Number) bool { return a == b || !a.Known() && !b.Known() }),
}

func checkAlerts(t testing.TB, what string, got, want []evaluate.Alert) {
	t.Helper()
	if diff := gocmp.Diff(want, got, sameFloats, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// A new field of an alert must be stored too: this fails for one that is not
// set above, and the next test for one that is set and not stored.
func TestTheFullAlertIsFull(t *testing.T) {
	t.Parallel()
	v := reflect.ValueOf(fullAlert("f"))
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%s is not set", v.Type().Field(i).Name)
		}
	}
	r := reflect.ValueOf(fullAlert("f").Reading)
	for i := range r.NumField() {
		if r.Field(i).IsZero() {
			t.Errorf("Reading.%s is not set", r.Type().Field(i).Name)
		}
	}
}

func TestAlertsComeBackWhole(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	unknown := fullAlert("b")
	unknown.State, unknown.FiredAt, unknown.Peak = evaluate.Pending, time.Time{}, math.NaN()
	unknown.Reading = evaluate.Reading{Value: evaluate.Unknown()}
	ended := fullAlert("c")
	ended.State, ended.ResolvedAt = evaluate.Resolved, t0
	earlier := fullAlert("d")
	earlier.State, earlier.ResolvedAt, earlier.Subject.OrganizationID = evaluate.Withdrawn, t0.Add(-time.Hour), "other"
	system := fullAlert("e")
	system.Subject.OrganizationID = ""
	all := []evaluate.Alert{fullAlert("a"), unknown, ended, earlier, system}
	for range 2 {
		update(t, s, func(tx *Tx) error { return tx.PutAlerts(all) })
	}
	view(t, s, func(tx *Tx) error {
		for _, c := range []struct {
			what string
			read func() ([]evaluate.Alert, error)
			want []evaluate.Alert
		}{
			{"current", func() ([]evaluate.Alert, error) { return tx.Alerts("org") }, all[:2]},
			{"the service's own", func() ([]evaluate.Alert, error) { return tx.Alerts("") }, all[4:]},
			{"of an organization without", func() ([]evaluate.Alert, error) { return tx.Alerts("other") }, nil},
			{"all", func() ([]evaluate.Alert, error) { return tx.AllAlerts(9) }, []evaluate.Alert{all[0], all[1], all[4], all[2], all[3]}},
			{"the first", func() ([]evaluate.Alert, error) { return tx.AllAlerts(1) }, all[:1]},
		} {
			got, err := c.read()
			if err != nil {
				return err
			}
			checkAlerts(t, c.what, got, c.want)
		}
		return nil
	})
}

func TestAnInactiveAlertIsNotKept(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	a := fullAlert("a")
	update(t, s, func(tx *Tx) error { return tx.PutAlerts([]evaluate.Alert{a, fullAlert("b")}) })
	a.State = evaluate.Inactive
	update(t, s, func(tx *Tx) error { return tx.PutAlerts([]evaluate.Alert{a}) })
	view(t, s, func(tx *Tx) error {
		got, err := tx.AllAlerts(9)
		checkAlerts(t, "alerts", got, []evaluate.Alert{fullAlert("b")})
		return err
	})
}

func TestTransitionsAreOnceEachAndNameTheAlert(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	moves := []evaluate.Transition{
		{At: t0, Fingerprint: "a", FromState: evaluate.Inactive, ToState: evaluate.Pending, To: evaluate.Warning, Value: evaluate.Unknown()},
		{At: t0.Add(time.Minute), Fingerprint: "gone", FromState: evaluate.Pending, ToState: evaluate.Firing, From: evaluate.Warning, To: evaluate.Critical, Value: 0.97},
	}
	for range 2 {
		update(t, s, func(tx *Tx) error {
			if err := tx.PutAlerts([]evaluate.Alert{fullAlert("a")}); err != nil {
				return err
			}
			return tx.PutTransitions("org", moves)
		})
	}
	want := []Transition{
		{
			Transition: moves[0], OrganizationID: "org", Rule: "LimitPressure", Kind: fullAlert("a").Kind,
			Labels: fullAlert("a").Labels, Subject: fullAlert("a").Subject.ID,
		},
		{Transition: moves[1], OrganizationID: "org"},
	}
	view(t, s, func(tx *Tx) error {
		got, err := tx.Transitions(t0, t0.Add(time.Hour))
		if diff := gocmp.Diff(want, got, sameFloats); diff != "" {
			t.Errorf("transitions (-want +got):\n%s", diff)
		}
		if err != nil {
			return err
		}
		got, err = tx.Transitions(t0, t0.Add(time.Minute))
		if diff := gocmp.Diff(want[:1], got, sameFloats); diff != "" {
			t.Errorf("transitions before the second (-want +got):\n%s", diff)
		}
		return err
	})
}
