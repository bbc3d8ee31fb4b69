package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/route"
)

func TestAGroupIsFoundByTheAlertsItRemembers(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	group := func(key string, prints ...evaluate.Fingerprint) route.Group {
		g := route.Group{Receiver: "team", Key: key}
		for _, f := range prints {
			g.Members = append(g.Members, route.Member{Alert: evaluate.Alert{Fingerprint: f}})
		}
		return g
	}
	find := func(prints ...evaluate.Fingerprint) (refs []route.GroupRef) {
		t.Helper()
		view(t, s, func(tx *Tx) (err error) {
			refs, err = tx.GroupsOf(prints)
			return err
		})
		return refs
	}
	update(t, s, func(tx *Tx) error { return tx.PutGroups([]route.Group{group("one", "a", "b"), group("two", "b")}) })
	one, two := route.GroupRef{Receiver: "team", Key: "one"}, route.GroupRef{Receiver: "team", Key: "two"}
	if diff := cmp.Diff([]route.GroupRef{one, two}, find("a", "b")); diff != "" {
		t.Errorf("groups of a and b (-want +got):\n%s", diff)
	}
	update(t, s, func(tx *Tx) error { return tx.PutGroups([]route.Group{group("one", "a"), group("two")}) })
	if diff := cmp.Diff([]route.GroupRef(nil), find("b")); diff != "" {
		t.Errorf("groups of b after it left both (-want +got):\n%s", diff)
	}
}

func TestAReceiverIsToldAgainOnlyOfWhatItHeardOfAndStillFires(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	member := func(print evaluate.Fingerprint, fired time.Time, heard evaluate.Severity) route.Member {
		return route.Member{Alert: evaluate.Alert{Fingerprint: print, FiredAt: fired}, Heard: heard}
	}
	firing := func(print evaluate.Fingerprint, state evaluate.State) evaluate.Alert {
		return evaluate.Alert{
			Fingerprint: print, Rule: "R", Kind: "pressure", State: state, Severity: evaluate.Warning, Worst: evaluate.Warning,
			PendingAt: t0, FiredAt: t0, SteppedAt: t0,
		}
	}
	update(t, s, func(tx *Tx) error {
		return errors.Join(
			tx.PutAlerts([]evaluate.Alert{
				firing("told", evaluate.Firing), firing("over", evaluate.Resolved), firing("untold", evaluate.Firing),
				firing("again", evaluate.Firing), firing("elsewhere", evaluate.Firing),
			}),
			tx.PutGroups([]route.Group{
				{Receiver: "am", Key: "one", Members: []route.Member{
					member("told", t0, evaluate.Warning), member("over", t0, evaluate.Warning), member("untold", t0, evaluate.None),
					member("again", t0.Add(-time.Hour), evaluate.Warning), // an episode before
				}},
				{Receiver: "other", Key: "one", Members: []route.Member{member("elsewhere", t0, evaluate.Warning)}},
			}),
		)
	})
	view(t, s, func(tx *Tx) error {
		alerts, err := tx.FiringTold("am")
		if err != nil {
			return err
		}
		if len(alerts) != 1 || alerts[0].Fingerprint != "told" || alerts[0].Severity != evaluate.Warning {
			t.Errorf("got %+v, want the one that fires and was told", alerts)
		}
		return nil
	})
}
