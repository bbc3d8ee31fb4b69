package evaluate

import (
	"iter"
	"time"

	"alerter/usage"
)

// Condition is what a rule kind looks for. Its value is the kind's parameters,
// and is stored as their JSON. It must have passed Check before it judges.
type Condition interface {
	// Kind is the rule kind's name: the key in rules.yaml.
	Kind() string
	// Verdicts judges every subject of the rule that match accepts, one verdict
	// each, known or not. A subject it does not return is gone: its alert is
	// withdrawn.
	Verdicts(at time.Time, match Match, facts *usage.Facts) iter.Seq[Verdict]
	// Lookback is how much of the past it needs, beyond those not yet settled.
	Lookback() time.Duration
	// Check reports every bad parameter, joined; the message starts with the key.
	Check() error
}

// Verdict is what a condition says of one subject at one moment: the severity
// is at least AtLeast and at most AtMost.
//
// All known: AtLeast == AtMost. Between a level and the level that clears it:
// AtLeast below, AtMost at the level, which changes nothing. Lower bounds only:
// AtMost is critical and Unknown is set, so that it may raise and never clear.
type Verdict struct {
	Subject Subject
	Labels  usage.Labels
	// Alertname is the alert's name where it is not the rule's; else empty.
	Alertname string
	AtLeast   Severity
	AtMost    Severity
	Unknown   bool // what lies between AtLeast and AtMost is not known: timers stand still
	// Momentary marks what is over as soon as it is told: a changed limit.
	Momentary bool
	// Gone marks a subject that is over by itself, so that its alert resolves
	// instead of being withdrawn.
	Gone    bool
	Reading Reading
	// Levels are the rule's levels by Severity.Rank()-1, in the unit of
	// Reading.Value; zero where there is none.
	Levels [3]float64

	series *usage.Series // what was judged; nil where that is no series
}
