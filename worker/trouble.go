package worker

import (
	"fmt"
	"time"

	"alerter/store"
	"alerter/usage"
)

// The alertnames of alerts about the service itself.
const (
	DeliveryFailing = "AlerterDeliveryFailing"
	MessageDead     = "AlerterMessageDead"
	KeyRefused      = "AlerterKeyRefused"
	JobFailing      = "AlerterJobFailing"
	OutboxStuck     = "AlerterOutboxStuck"
	ClockJump       = "AlerterClockJump"
)

func jobTrouble(j job, failures int, problem string, at time.Time) usage.Trouble {
	return usage.Trouble{
		Name: JobFailing, Organization: j.organizationName(), Subject: j.name, Severity: "warning", Since: at,
		Detail: fmt.Sprintf("The job %q has failed %d times in a row: %s", j.name, failures, problem),
	}
}

func failingTrouble(receiver string, failures int, cause error, at time.Time) usage.Trouble {
	return usage.Trouble{
		Name: DeliveryFailing, Subject: receiver, Severity: "critical", Since: at,
		Detail: fmt.Sprintf("Receiver %q has refused or not answered %d times in a row: %v. Its messages wait in the outbox and are tried again.", receiver, failures, cause),
	}
}

func deadTrouble(d store.Delivery, cause error, at time.Time) usage.Trouble {
	return usage.Trouble{
		Name: MessageDead, Subject: d.Receiver, Severity: "critical", Since: at,
		Detail: fmt.Sprintf("A message (%s) for receiver %q was given up after %d attempts: %v. See it with `alerter outbox list`.", d.Reason, d.Receiver, d.Attempts, cause),
	}
}

// failingReceivers are those that messages about the service itself should avoid.
func failingReceivers(tx *store.Tx) (map[string]bool, error) {
	troubles, err := tx.Troubles()
	if err != nil {
		return nil, err
	}
	failing := map[string]bool{}
	for _, t := range troubles {
		if t.Name == DeliveryFailing || t.Name == MessageDead {
			failing[t.Subject] = true
		}
	}
	return failing, nil
}

// clearOf ends an organization's trouble, under the name it has now and under
// the one it had before its own was known.
func clearOf(tx *store.Tx, a *account, name, subject string, at time.Time) error {
	if err := tx.ClearTrouble(name, a.label(), subject, at); err != nil {
		return err
	}
	return tx.ClearTrouble(name, a.slot, subject, at)
}

// dropTroubles ends the troubles of what is not in the configuration any more:
// nothing else would ever clear them.
func dropTroubles(tx *store.Tx, plan Plan, accounts []*account, at time.Time) error {
	organizations := map[string]bool{"": true}
	for i, a := range accounts {
		organizations[a.label()], organizations[a.slot] = true, true
		organizations[plan.Organizations[i].Name] = true
	}
	troubles, err := tx.Troubles()
	if err != nil {
		return err
	}
	for _, t := range troubles {
		isGone := t.Name == DeliveryFailing && plan.Receivers.Kind(t.Subject) == ""
		if organizations[t.Organization] && !isGone {
			continue
		}
		if err := tx.ClearTrouble(t.Name, t.Organization, t.Subject, at); err != nil {
			return err
		}
	}
	return nil
}
