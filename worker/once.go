package worker

import (
	"context"
	"errors"

	"alerter/notify/route"
)

// Once does one cycle of every job and delivers what is due at once, without
// waiting for more to group with. It returns what did not succeed. The past is
// not filled in, which takes minutes: the running service does that.
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
	var errs []error
	for _, name := range []string{limitsJob, usageJob, attributionJob, "watch", "prune", "heartbeat"} {
		for _, j := range w.jobs(w.Plan()) {
			if j.name != name {
				continue
			}
			at := w.moment()
			err := w.guarded(ctx, j, at)
			w.record(ctx, j, at, w.Now().Sub(at), err)
			errs = append(errs, err)
		}
	}
	w.Deliver(ctx)
	return errors.Join(errs...)
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
