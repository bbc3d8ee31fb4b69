package store

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// With -oldest the database of the first schema is made anew. That is done once,
// before a schema is released, and never again: it stands for what users have.
var makeOldest = flag.Bool("oldest", false, "write testdata/oldest.db with the present schema")

// oldest is what testdata/oldest.db holds.
func oldest(t *testing.T, s *Store) {
	t.Helper()
	opusRule := rule(t, `{"alert":"LimitPressure","kind":"pressure"}`)
	update(t, s, func(tx *Tx) error {
		_, err := tx.PutMinutes("org", []usage.Minute{minute(t0, t0.Add(time.Minute), bucket(opus, 1, 1)), minute(t0.Add(time.Minute), t0.Add(time.Minute))})
		if err != nil {
			return err
		}
		_, err = tx.PutMinutes("org", []usage.Minute{minute(t0, t0.Add(2*time.Minute), bucket(opus, 2, 2), bucket(haiku, 1, 1))})
		if err != nil {
			return err
		}
		_, err = tx.ApplyRules([]evaluate.Rule{opusRule}, "rules.yaml", t0)
		return errors.Join(
			err,
			tx.PutOrganization(usage.Organization{ID: "org", Name: "acme", Workspaces: []usage.Workspace{{ID: "wrkspc_1", Name: "prod"}}}, "acme", t0),
			tx.PutLimits("org", limitsOf()),
			tx.PutAlerts([]evaluate.Alert{fullAlert("a")}),
			tx.PutTick("org", t0, ""),
			tx.Enqueue([]Row{row("waiting", "slack", "g"), row("sent", "slack", "h")}),
			tx.Start([]int64{2}, t0),
			tx.MarkSent([]Sent{{ID: 2, At: t0, Receipt: []byte(`{"id":"ts"}`)}}),
		)
	})
}

func TestTheOldestDatabaseIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "oldest.db")
	if *makeOldest {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		s := openAt0(t, path)
		oldest(t, s)
		closed(t, s)
		if err := os.Remove(path + ".lock"); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "alerter.db")
	if err := os.WriteFile(copied, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, copied, Options{Lock: true})
	want, err := ownMigrations()
	if err != nil {
		t.Fatal(err)
	}
	got, err := migrationsOf(context.Background(), s.write)
	check(t, "migrations", got, want)
	if err != nil {
		t.Fatal(err)
	}
	checkOldest(t, s)
}

func checkOldest(t *testing.T, s *Store) {
	t.Helper()
	check(t, "minutes", minutesBetween(t, s, t0, t0.Add(time.Hour)), []usage.Minute{
		minute(t0, t0.Add(2*time.Minute), bucket(haiku, 1, 1), bucket(opus, 2, 2)), minute(t0.Add(time.Minute), t0.Add(time.Minute)),
	})
	check(t, "minutes as known", minutesKnown(t, s, t0, t0.Add(time.Minute), t0.Add(time.Minute)),
		[]usage.Minute{minute(t0, t0.Add(time.Minute), bucket(opus, 1, 1))})
	check(t, "limits", limitsFrom(t, s, time.Time{}), limitsOf())
	check(t, "rules", briefly(storedRules(t, s)), []brief{{"LimitPressure", 1, true, "rules.yaml"}})
	check(t, "due", due(t, s, t0), []string{"waiting"})
	view(t, s, func(tx *Tx) error {
		alerts, err := tx.Alerts("org")
		want := fullAlert("a")
		want.Reading.Growth, want.Reading.Cause, want.LimitReached = nil, "", evaluate.LimitReached{} // were not noted then
		checkAlerts(t, "alerts", alerts, []evaluate.Alert{want})
		if err != nil {
			return err
		}
		org, _, err := tx.OrganizationByConfig("acme")
		check(t, "organization", org.Workspaces, []usage.Workspace{{ID: "wrkspc_1", Name: "prod"}})
		return err
	})
}

// The schema is documentation: strict tables, and every table and every moment explained.
func TestEveryTableIsStrict(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	var loose []string
	err := s.read.Select(&loose, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite%'")
	if err != nil {
		t.Fatal(err)
	}
	check(t, "tables that are not strict", loose, []string{"goose_db_version"})
}
