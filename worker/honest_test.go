package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
)

func TestAReceiverThatWorksAgainHearsAllThatWaitsAtOnce(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.box["team"].fail = func(int) error { return errors.New("no answer") }
	for i := range 4 {
		d.letter(fmt.Sprint(i), "team", fmt.Sprint(i))
	}
	d.seconds(c, 600)
	d.box["team"].fail = nil
	d.letter("fresh", "team", "fresh")
	d.seconds(c, 2)
	if got := d.box["team"].keys(); len(got) != 5 {
		t.Errorf("heard %q a second after the receiver was well again, want all five", got)
	}
}

// What is wrong with the service itself is told to the receiver that is named for
// it, or to the next one in the file that works.
func TestAlertsAboutTheServiceAvoidReceiversThatFail(t *testing.T) {
	t.Parallel()
	troubles := map[string]usage.Trouble{
		"a job":     {Name: usage.JobFailing, Subject: "limits", Severity: "warning", Detail: "it failed", Since: start},
		"the clock": {Name: usage.ClockJump, Severity: "warning", Detail: "it jumped", Since: start},
		"a receiver": {
			Name: usage.DeliveryFailing, Subject: "team", Severity: "critical", Detail: "it fails", Since: start,
		},
		"a dead message": {Name: usage.MessageDead, Subject: "team", Severity: "critical", Detail: "given up", Since: start},
		"the outbox":     {Name: usage.OutboxStuck, Severity: "critical", Detail: "stuck", Since: start},
	}
	for name, trouble := range troubles {
		for _, failing := range [][]string{nil, {"team"}, {"team", "pager"}, {"team", "pager", "mail"}} {
			t.Run(fmt.Sprint(name, " while ", failing, " fail"), func(t *testing.T) {
				t.Parallel()
				c := newClock()
				d := newDesk(t, c.now)
				d.box["mail"] = &box{now: c.now}
				d.plan.Receivers["mail"] = notify.Receiver{Kind: "webhook", Channel: d.box["mail"]}
				d.plan.Tree.Order = []string{"team", "pager", "mail"}
				d.plan.Tree.Receivers["mail"] = route.ReceiverOptions{SendResolved: true}
				d.ready()
				d.update(func(tx *store.Tx) error {
					for _, receiver := range failing {
						if err := tx.PutTrouble(failingTrouble(receiver, 3, errors.New("no answer"), start)); err != nil {
							return err
						}
					}
					if trouble.Name == usage.OutboxStuck { // it is looked at anew each time
						d.stuck(tx, c)
						return nil
					}
					return tx.PutTrouble(trouble)
				})
				d.must("watch", 0)
				c.pass(time.Minute)
				d.worker.Deliver(context.Background())
				avoid := failing
				if trouble.Subject == "team" {
					avoid = append([]string{"team"}, failing...)
				}
				want := "team" // where all fail: it is tried again
				for _, receiver := range d.plan.Tree.Order {
					if !slices.Contains(avoid, receiver) {
						want = receiver
						break
					}
				}
				for _, receiver := range d.plan.Tree.Order {
					heard := slices.ContainsFunc(d.box[receiver].got, func(m notify.Message) bool {
						return m.Kind == notify.KindSystem && m.Items[0].Alert.Labels["alertname"] == trouble.Name
					})
					if heard != (receiver == want) {
						t.Errorf("%s heard of it: %v, want that only %s does", receiver, heard, want)
					}
				}
			})
		}
	}
}

// stuck leaves a message that has been due for long.
func (d *desk) stuck(tx *store.Tx, c *clock) {
	d.t.Helper()
	at := c.now()
	err := tx.Enqueue([]store.Row{{
		Key: "old", Receiver: "pager", GroupKey: "g", SendAt: at.Add(-stuckAfter), NotAfter: at.Add(time.Hour), Body: []byte(`{"key":"old"}`),
	}})
	if err != nil {
		d.t.Error(err)
	}
}
