package worker

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"alerter/store"
)

// lane is the way to one receiver. Each has its own, so that a slow or dead
// receiver delays no other. One message is under way in it at a time: whatever
// moment the process is killed at, the receiver is told at most one message twice.
type lane struct {
	receiver string
	pace     *rate.Limiter

	open     sync.Mutex // held while the lane is being drained; guards what follows
	failures int        // in a row
	last     *outcome   // of an attempt that is not recorded yet: nothing is sent before it is
	again    time.Time  // not to be drained before, since recording did not succeed
	broken   streak     // of transactions that should have recorded and taken
}

// adoptLanes gives every receiver of the plan a lane, keeping those there are:
// one that is in use must not get a second beside it.
func (w *Worker) adoptLanes(plan Plan) {
	for _, name := range plan.Tree.Order {
		pace := rate.Inf
		if p := plan.Paces[name]; p > 0 {
			pace = rate.Limit(p)
		}
		w.lane(name).pace.SetLimit(pace)
	}
}

// lane is the receiver's lane. One that is no longer configured has one too, in
// which its messages die and are reported.
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

// close notes that the receiver has closed for good.
func (w *Worker) close(receiver string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed[receiver] = true
}

// isClosed reports whether the receiver has closed for good, as far as this plan knows.
func (w *Worker) isClosed(receiver string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed[receiver]
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

// dueReceivers names those that something is to be sent to now.
func (w *Worker) dueReceivers(ctx context.Context) (receivers []string) {
	if ctx.Err() != nil {
		return nil
	}
	err := w.view(ctx, func(tx *store.Tx) (err error) {
		receivers, err = tx.DueReceivers(w.Now())
		return err
	})
	if ctx.Err() == nil {
		w.tellOutbox(err)
	}
	return receivers
}

// tellOutbox logs that the outbox was not read, once in a while, and that it is again.
// That the database is gone is said by the service's end.
func (w *Worker) tellOutbox(err error) {
	if errors.Is(err, store.ErrGone) {
		return
	}
	w.mu.Lock()
	failures, isWorth := w.unread.ended(w.Now(), err)
	w.mu.Unlock()
	switch {
	case !isWorth:
	case err != nil:
		w.Log.Error().Err(err).Int("failures", failures).Msg("outbox not read, will retry")
	default:
		w.Log.Info().Int("failures", failures).Msg("outbox is read again")
	}
}

// tellTurn logs that the outbox could not be written, once in a while, and that it is
// again. That the database is gone is said by the service's end.
func (w *Worker) tellTurn(l *lane, err error) {
	if errors.Is(err, store.ErrGone) {
		return
	}
	switch failures, isWorth := l.broken.ended(w.Now(), err); {
	case !isWorth:
	case err != nil:
		w.Log.Error().Err(err).Str("receiver", l.receiver).Int("failures", failures).Msg("outbox not written, nothing is sent to receiver, will retry")
	default:
		w.Log.Info().Str("receiver", l.receiver).Int("failures", failures).Msg("outbox is written again")
	}
}
