package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/usage"
)

// Promise 6: a step is seen again as it was, whatever came after it.
func TestFactsKnownAreWhatTheStepSaw(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	org := known(t, s)
	var live usage.Facts
	update(t, s, func(tx *Tx) (err error) {
		if live, _, err = tx.Facts(org, t0, 20*time.Minute, 2*time.Minute); err != nil {
			return err
		}
		return tx.PutTick("org", t0, "")
	})
	// Then everything changes: a minute is corrected, the report, the limit.
	later := t0.Add(time.Minute)
	standard := &usage.Combination{Model: "claude-opus-5", WorkspaceID: "wrkspc_1", ServiceTier: "standard", Speed: "standard"}
	putMinutes(t, s, minute(t0.Add(-9*time.Minute), later, bucket(standard, 1, 950)), minute(t0.Add(-7*time.Minute), later, bucket(standard, 1, 10)))
	update(t, s, func(tx *Tx) error {
		limits, err := tx.Limits("org", time.Time{})
		if err != nil {
			return err
		}
		limits.Limits[0].Until = later
		limits.Limits = append(limits.Limits, usage.Limit{GroupID: "rlg_1", Limiter: usage.OutputTokens, Value: 2000, From: later, ReadAt: later})
		if err := tx.PutLimits("org", limits); err != nil {
			return err
		}
		source := usage.Source{OrganizationID: "org", Organization: "acme", Kind: usage.SourceReport, Why: "the other is late", Since: t0, Problem: "timeout"}
		if err := tx.PutSource(source); err != nil {
			return err
		}
		return tx.PutTick("org", later, "timeout")
	})
	view(t, s, func(tx *Tx) error {
		got, _, err := tx.FactsKnown(org, t0, 20*time.Minute, 2*time.Minute)
		if diff := cmp.Diff(live, got, cmpopts.EquateNaNs(), cmpopts.IgnoreUnexported(usage.Series{})); diff != "" {
			t.Errorf("facts (-live +known):\n%s", diff)
		}
		if err != nil {
			return err
		}
		got, _, err = tx.FactsKnown(org, later, 20*time.Minute, 2*time.Minute)
		check(t, "source", got.Sources[0].Kind, usage.SourceReport)
		check(t, "why", got.Sources[0].Why, "the other is late")
		check(t, "problem", got.Sources[0].Problem, "timeout")
		return err
	})
}
