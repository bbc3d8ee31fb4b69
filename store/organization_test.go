package store

import (
	"testing"
	"time"

	"alerter/usage"
)

func TestOrganizationsKeepWhatIsNotListedAnyMore(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	acme := usage.Organization{
		ID: "org-1", Name: "acme",
		Workspaces: []usage.Workspace{{ID: "wrkspc_1", Name: "default", Default: true}, {ID: "wrkspc_2", Name: "payments"}},
		Keys:       []usage.Key{{ID: "apikey_1", Name: "ci", WorkspaceID: "wrkspc_2"}, {ID: "apikey_2", Name: "all"}},
	}
	update(t, s, func(tx *Tx) error { return tx.PutOrganization(acme, "acme", t0) })
	update(t, s, func(tx *Tx) error {
		return tx.PutOrganization(usage.Organization{
			ID: "org-1", Name: "ACME", Workspaces: []usage.Workspace{{ID: "wrkspc_2", Name: "billing", Archived: true}},
		}, "", t0.Add(time.Hour))
	})
	want := acme
	want.Name = "ACME"
	want.Workspaces = []usage.Workspace{acme.Workspaces[0], {ID: "wrkspc_2", Name: "billing", Archived: true}}
	view(t, s, func(tx *Tx) error {
		got, ok, err := tx.Organization("org-1")
		check(t, "by id", got, want)
		check(t, "is known", ok, true)
		if err != nil {
			return err
		}
		got, _, err = tx.OrganizationByConfig("acme")
		check(t, "by its entry", got, want)
		if err != nil {
			return err
		}
		all, err := tx.Organizations()
		check(t, "all", all, []usage.Organization{want})
		return err
	})
}

func TestAnEntryThatIsUnknownHasNoOrganization(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	view(t, s, func(tx *Tx) error {
		if _, ok, err := tx.Organization("org-1"); ok || err != nil {
			t.Errorf("by id: got %v, %v, want none", ok, err)
		}
		if _, ok, err := tx.OrganizationByConfig("acme"); ok || err != nil {
			t.Errorf("by its entry: got %v, %v, want none", ok, err)
		}
		return nil
	})
}

func TestAnEntryWhoseKeyMovedHasTheNewOrganization(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	update(t, s, func(tx *Tx) error {
		return tx.PutOrganization(usage.Organization{ID: "org-1", Name: "old"}, "acme", t0)
	})
	update(t, s, func(tx *Tx) error {
		return tx.PutOrganization(usage.Organization{ID: "org-2", Name: "new"}, "acme", t0)
	})
	view(t, s, func(tx *Tx) error {
		got, _, err := tx.OrganizationByConfig("acme")
		check(t, "by its entry", got.ID, "org-2")
		if err != nil {
			return err
		}
		all, err := tx.Organizations()
		check(t, "all", all, []usage.Organization{{ID: "org-2", Name: "new"}, {ID: "org-1", Name: "old"}})
		return err
	})
}

func TestSourcesAreOnePerOrganization(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	first := usage.Source{OrganizationID: "org-1", Organization: "acme", Since: t0, Problem: "no answer"}
	other := usage.Source{OrganizationID: "org-2", Organization: "ab", Kind: usage.SourceReport, Why: "configured", DataAsOf: t0, Since: t0}
	later := usage.Source{OrganizationID: "org-1", Organization: "acme", Kind: usage.SourceAnalytics, Why: "it counts requests", DataAsOf: t0, Since: t0}
	for _, source := range []usage.Source{first, other, later} {
		update(t, s, func(tx *Tx) error { return tx.PutSource(source) })
	}
	view(t, s, func(tx *Tx) error {
		got, err := tx.Sources()
		check(t, "sources", got, []usage.Source{other, later})
		return err
	})
}

func TestTicksAreRemembered(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	view(t, s, func(tx *Tx) error {
		got, err := tx.LastTick("org")
		check(t, "before the first", got, time.Time{})
		return err
	})
	for i, problem := range []string{"", "no answer", ""} {
		update(t, s, func(tx *Tx) error { return tx.PutTick("org", t0.Add(time.Duration(i)*time.Minute), problem) })
	}
	update(t, s, func(tx *Tx) error { return tx.PutTick("org", t0, "again") })
	update(t, s, func(tx *Tx) error { return tx.PutTick("", t0.Add(time.Hour), "") })
	view(t, s, func(tx *Tx) error {
		got, err := tx.LastTick("org")
		check(t, "last", got, t0.Add(2*time.Minute))
		if err != nil {
			return err
		}
		all, err := tx.Ticks("org", t0, t0.Add(2*time.Minute))
		check(t, "ticks", all, []time.Time{t0, t0.Add(time.Minute)})
		return err
	})
}
