package notify

import (
	"context"
	"time"

	"alerter/evaluate"
)

// Channel delivers messages to one receiver.
type Channel interface {
	// Send delivers m, or reports why not. An error is retried unless it is
	// [Permanent]. Send may be called again with a message it delivered before.
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Settings is one receiver's part of the configuration, not yet decoded.
type Settings interface {
	// Decode fills the kind's settings struct and refuses unknown keys.
	Decode(into any) error
}

// MessageKind says what a message is about.
type MessageKind string

// The kinds of messages.
const (
	KindAlert  MessageKind = "alert"
	KindSystem MessageKind = "system" // alerts about the service itself
	KindTest   MessageKind = "test"
)

// Message is what one receiver is told about one group of alerts. Its JSON is
// what the outbox keeps.
type Message struct {
	Key         string            `json:"key"` // the same on every attempt: receivers may throw away repeats by it
	Kind        MessageKind       `json:"kind"`
	Receiver    string            `json:"receiver"`
	GroupKey    string            `json:"group_key"`
	GroupLabels map[string]string `json:"group_labels"`
	Episode     time.Time         `json:"episode"` // with GroupKey and Receiver: the thread it belongs to
	Reason      evaluate.Reason   `json:"reason"`  // the gravest of its items'
	At          time.Time         `json:"at"`      // when it was decided
	// Items are the alerts this message is about, gravest first.
	Items []Item `json:"items"`
	// Group is every alert of the group as it was then, for formats that
	// repeat the whole group. Items are among them.
	Group       []Alert `json:"group"`
	ExternalURL string  `json:"external_url"` // the service's own page; may be empty
	// Receipt is what the first message of this thread was given, nil for the first.
	Receipt *Receipt `json:"-"`
}

// Item is an alert and why it is in this message.
type Item struct {
	Reason evaluate.Reason `json:"reason"`
	Alert  Alert           `json:"alert"`
}

// Alert is an alert in the words people and programs read: shape A of the
// command line's and the page's JSON.
type Alert struct {
	Labels       map[string]string    `json:"labels"`
	Annotations  map[string]string    `json:"annotations"`
	Fingerprint  evaluate.Fingerprint `json:"fingerprint"`
	State        evaluate.State       `json:"state"`
	Severity     evaluate.Severity    `json:"severity"`
	PendingAt    *time.Time           `json:"pending_at"`
	FiredAt      *time.Time           `json:"fired_at"`
	ResolvedAt   *time.Time           `json:"resolved_at"`
	Acknowledged bool                 `json:"acknowledged"`
	Silenced     bool                 `json:"silenced"`
}

// Receipt is what a place answered: what is needed to refer to the message later.
type Receipt struct {
	ID      string `json:"id,omitempty"`      // Slack's ts, an email's Message-ID
	Channel string `json:"channel,omitempty"` // Slack's channel id
}
