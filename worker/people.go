package worker

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
)

// people adds to what routing decides from what people wrote, and which alerts fire
// in other organizations too where one may keep another quiet.
func people(tx *store.Tx, at time.Time, tree route.Tree, orgID string, alerts []evaluate.Alert, in *route.Input) (err error) {
	if in.Silences, err = tx.Silences(at); err != nil {
		return err
	}
	if in.Acks, err = tx.Acks(); err != nil {
		return err
	}
	in.Alerts = alerts
	if len(tree.Inhibit) == 0 {
		return nil
	}
	firing, err := tx.FiringAlerts()
	if err != nil {
		return err
	}
	in.Alerts = slices.Clone(alerts)
	for _, al := range firing {
		if al.Subject.OrganizationID != orgID {
			in.Alerts = append(in.Alerts, al)
		}
	}
	return nil
}

// groupsFor reads the groups that a step needs: those of the notices, of what
// people or other alerts keep quiet, and those to which something is passed on.
func groupsFor(tx *store.Tx, at time.Time, tree route.Tree, orgID string, in *route.Input) error {
	prints := append(fingerprints(in.Notices), route.Touched(at, tree, *in)...)
	refs, err := tx.GroupsOf(prints)
	if err != nil {
		return err
	}
	refs = append(refs, route.Keys(tree, in.Notices, in.Failing)...)
	groups, err := tx.Groups(refs, at)
	if err != nil {
		return err
	}
	in.Groups = ownGroups(groups, refs, orgID)
	more, passed := route.Escalations(at, tree, in.Groups)
	if len(more) == 0 {
		return nil
	}
	holders, err := tx.GroupsOf(passed)
	if err != nil {
		return err
	}
	refs = slices.Concat(refs, more, holders)
	if groups, err = tx.Groups(refs, at); err != nil {
		return err
	}
	in.Groups = ownGroups(groups, refs, orgID)
	return nil
}

// peopleText is a text that differs whenever people wrote something about alerts,
// and whenever a silence begins or ends.
func peopleText(tx *store.Tx, at time.Time) (string, error) {
	silences, err := tx.Silences(at)
	if err != nil {
		return "", err
	}
	acks, err := tx.Acks()
	var b strings.Builder
	for _, s := range silences {
		fmt.Fprintf(&b, "%s %s %d\n", s.ID, s.State(at), s.UpdatedAt.UnixMilli())
	}
	for _, k := range acks {
		fmt.Fprintf(&b, "%s %d\n", k.Fingerprint, k.At.UnixMilli())
	}
	return b.String(), err
}
