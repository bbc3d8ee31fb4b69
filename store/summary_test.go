package store

import (
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

// newsRow is a message about an alert that has the group's name.
func newsRow(key, receiver, group string) Row {
	r := row(key, receiver, group)
	r.Alerts = []RowAlert{{Fingerprint: evaluate.Fingerprint(group), FiredAt: t0, Reason: evaluate.Fired}}
	return r
}

// silentRow is a message that is about no alert.
func silentRow(key, receiver, group string, reason evaluate.Reason) Row {
	r := row(key, receiver, group)
	r.Reason, r.Alerts = reason, nil
	return r
}

func crowd(t testing.TB, s *Store, receiver string, at time.Time) (c Crowd) {
	t.Helper()
	view(t, s, func(tx *Tx) (err error) {
		c, err = tx.Crowd(receiver, at)
		return err
	})
	return c
}

// backlog is the keys of what Backlog gives.
func backlog(t testing.TB, s *Store, receiver string, at time.Time) (keys []string) {
	t.Helper()
	view(t, s, func(tx *Tx) error {
		list, err := tx.Backlog(receiver, at)
		for _, d := range list {
			keys = append(keys, d.Key)
		}
		return err
	})
	return keys
}

func TestACrowdIsTheCardsWhoseNewsIsDue(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	later, system := newsRow("later", "r", "later"), newsRow("system", "r", "system")
	later.SendAt, system.System = t0.Add(time.Hour), true
	after := newsRow("after", "r", "h")
	after.SendAt = t0.Add(time.Hour)
	enqueue(t, s, newsRow("1", "r", "g"), newsRow("2", "r", "g"), newsRow("3", "r", "h"), newsRow("4", "q", "g"), newsRow("sent", "r", "i"),
		later, system, silentRow("update", "r", "g", route.ReasonUpdate), silentRow("digest", "r", "digest", "digest"), after)
	start(t, s, t0, 5)
	update(t, s, func(tx *Tx) error {
		if err := tx.MarkSent([]Sent{{ID: 5, At: t0}}); err != nil {
			return err
		}
		return tx.MarkFailed(Failure{ID: 1, At: t0, NextAt: t0.Add(time.Hour), Problem: "500"}) // it waits all the same
	})
	check(t, "crowd", crowd(t, s, "r", t0), Crowd{Cards: 2})
	check(t, "all messages of its cards", backlog(t, s, "r", t0), []string{"1", "2", "3", "update", "after"})
	check(t, "nobody's crowd", crowd(t, s, "nobody", t0), Crowd{})
	update(t, s, func(tx *Tx) error {
		return tx.PutTrouble(usage.Trouble{Name: usage.DeliveryFailing, Subject: "r", Severity: "critical", Since: t0})
	})
	check(t, "while it fails", crowd(t, s, "r", t0.Add(time.Hour)), Crowd{Cards: 3, FailingSince: t0})
	check(t, "another receiver", crowd(t, s, "q", t0), Crowd{Cards: 1})
}

func TestASummaryTakesThePlaceOfSeveralCardsMessagesAndGoesFirst(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	enqueue(t, s, newsRow("1", "r", "g"), newsRow("2", "r", "h"), newsRow("left", "r", "h"))
	start(t, s, t0, 1)
	by := newsRow("summary/2", "r", route.SummaryKey)
	by.Episode, by.Alerts = time.Time{}, []RowAlert{{Fingerprint: "g", FiredAt: t0, Reason: evaluate.Fired}, {Fingerprint: "h", FiredAt: t0, Reason: evaluate.Fired}}
	update(t, s, func(tx *Tx) error {
		list, err := tx.Backlog("r", t0)
		if err != nil {
			return err
		}
		d, err := tx.Summarize(list[:2], by)
		if err != nil {
			return err
		}
		check(t, "what may have been heard", d.Unsure, 1)
		return tx.Start([]int64{d.ID}, t0)
	})
	for _, id := range []int64{1, 2} {
		check(t, "superseded by", outbox(t, s, OutboxFilter{ID: id})[0].SupersededBy, int64(4))
	}
	check(t, "its alerts", outbox(t, s, OutboxFilter{ID: 4})[0].Fingerprints, []evaluate.Fingerprint{"g", "h"})
	check(t, "crowd", crowd(t, s, "r", t0), Crowd{Cards: 2, Summary: true})
	check(t, "in order", backlog(t, s, "r", t0), []string{"summary/2", "left"})
	// It keeps no receipt: nothing edits it.
	update(t, s, func(tx *Tx) error { return tx.MarkSent([]Sent{{ID: 4, At: t0, Receipt: []byte(`{"id":"1"}`)}}) })
	view(t, s, func(tx *Tx) error {
		_, found, err := tx.CardOf([]byte(`{"id":"1"}`))
		check(t, "a card", found, false)
		return err
	})
	err := s.Update(t.Context(), func(tx *Tx) error {
		_, err := tx.Summarize(nil, by)
		return err
	})
	if err == nil || err.Error() != "put message summary/2 in the place of others: there was one of its key" {
		t.Errorf("got error %v, want that it was sent", err)
	}
}

func TestWhatASummaryLeftWaitsForItWhenItFails(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	later, system := newsRow("later", "r", "i"), newsRow("system", "r", "s")
	later.SendAt, system.System = t0.Add(time.Minute), true
	enqueue(t, s, newsRow("left", "r", "g"), newsRow("summary", "r", route.SummaryKey), silentRow("update", "r", "g", route.ReasonUpdate),
		later, system, newsRow("other", "q", "g"), silentRow("digest", "r", "digest", "digest"))
	start(t, s, t0, 2)
	update(t, s, func(tx *Tx) error {
		return tx.MarkFailed(Failure{ID: 2, At: t0, NextAt: t0.Add(10 * time.Minute), Problem: "500"})
	})
	next := map[string]time.Duration{}
	for _, m := range outbox(t, s, OutboxFilter{}) {
		next[m.Key] = m.NextAt.Sub(t0)
	}
	const failed = 10 * time.Minute
	check(t, "next attempts", next, map[string]time.Duration{
		"left": failed, "summary": failed, "update": failed, "later": time.Minute, "system": 0, "other": 0, "digest": 0,
	})
}

// A summary that was given up is older than what it left waiting, which was sent.
func TestWhatWasSentOfALaterEpisodeIsNewerWhateverItsNumber(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	left := newsRow("left", "r", "g")
	left.Alerts[0].FiredAt = t0.Add(time.Minute)
	summary := newsRow("summary", "r", route.SummaryKey)
	summary.Alerts = []RowAlert{{Fingerprint: "g", FiredAt: t0, Reason: evaluate.ReasonResolved}, {Fingerprint: "h", FiredAt: t0, Reason: evaluate.ReasonResolved}}
	enqueue(t, s, left, summary)
	bury(t, s, 2)
	update(t, s, func(tx *Tx) error { return tx.MarkSent([]Sent{{ID: 1, At: t0}}) })
	view(t, s, func(tx *Tx) error {
		got, err := tx.Outdated(2)
		check(t, "outdated", got, []evaluate.Fingerprint{"g"})
		return err
	})
}
