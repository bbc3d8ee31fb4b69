package worker

import (
	"context"
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

func jobTrouble(j job, problem string, at time.Time) usage.Trouble {
	return usage.Trouble{
		Name: JobFailing, Organization: j.organizationName(), Subject: j.name, Severity: "warning", Since: at,
		Detail: fmt.Sprintf("The job %q has failed %d times in a row: %s", j.name, failuresToTell, problem),
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

// tellKey reports a refused key at once, and its acceptance.
func (w *Worker) tellKey(ctx context.Context, a *account, at time.Time, err error) error {
	refused := isKeyRefused(err)
	a.mu.Lock()
	changed := refused != a.keyTold
	if err == nil || refused {
		a.keyTold = refused
	}
	a.mu.Unlock()
	if !changed || (err != nil && !refused) {
		return nil
	}
	updateErr := w.Store.Update(ctx, func(tx *store.Tx) error {
		if !refused {
			return tx.ClearTrouble(KeyRefused, a.label(), "", at)
		}
		return tx.PutTrouble(usage.Trouble{
			Name: KeyRefused, Organization: a.label(), Severity: "critical", Since: at,
			Detail: fmt.Sprintf("The Admin API refuses the key of %s: %v. No usage is read until the key is replaced; it is tried again every five minutes.", a.label(), err),
		})
	})
	if updateErr != nil {
		return updateErr
	}
	return w.Watch(ctx, at)
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
