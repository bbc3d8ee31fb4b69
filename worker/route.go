package worker

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
)

// topConsumers is how many consumers of each kind a message names.
const topConsumers = 3

// routed is what routing came to.
type routed struct {
	messages int                 // enqueued
	withheld []route.Suppression // noted; counted once the transaction is kept
}

func (r *routed) add(more routed) {
	r.messages += more.messages
	r.withheld = append(r.withheld, more.withheld...)
}

// route turns notices into outbox rows, in the step's transaction, and notes what it
// decides not to send.
func (w *Worker) route(tx *store.Tx, at time.Time, org usage.Organization, notices []evaluate.Notice, alerts []evaluate.Alert) (routed, error) {
	plan := w.Plan()
	failing, err := failingReceivers(tx)
	if err != nil {
		return routed{}, err
	}
	in := route.Input{Notices: notices, Failing: failing}
	if err := people(tx, at, plan.Tree, org.ID, alerts, &in); err != nil {
		return routed{}, err
	}
	if err := groupsFor(tx, at, plan.Tree, org.ID, &in); err != nil {
		return routed{}, err
	}
	route.Refresh(in.Groups, alerts)
	out := route.Step(at, plan.Tree, in)
	if err := nameConsumers(tx, org, out.Messages); err != nil {
		return routed{}, err
	}
	rows, err := compose(out.Messages, plan)
	if err != nil {
		return routed{}, err
	}
	withheld, err := keep(tx, at, rows, out)
	return routed{messages: len(rows), withheld: withheld}, err
}

// keep writes what a step of the routes decided, and gives what is new of what it
// decided not to send.
func keep(tx *store.Tx, at time.Time, rows []store.Row, out route.Result) ([]route.Suppression, error) {
	if err := tx.Enqueue(rows); err != nil {
		return nil, err
	}
	if err := tx.Cancel(out.Cancelled); err != nil {
		return nil, err
	}
	withheld, err := tx.PutWithheld(at, out.Suppressed)
	if err != nil {
		return nil, err
	}
	return withheld, tx.PutGroups(out.Groups)
}

// ownGroups leaves out groups that are only due and are about other
// organizations: their own step reminds of them, with readings of its own.
func ownGroups(groups []route.Group, refs []route.GroupRef, orgID string) []route.Group {
	named := make(map[route.GroupRef]bool, len(refs))
	for _, r := range refs {
		named[r] = true
	}
	return slices.DeleteFunc(groups, func(g route.Group) bool {
		return !named[g.Ref()] && !slices.ContainsFunc(g.Members, func(m route.Member) bool {
			return m.Alert.Subject.OrganizationID == orgID
		})
	})
}

func fingerprints(notices []evaluate.Notice) []evaluate.Fingerprint {
	out := make([]evaluate.Fingerprint, len(notices))
	for i := range notices {
		out[i] = notices[i].Alert.Fingerprint
	}
	return out
}

// nameConsumers says who uses the limits that messages speak of. It is asked
// for these alone: most limits are never spoken of.
func nameConsumers(tx *store.Tx, org usage.Organization, messages []route.Message) error {
	var ids []usage.ID
	var from, to time.Time
	each := func(do func(*evaluate.Alert)) {
		for m := range messages {
			for i := range messages[m].Alerts {
				al := &messages[m].Alerts[i]
				if al.Subject.OrganizationID == org.ID && al.Subject.Limiter != "" && !al.Reading.To.IsZero() {
					do(al)
				}
			}
		}
	}
	each(func(al *evaluate.Alert) {
		ids = append(ids, al.Subject.ID)
		if from.IsZero() || al.Reading.From.Before(from) {
			from = al.Reading.From
		}
		if al.Reading.To.After(to) {
			to = al.Reading.To
		}
	})
	if len(ids) == 0 {
		return nil
	}
	top, err := tx.Consumers(org, ids, from, to, topConsumers)
	if err != nil {
		return err
	}
	each(func(al *evaluate.Alert) { al.Reading.Top = top[al.Subject.ID] })
	return nil
}

// compose words the messages and makes them rows of the outbox.
func compose(messages []route.Message, plan *Plan) ([]store.Row, error) {
	rows := make([]store.Row, 0, len(messages))
	for _, m := range messages {
		said := notify.Compose(m, plan.ExternalURL)
		if plan.Receivers.Edits(m.Receiver) {
			card := notify.ComposeCard(m, plan.ExternalURL)
			said.Card = &card
		}
		body, err := json.Marshal(said)
		if err != nil {
			return nil, fmt.Errorf("write message %s down: %w", m.Key, err)
		}
		row := store.Row{
			Key: m.Key, Receiver: m.Receiver, GroupKey: m.GroupKey, Episode: m.Episode, Reason: m.Reason,
			Body: body, SendAt: m.SendAt, NotAfter: m.NotAfter, System: m.System,
		}
		for _, it := range m.Items {
			row.Alerts = append(row.Alerts, store.RowAlert{Fingerprint: it.Fingerprint, FiredAt: it.FiredAt, Reason: it.Reason})
		}
		rows = append(rows, row)
	}
	return rows, nil
}
