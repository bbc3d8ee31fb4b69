package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

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

// due is the keys of the messages that can be sent, one of each card at most.
func due(t testing.TB, s *Store, at time.Time) (keys []string) {
	t.Helper()
	view(t, s, func(tx *Tx) error {
		return tx.list(&keys, "SELECT o.message_key FROM outbox o WHERE "+dueRows+" ORDER BY o.next_ms, o.id", toMS(at))
	})
	return keys
}

// next is the message to send to a receiver, with its id 0 where there is none.
func next(t testing.TB, s *Store, receiver string, at time.Time) (d Delivery) {
	t.Helper()
	view(t, s, func(tx *Tx) (err error) {
		d, _, err = tx.Next(receiver, at)
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

func TestAMessageGoesFromWaitingToSent(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	r := row("k", "slack", "g")
	r.System = true
	enqueue(t, s, r)
	want := Delivery{
		ID: 1, Key: "k", Receiver: "slack", GroupKey: "g", Episode: t0, Reason: evaluate.Fired, System: true,
		Body: r.Body, SendAt: t0, NotAfter: t0.Add(time.Hour),
	}
	check(t, "before its time", next(t, s, "slack", t0.Add(-time.Millisecond)), Delivery{})
	check(t, "next", next(t, s, "slack", t0), want)

	start(t, s, t0.Add(time.Second), 1)
	update(t, s, func(tx *Tx) error { return tx.MarkFailed(1, t0.Add(2*time.Second), t0.Add(time.Minute), "500") })
	check(t, "while it rests", next(t, s, "slack", t0.Add(time.Minute-1)), Delivery{})
	want.Attempts, want.LastError = 1, "500"
	check(t, "next again", next(t, s, "slack", t0.Add(time.Minute)), want)

	start(t, s, t0.Add(time.Minute), 1)
	sent := Sent{ID: 1, At: t0.Add(2 * time.Minute), Receipt: []byte(`{"id":"ts"}`)}
	update(t, s, func(tx *Tx) error { return tx.MarkSent([]Sent{sent}) })
	check(t, "after all", next(t, s, "slack", t0.Add(time.Hour)), Delivery{})
	check(t, "outbox", outbox(t, s, OutboxFilter{}), []Message{{
		ID: 1, Key: "k", Receiver: "slack", GroupKey: "g", Reason: evaluate.Fired, System: true, State: MessageSent, Attempts: 2,
		SendAt: t0, NotAfter: t0.Add(time.Hour), StartedAt: t0.Add(time.Minute), SentAt: t0.Add(2 * time.Minute),
		Body: r.Body, Fingerprints: []evaluate.Fingerprint{"f-k"},
	}})
	check(t, "attempts", attempts(t, s, 1), []attempt{
		{1, toMS(t0.Add(time.Second)), toMS(t0.Add(2 * time.Second)), "failed", "500"},
		{2, toMS(t0.Add(time.Minute)), toMS(t0.Add(2 * time.Minute)), "sent", ""},
	})
}

// attempt is a row of deliveries; what is NULL there is zero.
type attempt struct {
	Number  int    `db:"attempt"`
	Started int64  `db:"started_ms"`
	Ended   int64  `db:"ended_ms"`
	Outcome string `db:"outcome"`
	Problem string `db:"error"`
}

func attempts(t testing.TB, s *Store, id int64) (rows []attempt) {
	t.Helper()
	view(t, s, func(tx *Tx) error {
		return tx.list(&rows, `
			SELECT attempt, started_ms, COALESCE(ended_ms, 0) AS ended_ms, COALESCE(outcome, '') AS outcome, COALESCE(error, '') AS error
			FROM deliveries WHERE outbox_id = ? ORDER BY attempt`, id)
	})
	return rows
}

func TestTheFirstReceiptIsTheThreads(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	other := row("other", "slack", "g")
	other.Episode = t0.Add(time.Hour)
	enqueue(t, s, row("first", "slack", "g"), row("second", "slack", "g"), row("third", "slack", "g"), row("pager", "pager", "g"), other)
	for id := int64(1); id <= 2; id++ {
		start(t, s, t0, id)
		update(t, s, func(tx *Tx) error {
			return tx.MarkSent([]Sent{{ID: id, At: t0, Receipt: fmt.Appendf(nil, `{"id":"%d"}`, id)}})
		})
	}
	check(t, "receipt for the third", string(next(t, s, "slack", t0).Receipt), `{"id":"1"}`)
	check(t, "receipt for the pager", string(next(t, s, "pager", t0).Receipt), "")
	start(t, s, t0, 3)
	update(t, s, func(tx *Tx) error { return tx.MarkSent([]Sent{{ID: 3, At: t0}}) })
	got := next(t, s, "slack", t0)
	check(t, "key", got.Key, "other")
	check(t, "receipt for another episode", string(got.Receipt), "")
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
	update(t, s, func(tx *Tx) error { return tx.MarkFailed(1, t0, t0.Add(time.Minute), "500") })
	check(t, "the first waits for its next attempt", due(t, s, t0), []string{"3", "4"})
	update(t, s, func(tx *Tx) error { return tx.MarkDead(1, t0, "410") })
	check(t, "the first is dead", due(t, s, t0), []string{"2", "3", "4"})
	update(t, s, func(tx *Tx) error {
		_, err := tx.exec("UPDATE outbox SET superseded_by = 3 WHERE id = 2")
		return err
	})
	check(t, "superseded ones do not come", due(t, s, t0), []string{"3", "4"})
	check(t, "superseded", outbox(t, s, OutboxFilter{State: MessageSuperseded})[0].SupersededBy, int64(3))
}

func TestWhatHasEndedIsNotMarkedAgain(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	enqueue(t, s, row("sent", "r", "a"), row("dead", "r", "b"))
	start(t, s, t0, 1, 2)
	update(t, s, func(tx *Tx) error {
		if err := tx.MarkSent([]Sent{{ID: 1, At: t0}}); err != nil {
			return err
		}
		return tx.MarkDead(2, t0.Add(time.Second), "410")
	})
	before := outbox(t, s, OutboxFilter{})
	start(t, s, t0.Add(time.Hour), 1, 2)
	update(t, s, func(tx *Tx) error {
		if err := tx.MarkDead(1, t0.Add(time.Hour), "again"); err != nil {
			return err
		}
		if err := tx.MarkFailed(2, t0.Add(time.Hour), t0.Add(2*time.Hour), "again"); err != nil {
			return err
		}
		return tx.MarkSent([]Sent{{ID: 2, At: t0.Add(time.Hour)}})
	})
	check(t, "outbox", outbox(t, s, OutboxFilter{}), before)
	err := s.Update(context.Background(), func(tx *Tx) error { return tx.MarkSent([]Sent{{ID: 77, At: t0}}) })
	if err == nil || !strings.Contains(err.Error(), "mark message 77 as sent: the outbox has no such message") {
		t.Errorf("got error %v, want one that names the message", err)
	}
}

// Promise 4: a crash between Start and the mark repeats a message, and loses none.
func TestAnAttemptThatACrashInterruptedIsMadeAgain(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	enqueue(t, s, row("k", "r", "g"))
	start(t, s, t0, 1)
	check(t, "due after the crash", due(t, s, t0.Add(time.Minute)), []string{"k"})
	start(t, s, t0.Add(time.Minute), 1)
	check(t, "attempts", attempts(t, s, 1), []attempt{
		{1, toMS(t0), toMS(t0.Add(time.Minute)), "interrupted", ""},
		{2, toMS(t0.Add(time.Minute)), 0, "", ""},
	})
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
		d, ok, err := tx.Next("r", t0)
		check(t, "next", d.Key, "waiting")
		check(t, "there is a next", ok, true)
		if err != nil {
			return err
		}
		_, ok, err = tx.Next("q", t0)
		check(t, "there is a next for q", ok, false)
		if err != nil {
			return err
		}
		since, ok, err := tx.OldestDue(t0.Add(time.Minute))
		check(t, "due since", since, t0)
		check(t, "is due", ok, true)
		return err
	})
}

// deliverer plays a worker at random and notes what each receiver hears.
type deliverer struct {
	s     *Store
	at    time.Time
	heard map[string][]int64 // by receiver and group
}

func (d *deliverer) round(t *rapid.T) error {
	d.at = d.at.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "pause")) * time.Second)
	return d.s.Update(context.Background(), func(tx *Tx) error {
		for range rapid.IntRange(1, 4).Draw(t, "sends") {
			r, ready, err := tx.Next(rapid.SampledFrom([]string{"r", "q"}).Draw(t, "receiver"), d.at)
			if err != nil || !ready {
				return err
			}
			if err := tx.Start([]int64{r.ID}, d.at); err != nil {
				return err
			}
			switch rapid.SampledFrom([]string{"sent", "failed", "dead", "crash"}).Draw(t, "outcome") {
			case "sent":
				card := r.Receiver + " " + r.GroupKey
				d.heard[card] = append(d.heard[card], r.ID)
				err = tx.MarkSent([]Sent{{ID: r.ID, At: d.at}})
			case "failed":
				err = tx.MarkFailed(r.ID, d.at, d.at.Add(30*time.Second), "500")
			case "dead":
				err = tx.MarkDead(r.ID, d.at, "410")
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func TestEveryMessageIsSentOnceOrDeadAndHeardInOrder(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	rapid.Check(t, func(t *rapid.T) {
		d := &deliverer{s: s, at: t0, heard: make(map[string][]int64)}
		err := s.Update(context.Background(), func(tx *Tx) error {
			if _, err := tx.exec("DELETE FROM outbox"); err != nil { // what the run before left
				return err
			}
			for i := range rapid.IntRange(1, 8).Draw(t, "messages") {
				r := row(fmt.Sprint(i), rapid.SampledFrom([]string{"r", "q"}).Draw(t, "receiver"), rapid.SampledFrom([]string{"g", "h"}).Draw(t, "group"))
				if err := tx.Enqueue([]Row{r}); err != nil {
					return err
				}
			}
			return nil
		})
		for i := 0; i < 10 && err == nil; i++ {
			err = d.round(t)
		}
		if err != nil {
			t.Fatal(err)
		}
		for card, ids := range d.heard {
			for i := 1; i < len(ids); i++ {
				if ids[i] <= ids[i-1] {
					t.Fatalf("%s heard %v, want each once and in order", card, ids)
				}
			}
		}
	})
}
