package usage

import "time"

// The names of what can be wrong with the service itself: the alertnames of the
// alerts about it.
const (
	DeliveryFailing = "AlerterDeliveryFailing" // a receiver does not take messages
	ReceiverClosed  = "AlerterReceiverClosed"  // a receiver said that it has closed for good
	MessageDead     = "AlerterMessageDead"     // a message was given up
	KeyRefused      = "AlerterKeyRefused"      // the Admin API refuses an organization's key
	JobFailing      = "AlerterJobFailing"      // a job has failed several times in a row
	OutboxStuck     = "AlerterOutboxStuck"     // messages are overdue though nothing failed
	ClockJump       = "AlerterClockJump"       // the machine's clock was set
)

// Trouble is something wrong with the service itself that a person should know.
// What it means and what to do about it follows from its name: see notify.
type Trouble struct {
	Name         string // the alertname: one of the names above
	Organization string // what it is called in the configuration: part of the identity; or empty
	Called       string // the name people know the organization by; empty: Organization
	Subject      string // what it is about: a job, a receiver; part of the identity
	Severity     string // warning or critical
	Detail       string // a sentence: what happened
	Since        time.Time
}
