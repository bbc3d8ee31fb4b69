package worker

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
)

// From so many cards that wait on, their news is told in one message: in a burst,
// and when a receiver has not taken anything for long, when few cards are many.
const (
	crowdFrom       = 11
	crowdAfterLong  = 4
	longUnreachable = 30 * time.Minute
)

// crowd is what waits for the receiver of all cards, if that is to be told in one
// message, else what waits of the card whose turn it is. While a message about several
// cards is still to be sent, nothing newer of the same alerts goes before it.
func (w *Worker) crowd(tx *store.Tx, card []store.Delivery, at time.Time) ([]store.Delivery, error) {
	next := &card[0]
	if next.System || next.Reason == digestReason {
		return card, nil
	}
	c, err := tx.Crowd(next.Receiver, at)
	if err != nil {
		return nil, err
	}
	from := crowdFrom
	if !c.FailingSince.IsZero() && at.Sub(c.FailingSince) >= longUnreachable {
		from = crowdAfterLong
	}
	if !c.Summary && (c.Cards < from || !notify.Summarizes(w.Plan().Receivers.Kind(next.Receiver))) {
		return card, nil
	}
	all, err := tx.Backlog(next.Receiver, at)
	if err != nil || !c.Summary && !slices.ContainsFunc(all, func(d store.Delivery) bool { return d.GroupKey == next.GroupKey }) {
		return card, err // it has no news
	}
	for i := range all {
		all[i].FailingSince = c.FailingSince
	}
	return all, nil
}

// inOne puts what waits into one message: that of all cards, or else of the one whose
// turn it is.
func (w *Worker) inOne(tx *store.Tx, list []store.Delivery, card string, at time.Time) (*store.Delivery, error) {
	if list[0].GroupKey == route.SummaryKey || slices.ContainsFunc(list, func(d store.Delivery) bool { return d.GroupKey != card }) {
		if next, err := w.summarize(tx, list, at); next != nil || err != nil {
			return next, err
		}
		list = slices.DeleteFunc(list, func(d store.Delivery) bool { return d.GroupKey != card })
	}
	return merge(tx, list, at)
}

// summarize puts what waits of several cards into one message, as much as can be told
// as one, and returns that; nil where all of that is of one card. Cards that the
// receiver has are brought up to date afterwards, without a word.
func (w *Worker) summarize(tx *store.Tx, list []store.Delivery, at time.Time) (*store.Delivery, error) {
	unsent := make([]notify.Unsent, len(list))
	for i := range list {
		d := &list[i]
		m, err := message(d)
		if err != nil {
			m = notify.Message{GroupKey: d.GroupKey} // it is told, or dies, by itself
		}
		unsent[i] = notify.Unsent{Message: m, MayBeHeard: d.Unsure > 0, DueAt: d.SendAt}
	}
	m, told := notify.Summarize(unsent, at.UTC(), w.Plan().Receivers.Holds(list[0].Receiver))
	var t taken
	for i := range list {
		if told[i] {
			t.add(list[i], unsent[i])
		}
	}
	switch {
	case t.isOneCard() && list[0].GroupKey == route.SummaryKey:
		return &list[0], nil // nothing has joined it
	case t.isOneCard():
		return nil, nil
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("write message %s down: %w", m.Key, err)
	}
	next, err := tx.Summarize(t.list, store.Row{
		Key: m.Key, Receiver: list[0].Receiver, GroupKey: m.GroupKey, Reason: m.Reason, Body: body, SendAt: at, NotAfter: t.notAfter, Alerts: about(m),
	})
	if err != nil {
		return nil, err
	}
	next.FailingSince = list[0].FailingSince
	return next, t.bringUpToDate(tx, at)
}

// taken is what a summary takes the place of.
type taken struct {
	list     []store.Delivery
	cards    []takenCard
	notAfter time.Time // the latest of theirs
}

// takenCard is one of the cards whose news the summary tells.
type takenCard struct {
	newest store.Delivery
	shows  notify.Message // the newest that has the card
	exists bool           // the receiver has it, or may have
	unsure int
	heard  []string // keys of messages that it may have been begun with
}

func (t *taken) add(d store.Delivery, u notify.Unsent) {
	t.list = append(t.list, d)
	if d.NotAfter.After(t.notAfter) {
		t.notAfter = d.NotAfter
	}
	i := slices.IndexFunc(t.cards, func(c takenCard) bool {
		return c.newest.GroupKey == d.GroupKey && c.newest.Episode.Equal(d.Episode)
	})
	if i < 0 {
		i, t.cards = len(t.cards), append(t.cards, takenCard{})
	}
	c := &t.cards[i]
	if c.newest = d; u.Card != nil {
		c.shows = u.Message
	}
	c.exists = c.exists || len(d.Receipt) > 0 || d.Unsure > 0
	c.unsure += d.Unsure
	if c.heard = append(c.heard, u.Merged...); u.MayBeHeard {
		c.heard = append(c.heard, u.Key)
	}
}

// isOneCard reports whether there is no more than one group's news, or none.
func (t *taken) isOneCard() bool {
	return !slices.ContainsFunc(t.cards, func(c takenCard) bool { return c.newest.GroupKey != t.cards[0].newest.GroupKey })
}

// bringUpToDate has the cards that the receiver has edited, where it can.
func (t *taken) bringUpToDate(tx *store.Tx, at time.Time) error {
	var rows []store.Row
	for _, c := range t.cards {
		m, ok := c.shows.Update()
		if !ok || !c.exists {
			continue
		}
		m.Merged = c.heard
		body, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("write message %s down: %w", m.Key, err)
		}
		rows = append(rows, store.Row{
			Key: m.Key, Receiver: c.newest.Receiver, GroupKey: c.newest.GroupKey, Episode: c.newest.Episode, Reason: route.ReasonUpdate,
			Body: body, SendAt: at, NotAfter: t.notAfter, Unsure: c.unsure,
		})
	}
	return tx.Enqueue(rows)
}
