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

// Cause is by what kind of thing a job fails: what to do about it follows from that.
// The zero value is [CauseUnknown].
type Cause string

// The causes.
const (
	CauseUnknown   Cause = ""
	CausePanic     Cause = "panic"      // a fault of this program's own
	CauseDatabase  Cause = "database"   // its file or its disk: full, locked, forbidden, damaged
	CauseFault     Cause = "fault"      // the Admin API answered with a fault of its own
	CauseRateLimit Cause = "rate_limit" // the Admin API was asked too often
	CauseRefused   Cause = "refused"    // the Admin API answered that it will not
	CauseAnswer    Cause = "answer"     // its answer cannot be understood
	CauseTimeout   Cause = "timeout"    // no answer in time
	CauseDNS       Cause = "dns"        // its name was not resolved
	CauseTLS       Cause = "tls"        // the connection is not trusted
	CauseNetwork   Cause = "network"    // the connection did not come about, or broke
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
	Cause        Cause  // of a failing job, as far as the running process knows; it is not stored
	Since        time.Time
}
