package notify

import (
	"time"

	"github.com/slack-go/slack"

	"alerter/evaluate"
)

// slackButton is a button of a card.
type slackButton struct {
	id     string // action_id
	words  string
	action Action
	lasts  time.Duration
}

// slackButtons are those that people press to do something.
func slackButtons() []slackButton {
	return []slackButton{
		{id: "alerter_acknowledge", words: "Acknowledge", action: Acknowledge},
		{id: "alerter_silence_1h", words: "Silence 1 h", action: Silence, lasts: time.Hour},
		{id: "alerter_silence_24h", words: "Silence 24 h", action: Silence, lasts: 24 * time.Hour},
	}
}

// slackOpenID is the action_id of the button that opens the page. Slack tells of
// its presses too; they are answered, and that is all.
const slackOpenID = "alerter_open"

// slackButtonOf finds a button by its action_id.
func slackButtonOf(id string) (slackButton, bool) {
	for _, b := range slackButtons() {
		if b.id == id {
			return b, true
		}
	}
	return slackButton{}, false
}

// offered reports whether there is anything on the card that the button would
// change. What is wrong with the service itself cannot be silenced from a card: labels
// do not tell one receiver's trouble from another's, and that nothing is sent any more
// must not go unheard.
func (b slackButton) offered(m Message) bool {
	if b.action == Silence && m.Kind == KindSystem {
		return false
	}
	for _, i := range m.Items {
		done := b.action == Acknowledge && i.Alert.Acknowledged || b.action == Silence && i.Alert.Silenced
		if i.Alert.State == evaluate.Firing && !done {
			return true
		}
	}
	return false
}

// buttons adds what there is to press on the card of m.
func (c *slackCard) buttons(m Message) {
	asOf := m.At
	if m.Card != nil {
		asOf = m.Card.AsOf
	}
	var elements []slack.BlockElement
	for _, b := range slackButtons() {
		if b.offered(m) {
			words := slack.NewTextBlockObject(slack.PlainTextType, b.words, false, false)
			button := slack.NewButtonBlockElement(b.id, asOf.UTC().Format(time.RFC3339Nano), words)
			if b.action == Acknowledge {
				button = button.WithStyle(slack.StylePrimary)
			}
			elements = append(elements, button)
		}
	}
	if link := messageLink(m); link != "" {
		open := slack.NewButtonBlockElement(slackOpenID, "", slack.NewTextBlockObject(slack.PlainTextType, "Open", false, false))
		elements = append(elements, open.WithURL(link))
	}
	if len(elements) > 0 {
		c.add(slack.NewActionBlock("", elements...), 0)
	}
}
