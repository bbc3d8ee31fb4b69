package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"alerter/notify/route"
	"alerter/store"
)

// Once does one cycle of every job and delivers what is due at once, without
// waiting for more to group with. It returns what did not succeed, messages that
// were not delivered among it. The past is not filled in, which takes minutes: the running service does that.
func (w *Worker) Once(ctx context.Context, plan Plan) error {
	if err := w.prepare(); err != nil {
		return err
	}
	if plan.Tree.Root != nil {
		plan.Tree.Root = withoutWait(plan.Tree.Root)
	}
	if err := w.begin(ctx, plan); err != nil {
		return err
	}
	began := w.Now()
	err := w.cycle(ctx)
	w.Deliver(ctx)
	return errors.Join(err, w.undelivered(ctx, began))
}

// cycle runs every job once. What did not succeed is returned and not logged; a key
// that is refused is said once, and not by every job that needs it.
func (w *Worker) cycle(ctx context.Context) error {
	var errs []error
	refused := map[*account]bool{}
	for _, name := range []string{limitsJob, usageJob, attributionJob, "watch", digestJob, "prune", "heartbeat"} {
		for _, j := range w.jobs(w.Plan()) {
			if j.name != name {
				continue
			}
			at := w.moment()
			err := w.guarded(ctx, j, at)
			if errors.Is(err, errResting) {
				continue
			}
			w.keep(ctx, j, w.count(j, at, w.Now().Sub(at), err))
			isRefused := err != nil && j.account != nil && j.account.isRefused(name)
			if !isRefused || !refused[j.account] {
				errs = append(errs, err)
			}
			refused[j.account] = refused[j.account] || isRefused
		}
	}
	return errors.Join(errs...)
}

// undelivered is an error if messages that were tried since began have not arrived.
func (w *Worker) undelivered(ctx context.Context, began time.Time) error {
	missed := 0
	err := w.view(ctx, func(tx *store.Tx) error {
		for _, state := range []store.MessageState{store.MessageWaiting, store.MessageDead} {
			messages, err := tx.Outbox(store.OutboxFilter{State: state})
			if err != nil {
				return err
			}
			for _, m := range messages {
				if m.Attempts > 0 && !m.StartedAt.Before(began) {
					missed++
				}
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case missed == 1:
		return errors.New("1 message was not delivered: see alerter outbox list")
	case missed > 1:
		return fmt.Errorf("%d messages were not delivered: see alerter outbox list", missed)
	}
	return nil
}

// withoutWait copies the routes with every group_wait at zero.
func withoutWait(n *route.Node) *route.Node {
	c := *n
	c.GroupWait = 0
	c.Routes = nil
	for _, child := range n.Routes {
		c.Routes = append(c.Routes, withoutWait(child))
	}
	return &c
}
