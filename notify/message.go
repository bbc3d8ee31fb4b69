package notify

import (
	"time"

	"alerter/evaluate"
	"alerter/notify/chart"
)

// MessageKind says what a message is about.
type MessageKind string

// The kinds of messages.
const (
	KindAlert  MessageKind = "alert"
	KindSystem MessageKind = "system" // alerts about the service itself
	KindTest   MessageKind = "test"
	KindUpdate MessageKind = "update" // no news: only the receiver's card is to be brought up to date
	KindDigest MessageKind = "digest" // how limits fared over some time: [ComposeDigest]
)

// Message is what one receiver is told about one group of alerts. Its JSON is
// complete: a message read back from it is sent the same way. [Compose] makes one.
type Message struct {
	Key         string            `json:"key"` // the same on every attempt: receivers may throw away repeats by it
	Kind        MessageKind       `json:"kind"`
	Receiver    string            `json:"receiver"`
	GroupKey    string            `json:"group_key"`
	GroupLabels map[string]string `json:"group_labels"`
	Episode     time.Time         `json:"episode"` // with GroupKey and Receiver: the thread it belongs to
	Reason      evaluate.Reason   `json:"reason"`  // the gravest of its items'; empty for a test and a digest
	At          time.Time         `json:"at"`      // when it was decided
	// Title is the message in one line: status, limit, how full.
	Title string `json:"title"`
	// Subject is the title for channels that put messages of one subject
	// together: what follows its status stays the same for the group's life.
	Subject string `json:"subject"`
	// Sections are what a digest says, in words; Digest says it in numbers. Nil for
	// other messages.
	Sections []Section `json:"sections,omitempty"`
	Digest   *Digest   `json:"digest,omitempty"`
	// Items are the alerts this message is about, gravest first.
	Items []Item `json:"items"`
	// Group is every alert of the group as it was then, for formats that
	// repeat the whole group. Items are among them. Empty in a summary.
	Group       []Alert `json:"group"`
	ExternalURL string  `json:"external_url"` // the service's own page; may be empty
	// Card is the whole group as it is, for receivers that show it in one message
	// which they edit; nil for others.
	Card *Card `json:"card,omitempty"`
	// Summary is set where the message tells of several groups at once; nil for others.
	Summary *Summary `json:"summary,omitempty"`
	// FailingSince is since when the receiver has taken no message, as far as that is
	// worth telling; zero: it has.
	FailingSince time.Time `json:"-"`
	// Receipt is what the first message of this thread was given, nil for the first.
	Receipt *Receipt `json:"-"`
	// Merged are the keys of messages that this one took in and that may have
	// arrived all the same.
	Merged []string `json:"merged,omitempty"`
	// Again says that an attempt before this one may have delivered the message, or
	// one of those.
	Again bool `json:"-"`
	// Replayed says that somebody had the message sent again after it was given up:
	// its card shows how things were.
	Replayed bool `json:"-"`
	// Chart shows the limit that the first item is about, drawn just before the
	// message is sent, for kinds that want one ([Receivers.WantsChart]). Nil where there is
	// nothing to draw or drawing did not succeed: the message is complete without it.
	Chart *chart.Picture `json:"-"`
}

// Item is an alert, why it is in this message, and how that is said.
type Item struct {
	Reason evaluate.Reason `json:"reason"`
	Alert  Alert           `json:"alert"`
	Text   Text            `json:"text"`
	// Late marks an end whose beginning the receiver was not told of in time;
	// Missed counts the episodes before this one that it was told nothing of. See [Merge].
	Late   bool `json:"late,omitempty"`
	Missed int  `json:"missed,omitempty"`
	// GroupKey is, in a summary, that of the group the alert was to be told with.
	GroupKey string `json:"group_key,omitempty"`
}

// Text is an alert in words, in the order they are read: which limit, how full,
// since when, how often this led to 429s, data as of; who uses it; what to do;
// the rule and a link. Parts that do not apply are empty.
type Text struct {
	Title     string   `json:"title"`     // one line, with the status in brackets
	Lead      []string `json:"lead"`      // sentences
	Facts     []Fact   `json:"facts"`     // what is known, most important first
	Consumers []Fact   `json:"consumers"` // the share as Name, who it is as Value
	Advice    []string `json:"advice"`    // one thing to do each
	Rule      string   `json:"rule"`
	Link      string   `json:"link"`
}

// Section is a part of a digest.
type Section struct {
	Heading string   `json:"heading"`
	Lines   []string `json:"lines"` // one thing each, at least one
}

// Fact is a name and what is known under it.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Alert is an alert in the words people and programs read: shape A of the
// command line's and the page's JSON.
type Alert struct {
	// Labels holds every label of the closed list, empty ones too.
	Labels map[string]string `json:"labels"`
	// Annotations are strings: ratios 0 to 1, amounts in the limiter's unit,
	// times in RFC 3339. One that is not known is left out.
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
	ID      string `json:"id,omitempty"`      // Slack's ts, an email's Message-ID, a webhook's id
	Channel string `json:"channel,omitempty"` // Slack's channel id
	// Anew says that this is the first message of the thread from now on: the one
	// there was could not be edited any more.
	Anew bool `json:"-"`
	// Without says which part of a message that was delivered could not be shown,
	// and why; empty: nothing is missing.
	Without string `json:"-"`
}
