package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"alerter/evaluate"
)

// card is what Next gives for a receiver.
func card(t testing.TB, s *Store, receiver string, at time.Time) (list []Delivery) {
	t.Helper()
	view(t, s, func(tx *Tx) (err error) {
		list, err = tx.Next(receiver, at)
		return err
	})
	return list
}

func TestALaterMessageTakesThePlaceOfEarlierOnes(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	later := row("3", "r", "g")
	later.SendAt = t0.Add(time.Hour)
	enqueue(t, s, row("1", "r", "g"), row("2", "r", "g"), later, row("other", "r", "h"))
	start(t, s, t0, 1)
	update(t, s, func(tx *Tx) error {
		return tx.MarkFailed(Failure{ID: 1, At: t0, NextAt: t0.Add(time.Minute), Problem: "500"})
	})
	list := card(t, s, "r", t0.Add(time.Minute))
	check(t, "the whole card, what is due later too", len(list), 1)
	check(t, "the other card comes first", list[0].Key, "other")
	update(t, s, func(tx *Tx) error { return tx.MarkDead(4, t0, "410") })
	list = card(t, s, "r", t0.Add(time.Minute))
	check(t, "the card", []string{list[0].Key, list[1].Key, list[2].Key}, []string{"1", "2", "3"})

	by := list[2]
	by.Body, by.Reason, by.NotAfter = []byte(`{"text":"all"}`), evaluate.ReasonResolved, t0.Add(24*time.Hour)
	at := t0.Add(time.Minute)
	update(t, s, func(tx *Tx) error {
		if err := tx.Supersede(list[:2], &by, []RowAlert{{Fingerprint: "x", FiredAt: t0, Reason: evaluate.ReasonResolved}}, at); err != nil {
			return err
		}
		return tx.Start([]int64{by.ID}, at)
	})
	check(t, "outbox", outbox(t, s, OutboxFilter{State: MessageWaiting}), []Message{{
		ID: 3, Key: "3", Receiver: "r", GroupKey: "g", Reason: evaluate.ReasonResolved, State: MessageWaiting, Attempts: 1,
		SendAt: t0.Add(time.Hour), NextAt: t0.Add(time.Hour), NotAfter: t0.Add(24 * time.Hour), StartedAt: at,
		Body: []byte(`{"text":"all"}`), Fingerprints: []evaluate.Fingerprint{"x"},
	}})
	for _, m := range outbox(t, s, OutboxFilter{State: MessageSuperseded}) {
		check(t, "superseded by", m.SupersededBy, int64(3))
	}
	check(t, "what may have been heard", card(t, s, "r", t0.Add(time.Hour))[0].Unsure, 2)
	update(t, s, func(tx *Tx) error {
		return tx.MarkFailed(Failure{ID: 3, At: at, NextAt: at, Problem: "429", Refused: true})
	})
	check(t, "a refusal adds nothing", card(t, s, "r", t0.Add(time.Hour))[0].Unsure, 1)
	// It counts as begun: nothing replaces it or takes it back.
	enqueue(t, s, later)
	update(t, s, func(tx *Tx) error { return tx.Cancel([]string{"3"}) })
	check(t, "body", string(outbox(t, s, OutboxFilter{ID: 3})[0].Body), `{"text":"all"}`)
	err := s.Update(context.Background(), func(tx *Tx) error { return tx.Supersede(nil, &by, nil, at) })
	if err == nil || !strings.Contains(err.Error(), "put message 3 in the place of earlier ones: somebody has begun to send it") {
		t.Errorf("got error %v, want that it is under way", err)
	}
}

func TestANewMessageGivesItsCardAnotherTurnAtOnce(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	enqueue(t, s, row("1", "r", "g"), row("2", "r", "g"))
	start(t, s, t0, 1)
	update(t, s, func(tx *Tx) error {
		return tx.MarkFailed(Failure{ID: 1, At: t0, NextAt: t0.Add(10 * time.Minute), Problem: "500"})
	})
	check(t, "what was there waits with the first", due(t, s, t0.Add(time.Minute)), []string(nil))
	fresh := row("3", "r", "g")
	fresh.SendAt = t0.Add(2 * time.Minute)
	enqueue(t, s, fresh)
	check(t, "before its time", due(t, s, t0.Add(time.Minute)), []string(nil))
	check(t, "at its time", due(t, s, t0.Add(2*time.Minute)), []string{"1"})
}

func TestAReceiverThatRestsIsNotDueButForWhatIsPastItsTime(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	enqueue(t, s, row("1", "r", "g"), row("2", "r", "h"), row("3", "q", "g"))
	start(t, s, t0, 1)
	until := t0.Add(2 * time.Hour)
	update(t, s, func(tx *Tx) error {
		return tx.MarkFailed(Failure{ID: 1, At: t0, NextAt: t0.Add(time.Minute), Problem: "429", RestUntil: until})
	})
	check(t, "due while it rests", due(t, s, t0.Add(10*time.Minute)), []string{"3"})
	check(t, "its next attempt", outbox(t, s, OutboxFilter{ID: 2})[0].NextAt, until)
	// Both are useless an hour after t0.
	check(t, "due when useless", due(t, s, t0.Add(time.Hour+time.Millisecond)), []string{"2", "3", "1"})
	check(t, "due when it has rested", due(t, s, until), []string{"2", "3", "1"})
	update(t, s, func(tx *Tx) error { return tx.EndRests() })
	check(t, "due when rests are over", due(t, s, t0.Add(10*time.Minute)), []string{"2", "3", "1"})
}

func TestWhatWasPutOffIsSentWhenItsReceiverWorksAgain(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	later := row("3", "r", "i")
	later.SendAt = t0.Add(10 * time.Minute) // it waits for more to group with
	enqueue(t, s, row("1", "r", "g"), row("2", "q", "h"), later)
	start(t, s, t0, 1, 2)
	update(t, s, func(tx *Tx) error {
		for id := int64(1); id <= 2; id++ {
			if err := tx.MarkFailed(Failure{ID: id, At: t0, NextAt: t0.Add(5 * time.Minute), Problem: "500"}); err != nil {
				return err
			}
		}
		return tx.Hasten("r", t0.Add(time.Second))
	})
	check(t, "before that", due(t, s, t0), []string(nil))
	check(t, "at that time", due(t, s, t0.Add(time.Second)), []string{"1"})
	check(t, "the other receiver's", due(t, s, t0.Add(5*time.Minute)), []string{"1", "2"})
}
