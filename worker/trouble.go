package worker

import (
	"fmt"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

func jobTrouble(j job, failures int, problem string, at time.Time) usage.Trouble {
	return usage.Trouble{
		Name: usage.JobFailing, Organization: j.slot(), Subject: j.name, Severity: "warning", Since: at,
		Detail: fmt.Sprintf("The job %s has failed %s in a row, last with: %s", j.name, times(failures), problem),
	}
}

func failingTrouble(receiver string, failures int, cause error, at time.Time) usage.Trouble {
	return usage.Trouble{
		Name: usage.DeliveryFailing, Subject: receiver, Severity: "critical", Since: at,
		Detail: fmt.Sprintf("Receiver %s has refused or not answered %s in a row, last with: %v", receiver, times(failures), cause),
	}
}

func closedTrouble(receiver string, cause error, at time.Time) usage.Trouble {
	return usage.Trouble{
		Name: usage.ReceiverClosed, Subject: receiver, Severity: "critical", Since: at,
		Detail: fmt.Sprintf("Receiver %s is not used any more until the configuration is reloaded: %v", receiver, cause),
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
		if t.Name == usage.DeliveryFailing || t.Name == usage.MessageDead || t.Name == usage.ReceiverClosed {
			failing[t.Subject] = true
		}
	}
	return failing, nil
}

// explain says of troubles of jobs by what they fail, as far as this process knows.
func (w *Worker) explain(troubles []usage.Trouble) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range troubles {
		t := &troubles[i]
		if s := w.streaks[jobKey(t.Subject, t.Organization)]; t.Name == usage.JobFailing && s != nil {
			t.Cause = s.cause
		}
	}
}

// callByName gives the organizations in troubles, and in the alerts of them, the
// names they have by now. Troubles are kept by what an organization is called in
// the configuration, since its own name may not be known yet when they begin.
func (w *Worker) callByName(troubles []usage.Trouble, alerts []evaluate.Alert) {
	for _, a := range w.organizations() {
		label := a.label()
		for i := range troubles {
			if troubles[i].Organization == a.slot {
				troubles[i].Called = label
			}
		}
		for i := range alerts {
			if alerts[i].Labels.Organization == a.slot {
				alerts[i].Labels.Organization = label
			}
		}
	}
}

// dropTroubles ends the troubles of what is not in the configuration any more, and
// of what it opens anew: nothing else would ever clear them.
func dropTroubles(tx *store.Tx, plan Plan, accounts []*account, at time.Time) error {
	organizations := map[string]bool{"": true}
	for _, a := range accounts {
		organizations[a.slot] = true
	}
	troubles, err := tx.Troubles()
	if err != nil {
		return err
	}
	for _, t := range troubles {
		isGone := t.Name == usage.DeliveryFailing && plan.Receivers.Kind(t.Subject) == "" ||
			t.Name == usage.JobFailing && strings.HasPrefix(t.Subject, hearJob) && !plan.isHeard(t.Subject)
		// A start or a reload may have given the receiver another address.
		isOpen := t.Name == usage.ReceiverClosed
		if organizations[t.Organization] && !isGone && !isOpen {
			continue
		}
		if err := tx.ClearTrouble(t.Name, t.Organization, t.Subject, at); err != nil {
			return err
		}
	}
	return nil
}
