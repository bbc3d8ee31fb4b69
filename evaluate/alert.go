package evaluate

import (
	"time"

	"alerter/usage"
	"alerter/usage/forecast"
)

// Severity is how bad an alert is: empty (none), info, warning or critical.
type Severity string

// The severities, from none to worst.
const (
	None     Severity = ""
	Info     Severity = "info"
	Warning  Severity = "warning"
	Critical Severity = "critical"
)

// Rank orders severities: 0 for none, 3 for critical.
func (s Severity) Rank() int {
	switch s {
	case Info:
		return 1
	case Warning:
		return 2
	case Critical:
		return 3
	}
	return 0
}

// Severities lists the severities from mild to worst, without none.
var Severities = [3]Severity{Info, Warning, Critical}

// State is where an alert stands.
type State string

// The states of an alert. Inactive ones are not kept.
const (
	Inactive  State = "inactive"
	Pending   State = "pending"
	Firing    State = "firing"
	Resolved  State = "resolved"
	Withdrawn State = "withdrawn"
)

// Fingerprint identifies an alert over its life: 16 hexadecimal digits made from
// ids, limiter and alertname; never from severity, names or rule text.
type Fingerprint string

// Alert is one rule's alert about one subject.
type Alert struct {
	Fingerprint Fingerprint
	Rule        string // the alertname; of the service's own alerts the trouble's name
	Kind        string // the rule kind
	Subject     Subject
	Labels      usage.Labels
	State       State
	// Severity is the present one while firing, the one it would fire at while
	// pending, the last one once over.
	Severity Severity
	// Worst is the worst severity of the episode.
	Worst  Severity
	Levels [3]Level // by Severity.Rank()-1
	// Reached says when the episode first came to each severity that the rule has
	// a level for, by Severity.Rank()-1. The service's own alerts have none.
	Reached [3]Reached
	// PendingAt, FiredAt and ResolvedAt are of the present or last episode.
	// FiredAt identifies the episode.
	PendingAt  time.Time
	FiredAt    time.Time
	ResolvedAt time.Time // when it ended, however it ended: also when withdrawn
	SteppedAt  time.Time // the last step that changed more than its reading
	// RepeatInterval is the rule's own, zero where the route's counts.
	RepeatInterval time.Duration
	Reading        Reading // the newest known one
	// Peak is the highest Reading.Value of the episode, to the [Percent]: it moves
	// when what people are shown of it does, so that an alert that only creeps up
	// is not written each time.
	Peak float64
	// LimitReached is when the limit was reached in the episode; zero where it was
	// not, and of alerts that are not about how full a limit is.
	LimitReached LimitReached
	Why          string // why it was withdrawn, for people
}

// Reached is the moment an episode first came to a severity.
type Reached struct {
	At    time.Time `json:"At,omitzero"`    // zero: it never did
	Level Number    `json:"Level,omitzero"` // the rule's level then, in the unit of Reading.Value
}

// Subject is what an alert is about: a series, an organization (group and
// limiter empty), a changed limit or a part of the service.
type Subject struct {
	usage.ID
	Part string // a model that moved, a job, a receiver; empty for series
}

// Reading is what a rule saw, for the text of messages. Fields that do not
// apply are zero; numbers that are not known are NaN in memory and null in JSON.
type Reading struct {
	Value       Number        // what was compared with the levels: a ratio; of stale the age in seconds, of growth the days left
	Threshold   Number        // the level that counts at the alert's severity, in the unit of Value
	Used        Number        // of the newest settled minute, in the limiter's unit
	Limit       Number        // in force then
	Utilization Number        // Used / Limit, 0 to 1 and more
	Pressure    Number        // the bucket-equivalent rate, 0 to 1 and more; of a limit per day the utilization
	From, To    time.Time     // the stretch the value was read from, To exclusive
	Mean        Number        // mean utilization over that stretch
	DataAsOf    time.Time     // end of the newest minute that was seen
	Odds        *Odds         // nil where nothing was counted for it
	Change      *usage.Change // limit_change: what changed
	// Growth is when the limit is reached; nil but for growth.
	Growth *forecast.Estimate `json:",omitempty"`
	Detail string             // stale: what the last read answered; the service's own alerts: what is wrong
	// Cause is of a job of the service that fails; empty for all else.
	Cause usage.Cause `json:",omitempty"`
	Top   []usage.Consumer
}

// Odds says how often a reading like this one came before a limit was reached.
type Odds struct {
	Within15 float64 // share of cases in which 429s started within 15 minutes, 0 to 1
	Within60 float64 // within 60 minutes
	// Warned60 is the share of first crossings of 85 % that were followed by 429s
	// within 60 minutes: better than Within60, which counts every minute. Zero
	// below 85 %.
	Warned60 float64
	Source   string // where these three were counted, for people
	// Own is what followed earlier warnings of this limit at the alert's level; nil
	// while fewer than twenty were followed to their end.
	Own *Counted `json:",omitempty"`
}

// Reason says why a message is sent. The list is closed.
type Reason string

// The reasons for a message about alerts.
const (
	Fired           Reason = "fired"
	Escalated       Reason = "escalated"
	Eased           Reason = "eased"
	Reminder        Reason = "reminder"
	ReasonResolved  Reason = "resolved"
	ReasonWithdrawn Reason = "withdrawn"
	// ReasonAcknowledged is told where an alert was told, when a person takes it on.
	ReasonAcknowledged Reason = "acknowledged"
	// SilenceEnding is told shortly before a silence of an alert that still fires ends.
	SilenceEnding Reason = "silence_ending"
	// Unacknowledged is told to somebody else, when nobody takes an alert on.
	Unacknowledged Reason = "unacknowledged"
)

// Transition is one change of an alert's state or severity, as it is recorded.
type Transition struct {
	At          time.Time
	Fingerprint Fingerprint
	FromState   State
	ToState     State
	From, To    Severity
	Value       Number
}

// Notice is a change that people may want to hear of.
type Notice struct {
	At time.Time
	// Reason is Fired, Escalated, Eased, ReasonResolved or ReasonWithdrawn, or
	// Reminder for a severity that the episode had before and that is back.
	Reason Reason
	Alert  Alert // as it is after the change
}
