package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
)

type groupRow struct {
	Receiver string `db:"receiver"`
	GroupKey string `db:"group_key"`
	State    string `db:"state"`
	Taken    bool   `db:"taken"` // the waiting message's outbox row began to be sent, was given up, or is told by another one
}

// The twins of alerts, members, messages and groups exist because JSON has no
// NaN, which an alert's peak may be. The embedded plain types have no methods,
// so that the outer fields are written in place of theirs.
type (
	plainAlert   evaluate.Alert
	plainMember  route.Member
	plainMessage route.Message
	plainGroup   route.Group

	alertState struct {
		plainAlert
		Peak evaluate.Number
	}
	memberState struct {
		plainMember
		Alert alertState
	}
	messageState struct {
		plainMessage
		Alerts []alertState
	}
	groupState struct {
		plainGroup
		Members []memberState
		Waiting *messageState
	}
)

// Groups gives the named groups, as far as they are stored, and all that are
// due: whose Next is at or before that moment.
//
// A waiting message that has begun to be sent, was given up, or is told by another
// one, is not waiting any more: such a group comes with Waiting nil and LastSent not before the message's SendAt.
func (tx *Tx) Groups(refs []route.GroupRef, due time.Time) ([]route.Group, error) {
	var rows []groupRow
	if err := tx.list(&rows, selectGroups+" WHERE g.next_ms <= ? ORDER BY g.receiver, g.group_key", toMS(due)); err != nil {
		return nil, fmt.Errorf("list the groups that are due: %w", err)
	}
	seen := make(map[route.GroupRef]bool, len(rows)+len(refs))
	for _, r := range rows {
		seen[route.GroupRef{Receiver: r.Receiver, Key: r.GroupKey}] = true
	}
	for _, ref := range refs {
		if seen[ref] {
			continue
		}
		seen[ref] = true
		var named []groupRow
		if err := tx.list(&named, selectGroups+" WHERE g.receiver = ? AND g.group_key = ?", ref.Receiver, ref.Key); err != nil {
			return nil, fmt.Errorf("find group %s of receiver %s: %w", ref.Key, ref.Receiver, err)
		}
		rows = append(rows, named...)
	}
	return fromGroupRows(rows)
}

const selectGroups = `
	SELECT g.receiver, g.group_key, g.state, COALESCE(o.started_ms, o.dead_ms, o.superseded_by) IS NOT NULL AS taken
	FROM message_groups g LEFT JOIN outbox o ON o.message_key = g.waiting_key AND o.receiver = g.receiver`

func fromGroupRows(rows []groupRow) ([]route.Group, error) {
	out := make([]route.Group, len(rows))
	for i, r := range rows {
		var s groupState
		if err := json.Unmarshal([]byte(r.State), &s); err != nil {
			return nil, fmt.Errorf("read group %s of receiver %s: %w", r.GroupKey, r.Receiver, err)
		}
		g := fromGroupState(s)
		if g.Waiting != nil && r.Taken {
			if g.Waiting.SendAt.After(g.LastSent) {
				g.LastSent = g.Waiting.SendAt
			}
			g.Waiting = nil
		}
		out[i] = g
	}
	return out, nil
}

// PutGroups stores groups. One without members and without a waiting message is
// over and deleted.
func (tx *Tx) PutGroups(groups []route.Group) error {
	for _, g := range groups {
		if err := tx.putGroup(g); err != nil {
			return fmt.Errorf("put group %s of receiver %s: %w", g.Key, g.Receiver, err)
		}
	}
	return nil
}

func (tx *Tx) putGroup(g route.Group) error {
	if len(g.Members) == 0 && g.Waiting == nil {
		if _, err := tx.exec("DELETE FROM message_groups WHERE receiver = ? AND group_key = ?", g.Receiver, g.Key); err != nil {
			return err
		}
		return tx.putGroupMembers(g)
	}
	state, err := json.Marshal(toGroupState(g))
	if err != nil {
		return err
	}
	var waiting sql.NullString
	if g.Waiting != nil {
		waiting = sql.NullString{String: g.Waiting.Key, Valid: true}
	}
	_, err = tx.exec(`
		INSERT INTO message_groups (receiver, group_key, next_ms, waiting_key, episode_ms, state) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (receiver, group_key) DO UPDATE SET
			next_ms = excluded.next_ms, waiting_key = excluded.waiting_key, episode_ms = excluded.episode_ms, state = excluded.state`,
		g.Receiver, g.Key, toNullMS(g.Next), waiting, toNullMS(g.Episode), string(state))
	if err != nil {
		return err
	}
	return tx.putGroupMembers(g)
}

func toGroupState(g route.Group) groupState {
	s := groupState{plainGroup: plainGroup(g)}
	for _, m := range g.Members {
		s.Members = append(s.Members, memberState{plainMember(m), toAlertState(m.Alert)})
	}
	if g.Waiting != nil {
		s.Waiting = &messageState{plainMessage: plainMessage(*g.Waiting)}
		for _, a := range g.Waiting.Alerts {
			s.Waiting.Alerts = append(s.Waiting.Alerts, toAlertState(a))
		}
	}
	return s
}

func fromGroupState(s groupState) route.Group {
	g := route.Group(s.plainGroup)
	g.Members, g.Waiting = nil, nil
	for _, m := range s.Members {
		member := route.Member(m.plainMember)
		member.Alert = fromAlertState(m.Alert)
		g.Members = append(g.Members, member)
	}
	if s.Waiting != nil {
		waiting := route.Message(s.Waiting.plainMessage)
		waiting.Alerts = nil
		for _, a := range s.Waiting.Alerts {
			waiting.Alerts = append(waiting.Alerts, fromAlertState(a))
		}
		g.Waiting = &waiting
	}
	return g
}

func toAlertState(a evaluate.Alert) alertState {
	return alertState{plainAlert(a), evaluate.Number(a.Peak)}
}

func fromAlertState(s alertState) evaluate.Alert {
	a := evaluate.Alert(s.plainAlert)
	a.Peak = float64(s.Peak)
	return a
}
