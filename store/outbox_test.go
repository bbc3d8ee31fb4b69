package store

import (
	"fmt"
	"testing"
	"time"

	"alerter/evaluate"
)

// row is a message to be sent at once, of a thread that began at t0.
func row(key, receiver, group string) Row {
	return Row{
		Key: key, Receiver: receiver, GroupKey: group, Episode: t0, Reason: evaluate.Fired,
		Body: []byte(`{"text":"` + key + `"}`), SendAt: t0, NotAfter: t0.Add(time.Hour),
		Alerts: []RowAlert{{Fingerprint: "f-" + evaluate.Fingerprint(key), FiredAt: t0, Reason: evaluate.Fired}},
	}
}

func enqueue(t testing.TB, s *Store, rows ...Row) {
	t.Helper()
	update(t, s, func(tx *Tx) error { return tx.Enqueue(rows) })
}

// due is the key of the first message of each card whose turn it is.
func due(t testing.TB, s *Store, at time.Time) (keys []string) {
	t.Helper()
	view(t, s, func(tx *Tx) error {
		return tx.list(&keys, `
			SELECT (SELECT h.message_key FROM outbox h WHERE h.receiver = o.receiver AND h.group_key = o.group_key
				AND h.sent_ms IS NULL AND h.dead_ms IS NULL AND h.superseded_by IS NULL ORDER BY h.id LIMIT 1)
			FROM outbox o WHERE `+dueRows+` GROUP BY o.receiver, o.group_key ORDER BY MIN(o.next_ms), MIN(o.id)`, toMS(at), toMS(at), toMS(at))
	})
	return keys
}

// next is the message to send to a receiver, with its id 0 where there is none.
func next(t testing.TB, s *Store, receiver string, at time.Time) (d Delivery) {
	t.Helper()
	view(t, s, func(tx *Tx) error {
		list, err := tx.Next(receiver, at)
		if len(list) > 0 {
			d = list[0]
		}
		return err
	})
	return d
}

func outbox(t testing.TB, s *Store, f OutboxFilter) (out []Message) {
	t.Helper()
	view(t, s, func(tx *Tx) (err error) {
		out, err = tx.Outbox(f)
		return err
	})
	return out
}

func start(t testing.TB, s *Store, at time.Time, ids ...int64) {
	t.Helper()
	update(t, s, func(tx *Tx) error { return tx.Start(ids, at) })
}

func TestASecondMessageWithTheSameKeyReplacesWhatNobodyHasBegunToSend(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	enqueue(t, s, row("k", "slack", "g"), row("k", "pager", "g"))
	changed := row("k", "slack", "g")
	changed.Body, changed.SendAt, changed.Reason = []byte(`{"text":"new"}`), t0.Add(time.Minute), evaluate.Escalated
	changed.Alerts = []RowAlert{{Fingerprint: "x", FiredAt: t0}, {Fingerprint: "x", FiredAt: t0.Add(time.Second)}}
	enqueue(t, s, changed)
	check(t, "due at first", due(t, s, t0), []string{"k"}) // the pager's
	got := next(t, s, "slack", t0.Add(time.Minute))
	check(t, "body", string(got.Body), `{"text":"new"}`)
	check(t, "alerts", outbox(t, s, OutboxFilter{Receiver: "slack"})[0].Fingerprints, []evaluate.Fingerprint{"x"})

	// From the first attempt on nothing changes it.
	start(t, s, t0, got.ID)
	enqueue(t, s, row("k", "slack", "g"))
	m := outbox(t, s, OutboxFilter{Receiver: "slack"})
	check(t, "messages", len(m), 1)
	check(t, "body after the start", string(m[0].Body), `{"text":"new"}`)
	check(t, "reason after the start", m[0].Reason, evaluate.Escalated)
	check(t, "alerts after the start", m[0].Fingerprints, []evaluate.Fingerprint{"x"})
	update(t, s, func(tx *Tx) error { return tx.MarkDead(got.ID, t0, "gone") })
	enqueue(t, s, row("k", "slack", "g"))
	check(t, "state after its death", outbox(t, s, OutboxFilter{Receiver: "slack"})[0].State, MessageDead)
}

func TestCancellingTakesBackWhatNobodyHasBegunToSend(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	enqueue(t, s, row("waiting", "r", "a"), row("started", "r", "b"), row("dead", "r", "c"))
	start(t, s, t0, 2)
	update(t, s, func(tx *Tx) error { return tx.MarkDead(3, t0, "too late") })
	update(t, s, func(tx *Tx) error { return tx.Cancel([]string{"waiting", "started", "dead", "never was"}) })
	var left []string
	for _, m := range outbox(t, s, OutboxFilter{}) {
		left = append(left, m.Key)
	}
	check(t, "left", left, []string{"dead", "started"})
}

// Promise 5: what one receiver hears of one group, it hears in order.
func TestALaterMessageWaitsForTheEarlierOneOfItsGroup(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	enqueue(t, s, row("1", "slack", "g"), row("2", "slack", "g"), row("3", "slack", "h"), row("4", "pager", "g"))
	check(t, "due", due(t, s, t0), []string{"1", "3", "4"})
	start(t, s, t0, 1)
	update(t, s, func(tx *Tx) error {
		return tx.MarkFailed(Failure{ID: 1, At: t0, NextAt: t0.Add(time.Minute), Problem: "500"})
	})
	check(t, "the first waits for its next attempt", due(t, s, t0), []string{"3", "4"})
	update(t, s, func(tx *Tx) error { return tx.MarkDead(1, t0, "410") })
	check(t, "the first is dead, and was to be tried again in a minute", due(t, s, t0), []string{"3", "4"})
	check(t, "a minute later", due(t, s, t0.Add(time.Minute)), []string{"3", "4", "2"})
	update(t, s, func(tx *Tx) error {
		_, err := tx.exec("UPDATE outbox SET superseded_by = 3 WHERE id = 2")
		return err
	})
	check(t, "superseded ones do not come", due(t, s, t0.Add(time.Minute)), []string{"3", "4"})
	check(t, "superseded", outbox(t, s, OutboxFilter{State: MessageSuperseded})[0].SupersededBy, int64(3))
}

func TestTheOutboxIsCountedAndFiltered(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	later := row("later", "r", "d")
	later.SendAt = t0.Add(time.Hour)
	enqueue(t, s, row("sent", "r", "a"), row("dead", "q", "b"), row("waiting", "r", "c"), later)
	start(t, s, t0, 1)
	update(t, s, func(tx *Tx) error {
		if err := tx.MarkSent([]Sent{{ID: 1, At: t0}}); err != nil {
			return err
		}
		return tx.MarkDead(2, t0, "410")
	})
	for _, c := range []struct {
		f    OutboxFilter
		want []int64
	}{
		{OutboxFilter{}, []int64{4, 3, 2, 1}},
		{OutboxFilter{Limit: 2}, []int64{4, 3}},
		{OutboxFilter{State: MessageWaiting}, []int64{4, 3}},
		{OutboxFilter{Receiver: "r", State: MessageSent}, []int64{1}},
		{OutboxFilter{ID: 2}, []int64{2}},
		{OutboxFilter{Receiver: "none"}, nil},
	} {
		var ids []int64
		for _, m := range outbox(t, s, c.f) {
			ids = append(ids, m.ID)
		}
		check(t, fmt.Sprintf("%+v", c.f), ids, c.want)
	}
	view(t, s, func(tx *Tx) error {
		counts, err := tx.OutboxCounts()
		check(t, "counts", counts, OutboxCounts{Waiting: 2, Sent: 1, Dead: 1})
		if err != nil {
			return err
		}
		receivers, err := tx.DueReceivers(t0)
		check(t, "receivers", receivers, []string{"r"})
		if err != nil {
			return err
		}
		for receiver, want := range map[string]int{"r": 1, "q": 0} {
			list, err := tx.Next(receiver, t0)
			check(t, "messages of the card whose turn it is for "+receiver, len(list), want)
			if err != nil {
				return err
			}
		}
		since, ok, err := tx.OldestDue(t0.Add(time.Minute))
		check(t, "due since", since, t0)
		check(t, "is due", ok, true)
		return err
	})
}
