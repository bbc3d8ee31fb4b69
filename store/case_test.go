package store

import (
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// warned is an open case of an organization's limit.
func warned(orgID string, severity evaluate.Severity, at time.Time) evaluate.Case {
	return evaluate.Case{
		Fingerprint: evaluate.Fingerprint("of " + orgID), Severity: severity, Level: 0.85, At: at,
		ID: usage.ID{OrganizationID: orgID, WorkspaceID: "wrkspc_1", GroupID: "rlg_1", Limiter: usage.OutputTokens},
	}
}

func casesSince(t *testing.T, s *Store, orgID string, since time.Time) (cases []evaluate.Case) {
	t.Helper()
	view(t, s, func(tx *Tx) (err error) {
		cases, err = tx.Cases(orgID, since)
		return err
	})
	return cases
}

func TestCasesAreReadAsTheyWerePut(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	open, reached := warned("org", evaluate.Warning, t0), warned("org", evaluate.Critical, t0)
	reached.ReachedAt, reached.ClosedAt = t0.Add(10*time.Minute), t0.Add(67*time.Minute)
	later := warned("org", evaluate.Warning, t0.Add(time.Hour))
	update(t, s, func(tx *Tx) error {
		return tx.PutCases([]evaluate.Case{later, open, reached, warned("other", evaluate.Warning, t0)})
	})
	check(t, "cases", casesSince(t, s, "org", t0), []evaluate.Case{reached, open, later})
	check(t, "newer cases", casesSince(t, s, "org", t0.Add(time.Minute)), []evaluate.Case{later})
}

func TestACaseIsBroughtUpToDateAndAVoidOneDeleted(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	first, second := warned("org", evaluate.Warning, t0), warned("org", evaluate.Warning, t0.Add(time.Hour))
	update(t, s, func(tx *Tx) error { return tx.PutCases([]evaluate.Case{first, second}) })
	first.ReachedAt, second.Void = t0.Add(20*time.Minute), true
	update(t, s, func(tx *Tx) error { return tx.PutCases([]evaluate.Case{first, second}) })
	check(t, "cases", casesSince(t, s, "org", t0), []evaluate.Case{first})
}
