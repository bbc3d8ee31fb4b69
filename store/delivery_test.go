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
	update(t, s, func(tx *Tx) error {
		return tx.MarkFailed(Failure{ID: 1, At: t0.Add(2 * time.Second), NextAt: t0.Add(time.Minute), Problem: "500"})
	})
	check(t, "while it rests", next(t, s, "slack", t0.Add(time.Minute-1)), Delivery{})
	want.Attempts, want.Unsure, want.LastError = 1, 1, "500"
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

func TestAReceiptTakesTheThreadsPlaceWhereItBeginsAnew(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	enqueue(t, s, row("first", "slack", "g"), row("second", "slack", "g"), row("third", "slack", "g"))
	for id, anew := range map[int64]bool{1: false, 2: true} {
		start(t, s, t0, id)
		update(t, s, func(tx *Tx) error {
			return tx.MarkSent([]Sent{{ID: id, At: t0, Receipt: fmt.Appendf(nil, `{"id":"%d"}`, id), Anew: anew}})
		})
	}
	check(t, "receipt for the third", string(next(t, s, "slack", t0).Receipt), `{"id":"2"}`)
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
		if err := tx.MarkFailed(Failure{ID: 2, At: t0.Add(time.Hour), NextAt: t0.Add(2 * time.Hour), Problem: "again"}); err != nil {
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
			list, err := tx.Next(rapid.SampledFrom([]string{"r", "q"}).Draw(t, "receiver"), d.at)
			if err != nil || len(list) == 0 {
				return err
			}
			r := list[0]
			if err := tx.Start([]int64{r.ID}, d.at); err != nil {
				return err
			}
			switch rapid.SampledFrom([]string{"sent", "failed", "dead", "crash"}).Draw(t, "outcome") {
			case "sent":
				card := r.Receiver + " " + r.GroupKey
				d.heard[card] = append(d.heard[card], r.ID)
				err = tx.MarkSent([]Sent{{ID: r.ID, At: d.at}})
			case "failed":
				err = tx.MarkFailed(Failure{ID: r.ID, At: d.at, NextAt: d.at.Add(30 * time.Second), Problem: "500"})
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
