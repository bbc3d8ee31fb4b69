package worker

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// lane is the way to one receiver. Each has its own, so that a slow or dead
// receiver delays no other. One message is under way in it at a time: whatever
// moment the process is killed at, the receiver is told at most one message twice.
type lane struct {
	receiver string
	pace     *rate.Limiter
	open     sync.Mutex // held while the lane is being drained
	failures int        // in a row; guarded by open
}

// adoptLanes gives every receiver of the plan a lane, keeping those there are.
func (w *Worker) adoptLanes(plan Plan) {
	w.mu.Lock()
	defer w.mu.Unlock()
	lanes := map[string]*lane{}
	for _, name := range plan.Tree.Order {
		pace := rate.Inf
		if p := plan.Paces[name]; p > 0 {
			pace = rate.Limit(p)
		}
		l := w.lanes[name]
		if l == nil {
			l = &lane{receiver: name, pace: rate.NewLimiter(pace, 1)}
		}
		l.pace.SetLimit(pace)
		lanes[name] = l
	}
	w.lanes = lanes
}

// lane is the receiver's lane; a receiver that is no longer configured gets one
// of its own, in which its messages die and are reported.
func (w *Worker) lane(receiver string) *lane {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.lanes[receiver]
	if l == nil {
		l = &lane{receiver: receiver, pace: rate.NewLimiter(rate.Inf, 1)}
		w.lanes[receiver] = l
	}
	return l
}

// pollEvery is how often the outbox is looked into when nobody woke the
// deliverer: messages that wait for a time of their own become due by it.
const pollEvery = 500 * time.Millisecond

// deliverLoop sends what is due until ctx ends; sends under way are finished
// under sending, which outlives ctx by a grace.
func (w *Worker) deliverLoop(ctx, sending context.Context) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	var lanes sync.WaitGroup
	for {
		for _, receiver := range w.dueReceivers(ctx) {
			l := w.lane(receiver)
			if l.open.TryLock() {
				lanes.Go(func() {
					defer l.open.Unlock()
					w.drain(ctx, sending, l)
				})
			}
		}
		select {
		case <-ctx.Done():
			lanes.Wait()
			return
		case <-w.kick:
		case <-ticker.C:
		}
	}
}

// wake lets the deliverer look at once.
func (w *Worker) wake() {
	select {
	case w.kick <- struct{}{}:
	default:
	}
}
