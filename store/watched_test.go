package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

func TestAnOrganizationThatIsLeftBehindIsNotListedUntilItComesBack(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	acme, other := usage.Organization{ID: "1", Name: "acme"}, usage.Organization{ID: "2", Name: "other"}
	put := func(o usage.Organization) {
		update(t, s, func(tx *Tx) error { return tx.PutOrganization(o, o.Name, t0) })
	}
	names := func() (out []string) {
		view(t, s, func(tx *Tx) error {
			list, err := tx.Organizations()
			for _, o := range list {
				out = append(out, o.Name)
			}
			return err
		})
		return out
	}
	put(acme)
	put(other)
	update(t, s, func(tx *Tx) error {
		left, err := tx.Unwatched([]string{"1"})
		if err != nil {
			return err
		}
		if diff := cmp.Diff([]usage.Organization{other}, left); diff != "" {
			t.Errorf("left behind (-want +got):\n%s", diff)
		}
		return tx.Unwatch("2")
	})
	if diff := cmp.Diff([]string{"acme"}, names()); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	put(other)
	if diff := cmp.Diff([]string{"acme", "other"}, names()); diff != "" {
		t.Errorf("listed after it came back (-want +got):\n%s", diff)
	}
}
