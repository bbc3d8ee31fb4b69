package route

import (
	"time"

	"alerter/evaluate"
)

// Node is a route: whose alerts go to whom, and how they are grouped.
type Node struct {
	Receiver       string
	Matchers       []Matcher     // all must match; empty: every alert
	GroupBy        []string      // label names; one "..." groups by all labels but severity; empty: one group
	GroupWait      time.Duration // the first message of a group waits this long
	GroupInterval  time.Duration // at least this long between two messages of a group
	RepeatInterval time.Duration // a reminder after this long; zero: none, unless the alert's rule has its own
	Continue       bool          // the routes after it are tried too
	NotifyInfo     bool          // info is sent too
	NotifyEased    bool          // easing to a lower severity is a message of its own
	Terms
	Routes []*Node
}

// Tree is the routes and what they need to know of receivers. Values of a node
// that its parent decides are filled in already.
type Tree struct {
	Root           *Node                      // nil: alerts go nowhere; [Tree.Check] says so
	SystemReceiver string                     // for alerts about the service itself; empty: the root's
	Receivers      map[string]ReceiverOptions // every receiver there is
	Order          []string                   // receivers as in the file, to find the next one that works
	// Intervals are the times that routes name to mute. One name may have several;
	// it holds where one of them does.
	Intervals map[string][]TimeInterval
	Inhibit   []InhibitRule
}

// ReceiverOptions is what routing must know of a receiver.
type ReceiverOptions struct {
	SendResolved bool // it is told when an alert is over, resolved or withdrawn
	Edits        bool // its channel can edit what it has sent: it gets updates too
}

// GroupRef names a group: the two together are unique.
type GroupRef struct {
	Receiver string
	Key      string
}

// Group is one card: the alerts of one route, receiver and set of group labels.
// The caller keeps it between steps and hands it over as it was, but for two
// things: it sets Waiting to nil when somebody has begun to send the message
// before its time, and may bring the readings of members up to date.
type Group struct {
	Key      string // like Alertmanager's: {}/{severity="critical"}:{alertname="X"}; unique with Receiver
	Receiver string
	Labels   map[string]string // the group labels; those the alerts do not have are left out
	// The route's timers as they were when the group was last matched, so that a
	// group outlives a changed route until its members' episodes have ended.
	GroupInterval  time.Duration
	RepeatInterval time.Duration
	NotifyInfo     bool
	NotifyEased    bool
	Terms
	// Members are sorted by fingerprint, then FiredAt. All have been told, will be
	// by Waiting, or are held back. One that has ended stays until its last message
	// has gone, and where the route dampens flapping until its changes do not count any more.
	Members []Member
	// Episode is the time of the first firing of this run of the group; messages of one
	// episode are one thread.
	Episode time.Time
	// LastSent is the SendAt of the newest message, the waiting one included;
	// zero before the first.
	LastSent time.Time
	// PriorSent is what LastSent was before Waiting was decided, and is again
	// if that is cancelled.
	PriorSent time.Time
	// ToldAt is when the newest message was decided that said of an alert that it
	// fires, for the first time or still (fired, reminder); the waiting one
	// included. The repeat interval runs from it. Zero in a group that was kept
	// before there was this field: LastSent stands for it.
	ToldAt time.Time
	// PriorToldAt is to ToldAt what PriorSent is to LastSent.
	PriorToldAt time.Time
	// Reminders counts those decided since something fired or got worse, for the
	// route's ReminderBackoff.
	Reminders int
	// PriorReminders is to Reminders what PriorSent is to LastSent.
	PriorReminders int
	// ShownAt is when the newest message or update was decided, and Shown the newest
	// data it shows are as of, where the receiver takes updates.
	ShownAt, Shown time.Time
	// UpdateKey is the key of the newest update, until a message outdoes it.
	UpdateKey string
	// Waiting is the message that has been decided and whose time has not come;
	// more notices are merged into it until SendAt. Its Alerts are nil: the
	// members hold them.
	Waiting *Message
	// Next is when a step must look at the group again though nothing happened
	// (a reminder, or members to forget); zero: never. In a group that has something
	// to tell as soon as nothing holds it back, it is past: each step must.
	Next time.Time
}

// Ref is the group's name.
func (g Group) Ref() GroupRef { return GroupRef{Receiver: g.Receiver, Key: g.Key} }

// Member is what a group remembers of one alert's episode.
type Member struct {
	Alert evaluate.Alert // as the last notice showed it
	// Heard is the worst severity this receiver has been told, or will be by a
	// message that is decided.
	Heard evaluate.Severity
	// Told is the severity of the last change told, which easing compares with.
	// A reminder tells no change.
	Told evaluate.Severity
	// Unrouted marks an alert that the routes do not lead here any more: the
	// group is told of easing and the end, and not reminded.
	Unrouted bool
	// HeardAt is when the message was decided that told Heard.
	HeardAt time.Time
	// Held is why something that is news has not been told, one of the Suppressed
	// constants: it is, as soon as nothing holds it back and it still is so. Empty: nothing is.
	Held string
	// SilencedUntil and SilencedBy are the end of the silence that lasts longest, and
	// who made it; zero: there is none.
	SilencedUntil time.Time
	SilencedBy    string
	// Foretold is the end of the silence that the receiver was told will end.
	Foretold time.Time
	// AckedAt and AckedBy are of the acknowledgement that holds; zero: nobody has.
	AckedAt time.Time
	AckedBy string
	AckTold time.Time // the AckedAt that the receiver was told of
	// Passed is the severity, told here, that was also told to the receiver that
	// the route escalates to.
	Passed evaluate.Severity
	// Changes are the alert's newest changes of severity or state, also in the
	// episodes before, where the route dampens flapping.
	Changes []time.Time
	// FlapTold is the worst severity of the messages that said that the alert
	// flaps; empty: none did since it was stable.
	FlapTold evaluate.Severity
}

// Item is one alert's part in a message.
type Item struct {
	Fingerprint evaluate.Fingerprint
	FiredAt     time.Time // the episode
	Reason      evaluate.Reason
	Severity    evaluate.Severity
	From        evaluate.Severity // what this receiver was told before; empty for fired
	By          string            // of acknowledged: who did
	Until       time.Time         // of silence_ending: when the silence ends
	Flapping    bool              // it changes often, and is told again only when it is stable or worse
	FlapFrom    evaluate.Severity // of flapping: the worst at which that was told before
}

// Message is a decision to tell one receiver about one group.
type Message struct {
	Key         string // the same decision has the same key: receiver, group, reason, time and first items
	Receiver    string
	GroupKey    string
	GroupLabels map[string]string
	Episode     time.Time
	Reason      evaluate.Reason // the gravest of its items'
	At          time.Time       // when it was decided
	SendAt      time.Time       // not before
	NotAfter    time.Time       // useless after this
	// Items lists what this message is about, gravest first; Alerts holds every
	// alert of the group as it is now (firing, and those that ended), for formats
	// that repeat the whole group. Every item's alert is among them, see [Message.Alert].
	Items  []Item
	Alerts []evaluate.Alert // by fingerprint, then FiredAt
	System bool             // about the service itself
	// Standings say which of the alerts are acknowledged or silenced, in their order.
	Standings []Standing
	// Update marks a message without items that only brings the receiver's card up
	// to date: what it shows has changed, and that is no news.
	Update bool
}

// Result is what a step leads to. Its groups share memory with those handed in
// and with its messages: read, do not change. The Alerts of a message are its
// own, to be filled in.
type Result struct {
	Groups     []Group       // every group that changed; one without members is over
	Messages   []Message     // to enqueue, in this order; a key that is waiting already replaces its body and times
	Cancelled  []string      // keys of messages that have become empty, and of updates that a newer message outdoes; an update may have gone
	Suppressed []Suppression // what was not told though a receiver might expect it
}
