package notify

import (
	"context"
	"iter"
	"time"
)

// Listener is a channel that hears back: its messages have buttons.
type Listener interface {
	// Listen keeps a connection over which presses come, until ctx ends or it
	// cannot be made again. It yields each press; nil without an error whenever the
	// connection stands; and what went wrong, after which it tries again by itself
	// unless the error is [Permanent], which ends it. A press may be of a card
	// that another receiver has sent: the two can share one app.
	Listen(ctx context.Context) iter.Seq2[*Press, error]
	// Allows reports whether a person may press the buttons of this receiver.
	Allows(ctx context.Context, userID string) (bool, error)
}

// Press is a person's press of a button.
type Press struct {
	Action Action
	For    time.Duration // of [Silence]: for how long
	Card   Receipt       // of the message that the button is in
	AsOf   time.Time     // up to when that message knew of alerts that fired or got worse
	UserID string        // the person, as the place identifies people
	User   string        // what the person is called there
	// Reply tells that person something which nobody else sees.
	Reply func(ctx context.Context, text string) error
}

// Action is what a button is for.
type Action string

// The actions.
const (
	Acknowledge Action = "acknowledge" // the card's alerts that fire
	Silence     Action = "silence"     // what the card's alerts that fire have in common
)

// Listeners lists the receivers that hear back, sorted.
func (r Receivers) Listeners() []string { return withChannel[Listener](r) }

// Listener is the receiver of that name as one that hears back; false for others.
func (r Receivers) Listener(name string) (Listener, bool) {
	l, ok := r[name].Channel.(Listener)
	return l, ok
}
