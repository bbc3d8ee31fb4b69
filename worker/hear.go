package worker

import (
	"context"
	"strings"
	"sync"
	"time"

	"alerter/notify"
)

// hearJob names, with the receiver behind it, the work of hearing what people press.
const hearJob = "listen/"

// hear listens to every receiver of the plan that hears back, until ctx ends.
func (w *Worker) hear(ctx context.Context, plan *Plan, listening *sync.WaitGroup) {
	for _, receiver := range plan.Receivers.Listeners() {
		if l, ok := plan.Receivers.Listener(receiver); ok {
			listening.Go(func() { w.hearOne(ctx, receiver, l) })
		}
	}
}

// hearOne listens to one receiver. A listener tries by itself to stay connected;
// one that gives up, as where its token is refused, is begun anew after a while.
func (w *Worker) hearOne(ctx context.Context, receiver string, l notify.Listener) {
	j := job{name: hearJob + receiver, quiet: true}
	again := time.NewTicker(longestRetry)
	defer again.Stop()
	for ctx.Err() == nil {
		for press, err := range l.Listen(ctx) {
			switch at := w.moment(); {
			case ctx.Err() != nil: // stopping: what ended early is no failure
			case press == nil:
				w.record(ctx, j, at, 0, err)
			default:
				w.pressed(ctx, receiver, press, at)
			}
		}
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// pressed does what a person asks for; what goes wrong with it says nothing of the connection.
func (w *Worker) pressed(ctx context.Context, receiver string, p *notify.Press, at time.Time) {
	do := job{name: hearJob + receiver, do: func(ctx context.Context, at time.Time) error { return w.press(ctx, p, at) }}
	if err := w.guarded(ctx, do, at); err != nil && ctx.Err() == nil {
		w.Log.Error().Err(err).Str("receiver", receiver).Str("from", presser(p)).Msg("press did not succeed")
	}
}

// isHeard reports whether a job is that of a receiver which hears back.
func (p *Plan) isHeard(jobName string) bool {
	receiver, ok := strings.CutPrefix(jobName, hearJob)
	if !ok {
		return false
	}
	_, ok = p.Receivers.Listener(receiver)
	return ok
}
