package store

import (
	"math"
	"reflect"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/evaluate"
	"alerter/notify/route"
)

// fullGroup has every field set, and a peak that JSON cannot write.
func fullGroup(receiver, key string) route.Group {
	unknown := fullAlert("b")
	unknown.Peak = math.NaN()
	return route.Group{
		Key: key, Receiver: receiver, Labels: map[string]string{"alertname": "LimitPressure"},
		GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour, NotifyInfo: true, NotifyEased: true,
		Terms: route.Terms{
			MuteTimeIntervals: []string{"night"}, ActiveTimeIntervals: []string{"day"}, EscalateAfter: time.Hour, EscalateTo: "boss",
			ReminderBackoff: 1.5, Flap: route.Flap{Changes: 5, Within: time.Hour},
		},
		Members: []route.Member{
			{
				Alert: fullAlert("a"), Heard: evaluate.Critical, Told: evaluate.Warning, Unrouted: true, HeardAt: t0, Held: route.SuppressedSilence,
				SilencedUntil: t0.Add(time.Hour), SilencedBy: "bert", Foretold: t0.Add(time.Hour), AckedAt: t0, AckedBy: "anna", AckTold: t0,
				Passed: evaluate.Warning, Changes: []time.Time{t0}, FlapTold: evaluate.Warning,
			},
			{Alert: unknown},
		},
		Episode: t0.Add(-time.Hour), LastSent: t0.Add(time.Minute), PriorSent: t0.Add(-time.Minute), ToldAt: t0, PriorToldAt: t0.Add(-time.Hour),
		Reminders: 2, PriorReminders: 1, ShownAt: t0, Shown: t0.Add(-time.Minute), UpdateKey: "update", Next: t0.Add(time.Hour),
		Waiting: &route.Message{
			Key: "message of " + key, Receiver: receiver, GroupKey: key, GroupLabels: map[string]string{"alertname": "LimitPressure"},
			Episode: t0.Add(-time.Hour), Reason: evaluate.Fired, At: t0, SendAt: t0.Add(time.Minute), NotAfter: t0.Add(time.Hour),
			Items: []route.Item{{
				Fingerprint: "a", FiredAt: t0.Add(-time.Hour), Reason: evaluate.Escalated, From: evaluate.Warning, Severity: evaluate.Critical,
				By: "anna", Until: t0.Add(time.Hour), Flapping: true, FlapFrom: evaluate.Warning,
			}},
			Alerts: []evaluate.Alert{fullAlert("a"), unknown}, System: true, Update: true,
			Standings: []route.Standing{{Fingerprint: "a", FiredAt: t0, AcknowledgedAt: t0, AcknowledgedBy: "anna", SilencedUntil: t0.Add(time.Hour), SilencedBy: "bert"}},
		},
	}
}

func groupsOf(t *testing.T, s *Store, refs []route.GroupRef, due time.Time) (out []route.Group) {
	t.Helper()
	view(t, s, func(tx *Tx) (err error) {
		out, err = tx.Groups(refs, due)
		return err
	})
	return out
}

func checkGroups(t *testing.T, what string, got, want []route.Group) {
	t.Helper()
	if diff := gocmp.Diff(want, got, sameFloats, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestTheFullGroupIsFull(t *testing.T) {
	t.Parallel()
	g := fullGroup("r", "k")
	for _, v := range []reflect.Value{
		reflect.ValueOf(g), reflect.ValueOf(g.Members[0]), reflect.ValueOf(*g.Waiting), reflect.ValueOf(g.Waiting.Items[0]),
	} {
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s.%s is not set", v.Type(), v.Type().Field(i).Name)
			}
		}
	}
}

func TestGroupsComeBackWhole(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	never := fullGroup("slack", "never")
	never.Next = time.Time{}
	all := []route.Group{fullGroup("pager", "k"), fullGroup("slack", "k"), never}
	for range 2 {
		update(t, s, func(tx *Tx) error { return tx.PutGroups(all) })
	}
	checkGroups(t, "named", groupsOf(t, s, []route.GroupRef{never.Ref(), {Receiver: "slack", Key: "none"}}, t0), []route.Group{never})
	checkGroups(t, "due", groupsOf(t, s, nil, t0.Add(time.Hour)), all[:2])
	checkGroups(t, "both", groupsOf(t, s, []route.GroupRef{never.Ref(), all[0].Ref(), never.Ref()}, t0.Add(time.Hour)), all)
}

func TestAGroupWithoutMembersAndMessageIsOver(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	g := fullGroup("slack", "k")
	update(t, s, func(tx *Tx) error { return tx.PutGroups([]route.Group{g}) })
	g.Members = nil
	update(t, s, func(tx *Tx) error { return tx.PutGroups([]route.Group{g}) })
	checkGroups(t, "without members", groupsOf(t, s, []route.GroupRef{g.Ref()}, t0), []route.Group{g})
	g.Waiting = nil
	update(t, s, func(tx *Tx) error { return tx.PutGroups([]route.Group{g}) })
	checkGroups(t, "without both", groupsOf(t, s, []route.GroupRef{g.Ref()}, t0), nil)
}

func TestAWaitingMessageThatHasBegunToBeSentIsNotWaiting(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(*Tx) error{
		"started": func(tx *Tx) error { return tx.Start([]int64{1}, t0.Add(time.Second)) },
		"dead":    func(tx *Tx) error { return tx.MarkDead(1, t0.Add(time.Second), "too late") },
		"told by another": func(tx *Tx) error {
			_, err := tx.Summarize([]Delivery{{ID: 1}}, Row{Key: "all", Receiver: "slack", GroupKey: route.SummaryKey, Body: []byte("{}")})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openTest(t)
			g := fullGroup("slack", "k")
			g.LastSent = time.Time{} // a group that was written before its message was decided
			update(t, s, func(tx *Tx) error {
				if err := tx.Enqueue([]Row{{Key: g.Waiting.Key, Receiver: "slack", GroupKey: "k", Body: []byte("{}"), SendAt: g.Waiting.SendAt}}); err != nil {
					return err
				}
				return tx.PutGroups([]route.Group{g})
			})
			checkGroups(t, "before", groupsOf(t, s, []route.GroupRef{g.Ref()}, t0), []route.Group{g})
			update(t, s, take)
			g.LastSent, g.Waiting = g.Waiting.SendAt, nil
			checkGroups(t, "after", groupsOf(t, s, []route.GroupRef{g.Ref()}, t0), []route.Group{g})
		})
	}
}

func TestAGroupOfAnOlderVersionHasNoToldAt(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	g := fullGroup("slack", "k")
	update(t, s, func(tx *Tx) error {
		if err := tx.PutGroups([]route.Group{g}); err != nil {
			return err
		}
		_, err := tx.exec("UPDATE message_groups SET state = json_remove(state, '$.ToldAt', '$.PriorToldAt')")
		return err
	})
	g.ToldAt, g.PriorToldAt = time.Time{}, time.Time{}
	checkGroups(t, "read", groupsOf(t, s, []route.GroupRef{g.Ref()}, t0), []route.Group{g})
}
