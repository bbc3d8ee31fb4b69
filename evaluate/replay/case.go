package replay

import (
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

// epoch is when a case begins that does not say when, as promtool's do: a Thursday.
var epoch = time.Unix(0, 0).UTC()

// Case is a rule test: what is used and allowed, and what should come of it. Times
// are spans from its beginning. It depends on nothing outside.
type Case struct {
	Name  string
	Where string // the place in its file, for people
	Rules []evaluate.Rule
	Tree  route.Tree
	// Start is when it begins, which matters to time intervals alone; zero: 1970-01-01.
	Start time.Time
	Every time.Duration // between two steps; above zero
	// Settle is how long after its end a minute is shown, by organization; it is
	// complete then.
	Settle   map[string]time.Duration
	Used     []CaseUsed
	Limits   []CaseLimit
	Silences []CaseSilence
	Acks     []CaseAck
	Alerts   []WantAlerts
	Messages []WantMessages // of one receiver in the order of their At
}

// CaseUsed is what one limit counts, minute by minute from the beginning.
type CaseUsed struct {
	Labels usage.Labels
	Used   []float64 // in the limiter's unit; NaN, and all after the last: not known
}

// CaseLimit is a limit from some time on. The first one of its labels held before,
// and each later one is a change.
type CaseLimit struct {
	Labels usage.Labels
	Value  float64 // NaN: there is no such limit
	From   time.Duration
}

// CaseSilence silences the alerts that fulfil all matchers, of which there is at least one.
type CaseSilence struct {
	Matchers []route.Matcher
	From, To time.Duration // To is exclusive
}

// CaseAck is a person who takes on alerts that fire, as the step before At left them:
// those that fulfil all matchers.
type CaseAck struct {
	At       time.Duration
	Matchers []route.Matcher
	By       string
	Where    string
}

// WantAlerts is which alerts of one rule fire at a time: these and no others.
type WantAlerts struct {
	At        time.Duration
	Alertname string
	Where     string
	Alerts    []WantAlert
}

// WantAlert is what an alert that fires looks like.
type WantAlert struct {
	// Labels are all of them; alertname and empty ones may be left out.
	Labels map[string]string
	// Annotations are compared where they are given; others may be there too.
	Annotations map[string]string
}

// WantMessages is every message that went to a receiver up to a time, since the
// time of the WantMessages before it, in any order.
type WantMessages struct {
	At       time.Duration
	Receiver string
	Where    string
	Messages []WantMessage
}

// WantMessage is a message. An empty Severity is any.
type WantMessage struct {
	Reason   evaluate.Reason
	Severity evaluate.Severity
}

// start is when the case begins.
func (c *Case) start() time.Time {
	if c.Start.IsZero() {
		return epoch
	}
	return c.Start.UTC()
}

// end is the time of the last expectation, or of the last thing that somebody does.
func (c *Case) end() time.Duration {
	var last time.Duration
	for _, w := range c.Alerts {
		last = max(last, w.At)
	}
	for _, w := range c.Messages {
		last = max(last, w.At)
	}
	for _, k := range c.Acks {
		last = max(last, k.At)
	}
	return last
}
