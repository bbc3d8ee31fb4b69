package store

import (
	"testing"
	"time"

	"alerter/notify/route"
)

func TestACardIsFoundByItsReceipt(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	later := row("later", "slack", "g")
	later.Episode = t0.Add(time.Hour)
	enqueue(t, s, row("first", "slack", "g"), later)
	start(t, s, t0, 1, 2)
	update(t, s, func(tx *Tx) error {
		return tx.MarkSent([]Sent{{ID: 1, At: t0, Receipt: []byte(`{"id":"1.1","channel":"C"}`)}, {ID: 2, At: t0, Receipt: []byte(`{"id":"2.2","channel":"C"}`)}})
	})
	view(t, s, func(tx *Tx) error {
		got, found, err := tx.CardOf([]byte(`{"id":"2.2","channel":"C"}`))
		if want := (Card{Group: route.GroupRef{Receiver: "slack", Key: "g"}, Episode: later.Episode}); got != want || !found {
			t.Errorf("got card %+v (%v), want %+v", got, found, want)
		}
		if err != nil {
			return err
		}
		_, found, err = tx.CardOf([]byte(`{"id":"3.3","channel":"C"}`))
		if found {
			t.Error("got a card for a receipt that nobody gave, want none")
		}
		return err
	})
}
