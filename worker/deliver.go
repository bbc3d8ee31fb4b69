package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"alerter/notify"
	"alerter/store"
)

const (
	// sendTimeout is what one attempt may take; it is less than stopTime, so
	// that a stopping service finishes it.
	sendTimeout = 7 * time.Second
	// failuresToReport is how many attempts in a row must fail before people
	// hear, by another receiver, that one does not work.
	failuresToReport = 3
)

// Deliver sends everything that is due, once through, and returns when no lane
// has anything due any more.
func (w *Worker) Deliver(ctx context.Context) {
	for _, receiver := range w.dueReceivers(ctx) {
		l := w.lane(receiver)
		l.open.Lock()
		w.drain(ctx, ctx, l)
		l.open.Unlock()
	}
}

func (w *Worker) dueReceivers(ctx context.Context) (receivers []string) {
	if ctx.Err() != nil {
		return nil
	}
	err := w.Store.View(ctx, func(tx *store.Tx) (err error) {
		receivers, err = tx.DueReceivers(w.Now())
		return err
	})
	if err != nil && ctx.Err() == nil {
		w.Log.Error().Err(err).Msg("outbox not read")
	}
	return receivers
}

// drain sends the receiver's due messages one after the other. Each turn is one
// transaction: it writes down how the last send ended and takes the next.
func (w *Worker) drain(ctx, sending context.Context, l *lane) {
	var last *outcome
	for {
		stopping := ctx.Err() != nil
		if !stopping && l.pace.Wait(ctx) != nil {
			stopping = true
		}
		next, err := w.turn(sending, l, last, stopping)
		if err != nil {
			// The send happened and is not recorded: it will be sent again.
			w.Log.Error().Err(err).Str("receiver", l.receiver).Msg("delivery not recorded")
			return
		}
		if next == nil {
			return
		}
		last = w.attempt(sending, l, next)
	}
}

// outcome is how one attempt ended.
type outcome struct {
	of      store.Delivery
	at      time.Time
	err     error
	receipt *notify.Receipt
}

// turn writes the last outcome and, unless stopping, takes the next due message.
func (w *Worker) turn(ctx context.Context, l *lane, last *outcome, stopping bool) (*store.Delivery, error) {
	if last == nil && stopping {
		return nil, nil
	}
	var next *store.Delivery
	err := w.Store.Update(ctx, func(tx *store.Tx) error {
		next = nil
		if last != nil {
			if err := w.settle(tx, l, last); err != nil {
				return err
			}
		}
		if stopping {
			return nil
		}
		return w.take(tx, l, &next)
	})
	return next, err
}

// take finds the next message worth sending; those past their time die here.
func (w *Worker) take(tx *store.Tx, l *lane, next **store.Delivery) error {
	for {
		at := w.Now()
		d, ok, err := tx.Next(l.receiver, at)
		if err != nil || !ok {
			return err
		}
		switch {
		case at.After(d.NotAfter):
			err = w.bury(tx, d, at, fmt.Errorf("not delivered in time; last error: %s", orNone(d.LastError)))
		case w.Plan().Receivers.Kind(l.receiver) == "":
			err = w.bury(tx, d, at, errors.New("the receiver is not in the configuration any more"))
		default:
			if err := tx.Start([]int64{d.ID}, at); err != nil {
				return err
			}
			d.Attempts++
			*next = &d
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func orNone(s string) string {
	if s == "" {
		return "none, it was never tried"
	}
	return s
}

// attempt sends one message once.
func (w *Worker) attempt(ctx context.Context, l *lane, d *store.Delivery) *outcome {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	began := w.Now()
	m, err := message(d)
	var receipt notify.Receipt
	if err == nil {
		receipt, err = w.send(ctx, l.receiver, m)
	}
	at := w.Now()
	w.Metrics.delivered(w.Plan().Receivers.Kind(l.receiver), l.receiver, at.Sub(began), err)
	return &outcome{of: *d, at: at, err: err, receipt: &receipt}
}

// send gives the message to its channel; a channel that panics fails for good.
func (w *Worker) send(ctx context.Context, receiver string, m notify.Message) (receipt notify.Receipt, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = notify.Permanent(fmt.Errorf("send to %s: panic: %v", receiver, p))
		}
	}()
	return w.Plan().Receivers.Send(ctx, receiver, m)
}

// message reads an outbox row back.
func message(d *store.Delivery) (notify.Message, error) {
	var m notify.Message
	if err := json.Unmarshal(d.Body, &m); err != nil {
		return m, notify.Permanent(fmt.Errorf("read message %s back: %w", d.Key, err))
	}
	if len(d.Receipt) > 0 {
		m.Receipt = &notify.Receipt{}
		if err := json.Unmarshal(d.Receipt, m.Receipt); err != nil {
			return m, notify.Permanent(fmt.Errorf("read the receipt of %s back: %w", d.GroupKey, err))
		}
	}
	return m, nil
}

// settle writes down how an attempt ended: sent, to be tried again, or dead.
func (w *Worker) settle(tx *store.Tx, l *lane, o *outcome) error {
	if o.err == nil {
		return w.settleSent(tx, l, o)
	}
	l.failures++
	if notify.IsPermanent(o.err) {
		return w.bury(tx, o.of, o.at, o.err)
	}
	wait := Backoff(o.of.Attempts, rand.Float64())
	if d, ok := notify.RetryAfterOf(o.err); ok {
		wait = max(wait, d)
	}
	next := o.at.Add(wait)
	if next.After(o.of.NotAfter) {
		next = o.of.NotAfter.Add(time.Millisecond) // it dies then, unless the clock says otherwise
	}
	w.Log.Warn().Err(o.err).Str("receiver", l.receiver).Int("attempt", o.of.Attempts).Time("next", next).Msg("delivery failed, will retry")
	if l.failures >= failuresToReport {
		if err := tx.PutTrouble(failingTrouble(l.receiver, l.failures, o.err, o.at)); err != nil {
			return err
		}
	}
	return tx.MarkFailed(o.of.ID, o.at, next, o.err.Error())
}

func (w *Worker) settleSent(tx *store.Tx, l *lane, o *outcome) error {
	l.failures = 0
	receipt, err := json.Marshal(o.receipt)
	if err != nil {
		return fmt.Errorf("write the receipt of %s down: %w", o.of.Key, err)
	}
	w.Log.Info().Str("receiver", l.receiver).Str("reason", string(o.of.Reason)).Int("attempt", o.of.Attempts).Msg("delivered")
	if err := tx.ClearTrouble(DeliveryFailing, "", l.receiver, o.at); err != nil {
		return err
	}
	return tx.MarkSent([]store.Sent{{ID: o.of.ID, At: o.at, Receipt: receipt}})
}

// bury gives a message up and has that reported.
func (w *Worker) bury(tx *store.Tx, d store.Delivery, at time.Time, cause error) error {
	w.Log.Error().Err(cause).Str("receiver", d.Receiver).Str("reason", string(d.Reason)).Int("attempt", d.Attempts).Msg("message given up")
	if err := tx.MarkDead(d.ID, at, cause.Error()); err != nil {
		return err
	}
	return tx.PutTrouble(deadTrouble(d, cause, at))
}
