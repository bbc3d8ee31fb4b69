package route

import (
	"time"

	"alerter/evaluate"
)

// Node is a route: whose alerts go to whom, and how they are grouped.
type Node struct {
	Receiver       string
	Matchers       []Matcher
	GroupBy        []string // label names; one "..." groups by all labels; empty: one group
	GroupWait      time.Duration
	GroupInterval  time.Duration
	RepeatInterval time.Duration
	Continue       bool
	NotifyInfo     bool // info is sent too
	NotifyEased    bool // easing to a lower severity is a message of its own
	Routes         []*Node
}

// Tree is the routes and what they need to know of receivers. Values of a node
// that its parent decides are filled in already.
type Tree struct {
	Root           *Node
	SystemReceiver string                     // for alerts about the service itself
	Receivers      map[string]ReceiverOptions // every receiver there is
	Order          []string                   // receivers as in the file, to find the next one that works
}

// ReceiverOptions is what routing must know of a receiver.
type ReceiverOptions struct {
	SendResolved bool
}

// Group is one card: the alerts of one route, receiver and set of group labels.
type Group struct {
	Key      string // like Alertmanager's: {}/{severity="critical"}:{alertname="X"}; unique with Receiver
	Receiver string
	Labels   map[string]string // the group labels
	// The route's timers as they were when the group was last matched, so that a
	// group outlives a changed route until its members' episodes have ended.
	GroupInterval  time.Duration
	RepeatInterval time.Duration
	NotifyInfo     bool
	NotifyEased    bool
	Members        []Member // sorted by fingerprint
	// Episode is the time of the first firing of this run of the group; messages of one
	// episode are one thread.
	Episode time.Time
	// LastSent is the SendAt of the newest message; zero before the first.
	LastSent time.Time
	// Waiting is the message that has been decided and whose time has not come;
	// more notices are merged into it until SendAt.
	Waiting *Message
	// Next is when a step must look at the group again though nothing happened
	// (a reminder); zero: never.
	Next time.Time
}

// Member is what a group remembers of one alert's episode.
type Member struct {
	Alert evaluate.Alert
	// Heard is the worst severity this receiver has been told, or will be by a
	// message that is decided; empty: nothing yet.
	Heard evaluate.Severity
	// Told is the severity last told, which easing compares with.
	Told evaluate.Severity
}

// Item is one alert's part in a message.
type Item struct {
	Fingerprint evaluate.Fingerprint
	FiredAt     time.Time // the episode
	Reason      evaluate.Reason
	Severity    evaluate.Severity
}

// Message is a decision to tell one receiver about one group.
type Message struct {
	Key         string // the same decision has the same key: receiver, group, reason and time
	Receiver    string
	GroupKey    string
	GroupLabels map[string]string
	Episode     time.Time
	Reason      evaluate.Reason // the gravest of its items'
	At          time.Time       // when it was decided
	SendAt      time.Time       // not before
	NotAfter    time.Time       // useless after this
	// Items lists what this message is about; Alerts holds every alert of the
	// group as it is now (firing, and those that ended), for formats that
	// repeat the whole group.
	Items  []Item
	Alerts []evaluate.Alert
	System bool // about the service itself
}

// Result is what a step leads to.
type Result struct {
	Groups    []Group   // every group that changed; one without members is over
	Messages  []Message // to enqueue; a key that is waiting already replaces its body
	Cancelled []string  // keys of waiting messages that have become empty
}
