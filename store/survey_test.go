package store

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/usage"
)

// surveyed is [known], with a report that has come beyond its minutes: 100, 900 and 500
// of 1000 from ten minutes before t0 on, 1 five minutes before it, and nothing else.
func surveyed(t *testing.T, s *Store) usage.Organization {
	t.Helper()
	org := known(t, s)
	standard := &usage.Combination{Model: "claude-opus-5", WorkspaceID: "wrkspc_1", ServiceTier: "standard", Speed: "standard"}
	putMinutes(t, s, minute(t0.Add(-5*time.Minute), t0, bucket(standard, 1, 1)))
	return org
}

func TestASurveySaysHowTheLimitsFaredInItsMinutes(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	org := surveyed(t, s)
	from := t0.Add(-10 * time.Minute)
	survey := func(from, to, at time.Time) (fared []evaluate.Fared) {
		t.Helper()
		view(t, s, func(tx *Tx) (err error) {
			fared, err = tx.Survey(org, from, to, at, time.Minute)
			return err
		})
		return fared
	}
	fared := survey(from, t0, t0)
	if len(fared) != 1 {
		t.Fatalf("got %d limits, want one", len(fared))
	}
	f := fared[0]
	check(t, "limit", f.ID, usage.ID{OrganizationID: "org", GroupID: "rlg_1", Limiter: usage.OutputTokens})
	check(t, "labels", f.Labels, usage.Labels{Organization: "acme", ModelGroup: "Claude Opus 5", Limiter: string(usage.OutputTokens)})
	check(t, "known minutes", f.Known, 3)
	check(t, "limit's value", f.Limit, 1000.0)
	if f.Peak <= 0.4 || f.Peak >= 0.9 || f.PeakAt.Before(from) || !f.PeakAt.Before(t0) {
		t.Errorf("got a peak of %v at %s, want the rate of a burst of 900 of 1000 within the minutes", f.Peak, f.PeakAt)
	}
	if f.Reached != nil || f.NearDays != 0 {
		t.Errorf("got %+v, want a limit that was neither reached nor near", f)
	}
	if got := survey(from, from.Add(time.Minute), t0); got[0].Known != 1 || got[0].Peak >= f.Peak {
		t.Errorf("got %+v of the first minute, want that alone", got[0])
	}
	if got := survey(from, t0, t0.Add(-time.Minute)); len(got) > 0 && got[0].Known != 0 {
		t.Errorf("got %+v before the minutes were seen, want nothing known", got)
	}
}

func TestASurveyIsOfTheLimitsInForceAtTheTime(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	org := surveyed(t, s)
	raised := t0.Add(-9 * time.Minute)
	update(t, s, func(tx *Tx) error {
		limits, err := tx.Limits("org", time.Time{})
		if err != nil {
			return err
		}
		limits.Limits[0].Until = raised
		limits.Limits = append(limits.Limits, usage.Limit{GroupID: "rlg_1", Limiter: usage.OutputTokens, Value: 2000, From: raised, ReadAt: raised})
		return tx.PutLimits("org", limits)
	})
	var before, after []evaluate.Fared
	view(t, s, func(tx *Tx) (err error) {
		if before, err = tx.Survey(org, t0.Add(-10*time.Minute), raised, t0, time.Minute); err != nil {
			return err
		}
		after, err = tx.Survey(org, raised, t0, t0, time.Minute)
		return err
	})
	check(t, "before the change", before[0].Limit, 1000.0)
	check(t, "after the change", after[0].Limit, 2000.0)
	if diff := cmp.Diff(2000.0, after[0].PeakLimit); diff != "" {
		t.Errorf("limit of the peak (-want +got):\n%s", diff)
	}
}

func TestASurveyOfADamagedMinuteIsAnError(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	org := known(t, s)
	update(t, s, func(tx *Tx) error { _, err := tx.exec("UPDATE minutes SET packed = X'00'"); return err })
	err := s.View(context.Background(), func(tx *Tx) error {
		_, err := tx.Survey(org, t0.Add(-10*time.Minute), t0, t0, time.Minute)
		return err
	})
	if err == nil {
		t.Error("a minute that cannot be read is no error")
	}
}
