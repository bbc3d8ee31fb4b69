package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"alerter/usage"
)

// known is an organization with one limit of 1000 and three minutes in use.
func known(t *testing.T, s *Store) usage.Organization {
	t.Helper()
	org := usage.Organization{ID: "org", Name: "acme", Workspaces: []usage.Workspace{{ID: "wrkspc_1", Name: "prod"}}}
	start := t0.Add(-10 * time.Minute)
	standard := &usage.Combination{Model: "claude-opus-5", WorkspaceID: "wrkspc_1", ServiceTier: "standard", Speed: "standard"}
	var ms []usage.Minute
	for i, output := range []int64{100, 900, 500} {
		ms = append(ms, minute(start.Add(time.Duration(i)*time.Minute), t0, bucket(standard, 1, output)))
	}
	putMinutes(t, s, ms...)
	update(t, s, func(tx *Tx) error {
		if err := tx.PutOrganization(org, "acme", t0); err != nil {
			return err
		}
		if err := tx.PutSource(usage.Source{OrganizationID: "org", Organization: "acme", Kind: usage.SourceAnalytics, Since: t0}); err != nil {
			return err
		}
		return tx.PutLimits("org", usage.Limits{
			Groups:  map[string]usage.Group{"rlg_1": {ID: "rlg_1", Type: usage.ModelGroup, Name: "Claude Opus 5", Models: []string{standard.Model}}},
			Members: []usage.Membership{{GroupID: "rlg_1", Model: standard.Model}},
			Limits:  []usage.Limit{{GroupID: "rlg_1", Limiter: usage.OutputTokens, Value: 1000, Assumed: true, ReadAt: t0}},
		})
	})
	return org
}

func TestFactsAreTheStoredMinutesBesideTheStoredLimits(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	org := known(t, s)
	view(t, s, func(tx *Tx) error {
		facts, _, err := tx.Facts(org, t0, 20*time.Minute, 2*time.Minute)
		if err != nil {
			return err
		}
		if len(facts.Series) != 1 || len(facts.Sources) != 1 {
			t.Fatalf("got %d series and %d sources, want one of each", len(facts.Series), len(facts.Sources))
		}
		series := facts.Series[0]
		check(t, "from", series.From, t0.Add(-22*time.Minute))
		check(t, "in use", series.Points[12:15], []usage.Point{{Used: 100, Limit: 1000}, {Used: 900, Limit: 1000}, {Used: 500, Limit: 1000}})
		check(t, "data as of", facts.Sources[0].DataAsOf, t0.Add(-7*time.Minute))
		check(t, "groups", len(facts.Groups), 1)
		top, err := tx.Consumers(org, []usage.ID{series.ID}, t0.Add(-20*time.Minute), t0, 3)
		if got := top[series.ID]; len(got) == 0 || got[0].Name != "prod" || got[0].Share != 1 {
			t.Errorf("got consumers %+v, want the workspace prod first, with all of it", got)
		}
		return err
	})
}

// However late minutes settle, as many of them are there as rules look back on.
func TestFactsReachBackBeyondWhatHasNotSettled(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	org := known(t, s)
	const settle = 5 * time.Hour
	at := t0.Add(settle)
	settled := bucket(opus, 1, 1)
	putMinutes(t, s, minute(t0.Add(-4*time.Minute), t0, settled))
	// It stays as it was while the next one shows.
	putMinutes(t, s, minute(t0.Add(-4*time.Minute), at, settled), minute(t0.Add(-3*time.Minute), at, settled))
	view(t, s, func(tx *Tx) error {
		facts, _, err := tx.Facts(org, at, 15*time.Minute, settle)
		if err != nil {
			return err
		}
		if got := facts.Series[0].Settled; got != 12 { // of 15, and of 5 hours that have not settled
			t.Errorf("got %d minutes up to the newest settled one, want 12", got)
		}
		return nil
	})
}

func TestFactsOfADamagedMinuteAreAnError(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	org := known(t, s)
	update(t, s, func(tx *Tx) error { _, err := tx.exec("UPDATE minutes SET packed = X'00'"); return err })
	err := s.View(context.Background(), func(tx *Tx) error {
		_, _, err := tx.Facts(org, t0, 20*time.Minute, 2*time.Minute)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("got error %v, want one about the damaged minute", err)
	}
}
