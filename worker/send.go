package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"alerter/notify"
	"alerter/store"
)

// sendTimeout is what one attempt may take; it is less than stopTime, so that a
// stopping service finishes it.
const sendTimeout = 7 * time.Second

// timedOut says that something took too long, which is all a person can make of a
// deadline that was exceeded. It is a [context.DeadlineExceeded].
type timedOut time.Duration

// Error says after how many seconds.
func (d timedOut) Error() string {
	return "timed out after " + strconv.FormatFloat(time.Duration(d).Seconds(), 'f', -1, 64) + " s"
}

// Is lets [errors.Is] find the deadline.
func (d timedOut) Is(target error) bool { return target == context.DeadlineExceeded }

// attempt sends one message once. The lane is held.
func (w *Worker) attempt(ctx context.Context, l *lane, d *store.Delivery) *outcome {
	ctx, cancel := context.WithTimeoutCause(ctx, sendTimeout, timedOut(sendTimeout))
	defer cancel()
	plan := w.Plan()
	o := &outcome{of: *d}
	m, err := message(d)
	if err == nil && plan.Receivers.WantsChart(l.receiver) {
		m.Chart = w.picture(ctx, l.receiver, &m)
	}
	began := w.Now()
	if err == nil {
		o.receipt, err = send(ctx, plan.Receivers, l.receiver, m)
	}
	o.at, o.err = w.Now(), err
	w.Metrics.delivered(plan.Receivers.Kind(l.receiver), l.receiver, o.at.Sub(began), err)
	if err == nil {
		o.works, l.failures = l.failures >= failuresToReport, 0
		return o
	}
	if notify.IsClosed(err) {
		w.close(l.receiver)
	}
	l.failures++
	o.failures = l.failures
	o.judge(rand.Float64())
	return o
}

// send gives the message to its channel; a channel that panics fails for good.
func send(ctx context.Context, receivers notify.Receivers, receiver string, m notify.Message) (receipt notify.Receipt, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = notify.Permanent(fmt.Errorf("send to %s: panic: %v", receiver, p))
		}
	}()
	return receivers.Send(ctx, receiver, m)
}

// message reads an outbox row back.
func message(d *store.Delivery) (notify.Message, error) {
	var m notify.Message
	if err := json.Unmarshal(d.Body, &m); err != nil {
		return m, notify.Permanent(fmt.Errorf("read message %s back: %w", d.Key, err))
	}
	m.Again, m.Replayed, m.FailingSince = d.Unsure > 0, !d.ReplayedAt.IsZero(), d.FailingSince
	if len(d.Receipt) > 0 {
		m.Receipt = &notify.Receipt{}
		if err := json.Unmarshal(d.Receipt, m.Receipt); err != nil {
			return m, notify.Permanent(fmt.Errorf("read the receipt of %s back: %w", d.GroupKey, err))
		}
	}
	return m, nil
}
