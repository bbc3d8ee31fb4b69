package notify

import (
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
)

// Card is a group of alerts as it is at a message's time, for channels that show
// it in one message which they edit. [ComposeCard] makes one.
type Card struct {
	Kind  MessageKind `json:"kind"` // what the group is about, also where the message is only an update
	Title string      `json:"title"`
	// AsOf is up to when the card knows of alerts that fired or got worse. A message
	// that waits takes up what comes meanwhile, and is decided as before.
	AsOf time.Time `json:"as_of"`
	// Items are all alerts of the group, gravest first. Behind the first they
	// have no more than a title and how they stand.
	Items []Item `json:"items"`
}

// cardFull is how many alerts of a card are told in full.
const cardFull = 1

// ComposeCard puts the group that a routed message is about into words, as it is:
// what fires fires, whatever the message says of it. The externalURL is the
// service's own page, for links; it may be empty.
func ComposeCard(m route.Message, externalURL string) Card {
	all := make([]rankedItem, len(m.Alerts))
	for i, a := range m.Alerts {
		all[i] = rankedItem{Item{Reason: standing(m, a)}, a}
	}
	sortGravest(all)
	card := Card{Kind: kindOf(m), AsOf: knowsUntil(m), Items: make([]Item, len(all))}
	for i, r := range all {
		card.Items[i] = cardItem(m, r, externalURL, i < cardFull)
	}
	card.Title = card.title(groupName(Message{Kind: card.Kind, GroupLabels: m.GroupLabels, Receiver: m.Receiver}))
	return card
}

// cardItem is an alert of m on its card: in full, or no more than a title and how it
// stands, since a group may be large.
func cardItem(m route.Message, r rankedItem, externalURL string, full bool) Item {
	told := telling{alert: r.alert, reason: r.Reason, at: m.At, externalURL: externalURL}
	done := m.Standing(r.alert)
	if !full {
		stands := Alert{State: r.alert.State, Severity: r.alert.Severity}
		return Item{Reason: r.Reason, Alert: stands.With(done), Text: Text{Title: told.title()}}
	}
	text := told.text()
	text.Lead = append(standingLines(done, m.At), text.Lead...)
	return Item{Reason: r.Reason, Alert: viewAt(r.alert, m.At).With(done), Text: text}
}

// knowsUntil is when the newest thing happened that m may tell of.
func knowsUntil(m route.Message) time.Time {
	newest := m.At
	later := func(at time.Time) {
		if at.After(newest) {
			newest = at
		}
	}
	for _, a := range m.Alerts {
		later(a.FiredAt)
		for _, r := range a.Reached {
			later(r.At)
		}
	}
	return newest.UTC()
}

// standing is the reason that fits how an alert of m stands: it fires, or it has
// ended. What is told and over at once, as a changed limit is, counts as fired.
func standing(m route.Message, a evaluate.Alert) evaluate.Reason {
	for _, i := range m.Items {
		if i.Fingerprint == a.Fingerprint && i.FiredAt.Equal(a.FiredAt) && i.Reason == evaluate.Fired {
			return evaluate.Fired
		}
	}
	return lastReason(a)
}

// title is the card in one line; group is what its alerts have in common.
func (c Card) title(group string) string {
	if len(c.Items) == 1 {
		return c.Items[0].Text.Title
	}
	ended := 0
	for _, i := range c.Items {
		if i.Reason != evaluate.Fired {
			ended++
		}
	}
	count, over := plural(len(c.Items), "alert"), ""
	if fires := len(c.Items) - ended; fires > 0 && ended > 0 {
		count, over = plural(fires, "alert"), fmt.Sprintf(" (%d more over)", ended)
	}
	status := ""
	if len(c.Items) > 0 {
		status = bracket(c.Items[0].Reason, c.Items[0].Alert.Severity) + " "
	}
	return status + count + over + " · " + group
}

// message is m as its card is shown: the whole group as it is, and not what is
// new of it. A message without one shows itself.
func (c *Card) message(m Message) Message {
	if c == nil || len(c.Items) == 0 {
		return m
	}
	m.Kind, m.Title, m.Items, m.Reason = c.Kind, c.Title, c.Items, c.Items[0].Reason
	return m
}
