package route

import (
	"time"

	"alerter/evaluate"
)

// Ack says that a person takes an episode on. It stops reminders and
// [Terms.EscalateAfter], and neither news nor the end. It ends when the alert gets
// worse than it had been.
type Ack struct {
	Fingerprint evaluate.Fingerprint
	FiredAt     time.Time         // the episode
	Worst       evaluate.Severity // the episode's worst severity when it was acknowledged
	At          time.Time
	By          string
}

// Holds reports whether the acknowledgement is of the alert's present episode
// and has not ended.
func (k Ack) Holds(a evaluate.Alert) bool {
	return k.Fingerprint == a.Fingerprint && k.FiredAt.Equal(a.FiredAt) &&
		!isOver(&a) && a.Worst.Rank() <= k.Worst.Rank()
}

// later reports whether k counts more than other: the newest one does.
func (k Ack) later(other Ack) bool {
	return k.At.After(other.At) || k.At.Equal(other.At) && k.By > other.By
}
