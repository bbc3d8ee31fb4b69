package worker

import (
	"fmt"
	"time"

	"alerter/store"
	"alerter/usage"
)

func jobTrouble(j job, failures int, problem string, at time.Time) usage.Trouble {
	return usage.Trouble{
		Name: usage.JobFailing, Organization: j.organizationName(), Subject: j.name, Severity: "warning", Since: at,
		Detail: fmt.Sprintf("The job %s has failed %s in a row, last with: %s", j.name, times(failures), problem),
	}
}

func failingTrouble(receiver string, failures int, cause error, at time.Time) usage.Trouble {
	return usage.Trouble{
		Name: usage.DeliveryFailing, Subject: receiver, Severity: "critical", Since: at,
		Detail: fmt.Sprintf("Receiver %s has refused or not answered %s in a row, last with: %v", receiver, times(failures), cause),
	}
}

func deadTrouble(d store.Delivery, cause error, at time.Time) usage.Trouble {
	return usage.Trouble{
		Name: usage.MessageDead, Subject: d.Receiver, Severity: "critical", Since: at,
		Detail: fmt.Sprintf("A message (%s) for receiver %s was given up after %s: %v", d.Reason, d.Receiver, attempts(d.Attempts), cause),
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
		if t.Name == usage.DeliveryFailing || t.Name == usage.MessageDead {
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
		isGone := t.Name == usage.DeliveryFailing && plan.Receivers.Kind(t.Subject) == ""
		if organizations[t.Organization] && !isGone {
			continue
		}
		if err := tx.ClearTrouble(t.Name, t.Organization, t.Subject, at); err != nil {
			return err
		}
	}
	return nil
}
