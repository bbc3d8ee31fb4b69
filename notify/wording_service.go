package notify

import (
	"strings"
	"unicode"

	"alerter/evaluate"
	"alerter/usage"
)

// serviceWords is what an alert about the service itself says beside what
// happened, which its reading's detail tells. The zero value is of an alert that
// is about something else, or of a trouble that has no words of its own.
type serviceWords struct {
	title  string // what is wrong
	over   string // the title once it is not any more
	means  string // for the warnings that people count on
	advice []string
}

// adviseOutbox fits more than one trouble.
const adviseOutbox = "See what waits and what was lost: alerter outbox list"

// service puts an alert about the service itself into words.
func (t telling) service() serviceWords {
	if t.alert.Kind != evaluate.KindSystem {
		return serviceWords{}
	}
	whose := name(t.alert.Labels.Organization)
	if whose == "" {
		whose = "the organization"
	}
	switch part := t.part(); t.alert.Rule {
	case usage.KeyRefused:
		return serviceWords{
			title: "The Admin API refuses the key of " + whose,
			over:  "The Admin API accepts the key of " + whose + " again",
			means: "Nothing is read with it: no rule sees what " + whose + " uses, and no warning comes.",
			advice: []string{
				"Put a key that is valid into admin_key (or the file that admin_key_file names). It is an Admin API key, sk-ant-admin…, from the Console under Admin keys.",
				"Reload or restart the service then; the key it has is tried again every five minutes.",
			},
		}
	case usage.JobFailing:
		return jobWords(part, whose, t.alert.Reading.Cause)
	case usage.DeliveryFailing:
		return serviceWords{
			title:  "Receiver " + part + " does not take messages",
			over:   "Receiver " + part + " takes messages again",
			means:  "Its messages wait and are tried again until they are too old to be of use. Whoever reads there is not warned meanwhile.",
			advice: []string{"Check the receiver's address and credentials, then try it: alerter test notify " + part, adviseOutbox},
		}
	case usage.ReceiverClosed:
		return serviceWords{
			title:  "Receiver " + part + " has closed its address for good",
			over:   "Receiver " + part + " is tried again",
			means:  "Nothing is sent there any more, and what was meant for it is given up. Whoever reads there is not warned.",
			advice: []string{"Give the receiver its new address, or take it out of the routes, and reload; then send again what was given up: alerter outbox replay"},
		}
	case usage.MessageDead:
		return serviceWords{
			title:  "A message for receiver " + part + " was given up",
			over:   "No message for receiver " + part + " was given up in the last hour",
			means:  "Whoever reads there has not heard of it, and will not.",
			advice: []string{adviseOutbox, "Check the receiver's address and credentials, then try it: alerter test notify " + part},
		}
	case usage.OutboxStuck:
		return serviceWords{
			title:  "Messages are overdue",
			over:   "No message is overdue any more",
			means:  "Warnings come late, or not at all.",
			advice: []string{adviseOutbox, "If the service's log says nothing of deliveries, restart it: what waits is kept."},
		}
	case usage.ClockJump:
		return serviceWords{
			title:  "The clock of the service's machine jumped",
			over:   "The clock of the service's machine has not jumped for an hour",
			means:  "Alerts may be early or late by that much.",
			advice: []string{"Check the machine's time synchronization."},
		}
	}
	return serviceWords{}
}

// troubleName is the alertname of an alert about the service itself as people say
// it: AlerterDeliveryFailing is "alerter: delivery failing".
func troubleName(alertname string) string {
	rest, ok := strings.CutPrefix(alertname, "Alerter")
	if !ok || rest == "" {
		return alertname
	}
	var b strings.Builder
	for _, r := range rest {
		if unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return "alerter:" + b.String()
}

// part is the part of the service that an alert is about: a job, a receiver.
// Where the organization stands in front of it, to tell two of them apart, it is
// left out: it is said elsewhere, and by its name.
func (t telling) part() string {
	part := t.alert.Subject.Part
	if t.alert.Kind == evaluate.KindSystem && t.alert.Labels.Organization != "" {
		part = part[strings.LastIndexByte(part, '/')+1:]
	}
	if part == t.alert.Labels.Organization {
		return ""
	}
	return name(part)
}
