package store

import (
	"fmt"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
)

// GroupsOf names the groups that remember some of the alerts, whatever the
// routes say by now: who heard of an episode hears its end.
func (tx *Tx) GroupsOf(prints []evaluate.Fingerprint) ([]route.GroupRef, error) {
	seen := make(map[route.GroupRef]bool)
	var out []route.GroupRef
	for _, f := range prints {
		var rows []struct {
			Receiver string `db:"receiver"`
			GroupKey string `db:"group_key"`
		}
		err := tx.list(&rows, "SELECT receiver, group_key FROM message_group_members WHERE fingerprint = ? ORDER BY receiver, group_key", f)
		if err != nil {
			return nil, fmt.Errorf("find the groups of alert %s: %w", f, err)
		}
		for _, r := range rows {
			ref := route.GroupRef{Receiver: r.Receiver, Key: r.GroupKey}
			if !seen[ref] {
				seen[ref] = true
				out = append(out, ref)
			}
		}
	}
	return out, nil
}

// putGroupMembers makes the index of a group's members equal to the group's.
func (tx *Tx) putGroupMembers(g route.Group) error {
	var stored []evaluate.Fingerprint
	err := tx.list(&stored, "SELECT fingerprint FROM message_group_members WHERE receiver = ? AND group_key = ?", g.Receiver, g.Key)
	if err != nil {
		return err
	}
	gone := make(map[evaluate.Fingerprint]bool, len(stored))
	for _, f := range stored {
		gone[f] = true
	}
	for _, m := range g.Members {
		f := m.Alert.Fingerprint
		if gone[f] {
			delete(gone, f)
			continue
		}
		_, err := tx.exec(`
			INSERT INTO message_group_members (fingerprint, receiver, group_key) VALUES (?, ?, ?)
			ON CONFLICT (fingerprint, receiver, group_key) DO NOTHING`, f, g.Receiver, g.Key)
		if err != nil {
			return err
		}
	}
	for f := range gone {
		_, err := tx.exec("DELETE FROM message_group_members WHERE fingerprint = ? AND receiver = ? AND group_key = ?", f, g.Receiver, g.Key)
		if err != nil {
			return err
		}
	}
	return nil
}

// FiringTold gives the alerts that fire now and that the receiver was told of, or
// will be by a message that is decided; by fingerprint.
func (tx *Tx) FiringTold(receiver string) ([]evaluate.Alert, error) {
	var rows []groupRow
	if err := tx.list(&rows, selectGroups+" WHERE g.receiver = ?", receiver); err != nil {
		return nil, fmt.Errorf("list the groups of receiver %s: %w", receiver, err)
	}
	groups, err := fromGroupRows(rows)
	if err != nil {
		return nil, err
	}
	told := make(map[evaluate.Fingerprint]time.Time)
	for _, g := range groups {
		for _, m := range g.Members {
			if m.Heard != evaluate.None {
				told[m.Alert.Fingerprint] = m.Alert.FiredAt
			}
		}
	}
	alerts, err := tx.alertsWhere("SELECT "+alertColumns+` FROM alerts WHERE state = 'firing' AND fingerprint IN
		(SELECT fingerprint FROM message_group_members WHERE receiver = ?) ORDER BY fingerprint`, receiver)
	return slices.DeleteFunc(alerts, func(a evaluate.Alert) bool {
		fired, ok := told[a.Fingerprint]
		return !ok || !fired.Equal(a.FiredAt)
	}), err
}
