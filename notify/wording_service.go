package notify

import (
	"strings"
	"unicode"

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

// Advice that fits more than one trouble.
const (
	adviseOutbox  = "See what waits and what was lost: alerter outbox list"
	adviseNetwork = "Check that this machine reaches the Admin API: network, DNS, proxy, firewall."
	adviseDisk    = "Check the disk that the database is on: space and permissions."
	adviseLog     = "The service's log says more about each attempt; it is tried again by itself."
)

// service puts an alert about the service itself into words.
func (t telling) service() serviceWords {
	if t.alert.Kind != kindSystem {
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
		return jobWords(part, whose)
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

// jobWords puts a job that keeps failing into words.
func jobWords(job, whose string) serviceWords {
	doing, means, advice := "The job "+job, "", []string{adviseLog}
	switch job {
	case "usage":
		doing, advice = "Reading the usage of "+whose, []string{adviseNetwork, adviseLog}
		means = "Until it succeeds no rule sees what " + whose + " uses now, and warnings come late or not at all."
	case "limits":
		doing, advice = "Reading the limits of "+whose, []string{adviseNetwork, adviseLog}
		means = "Warnings still come, by the limits that were read last; a limit that was changed since is not seen."
	case "attribution":
		doing, advice = "Reading who uses the limits of "+whose, []string{adviseNetwork, adviseLog}
		means = "Warnings still come; who is named in them as using most may be out of date."
	case "backfill":
		doing, advice = "Filling in the past of "+whose, []string{adviseNetwork, adviseLog}
		means = "Warnings still come; what was used before the service began to look is missing."
	case "heartbeat":
		doing, advice = "Calling the heartbeat address", []string{"Check heartbeat.url, and that this machine reaches it.", adviseLog}
		means = "Warnings still come; whoever waits for the heartbeat will take the service for dead."
	case "mirror":
		doing, advice = "Telling the Alertmanagers what fires", []string{"Check the urls of the receivers of kind alertmanager, and that this machine reaches them.", adviseLog}
		means = "An Alertmanager that hears nothing for four minutes takes alerts to be over that are not."
	case "prune":
		doing, advice = "Removing old data", []string{adviseDisk, adviseLog}
		means = "Warnings still come; the database grows."
	case "rules":
		doing, advice = "Following changes of the rules", []string{adviseDisk, adviseLog}
		means = "Warnings still come, by the rules as they were; a rule that was changed or disabled since goes on as before."
	case "watch":
		doing, advice = "Watching the service itself", []string{adviseDisk, adviseLog}
		means = "Warnings still come; trouble of the service itself may go untold."
	}
	if receiver, ok := strings.CutPrefix(job, "listen/"); ok {
		doing, advice = "Listening to the buttons of receiver "+receiver, []string{"Check its app_token, and that this machine reaches Slack.", adviseLog}
		means = "Warnings still come; whoever presses a button on a card gets no answer."
	}
	return serviceWords{title: doing + " keeps failing", over: doing + " works again", means: means, advice: advice}
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
	if t.alert.Kind == kindSystem && t.alert.Labels.Organization != "" {
		part = part[strings.LastIndexByte(part, '/')+1:]
	}
	if part == t.alert.Labels.Organization {
		return ""
	}
	return name(part)
}
