package store

import (
	"testing"

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
