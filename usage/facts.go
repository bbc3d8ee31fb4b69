package usage

import "time"

// Facts is what is known of one organization at one moment: all that rules may look at.
type Facts struct {
	Organization Organization
	Groups       map[string]Group
	Series       []Series
	Changes      []Change  // limit changes seen since the last step
	Sources      []Source  // one per organization
	Troubles     []Trouble // what is wrong with the service itself
	Settle       time.Duration
	SteppedAt    time.Time // when the previous step was; zero before the first
}

// Trouble is something wrong with the service itself that a person should know.
type Trouble struct {
	Name         string // the alertname: AlerterKeyRefused, AlerterJobFailing, …
	Organization string // its name, or empty
	Subject      string // what it is about: a job, a receiver; part of the identity
	Severity     string // warning or critical
	Detail       string // one or two sentences: what failed, and what to do
	Since        time.Time
}
