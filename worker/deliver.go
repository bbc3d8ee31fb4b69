package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
)

// failuresToReport is how many attempts in a row must fail before people hear,
// by another receiver, that one does not work.
const failuresToReport = 3

// Deliver sends everything that is due, once through, and returns when no
// receiver has anything due any more.
func (w *Worker) Deliver(ctx context.Context) {
	for _, receiver := range w.dueReceivers(ctx) {
		l := w.lane(receiver)
		l.open.Lock()
		w.drain(ctx, ctx, l)
		l.open.Unlock()
	}
}

// drain sends the receiver's due messages one after the other, until ctx ends.
// How a send ended is recorded at once; if the pace allows it, the transaction
// that does so takes the next message too.
func (w *Worker) drain(ctx, sending context.Context, l *lane) {
	if left := l.again.Sub(w.Now()); left > 0 && left <= firstRetry {
		return
	}
	mayTake := false
	for {
		mayTake = mayTake || l.pace.Allow()
		next, err := w.turn(sending, l, mayTake && ctx.Err() == nil)
		w.tellTurn(l, err)
		if err != nil {
			l.again = w.Now().Add(firstRetry)
			return
		}
		if next != nil {
			l.last, mayTake = w.attempt(sending, l, next), false
			continue
		}
		if mayTake || l.pace.Wait(ctx) != nil {
			return
		}
		mayTake = true
	}
}

// turn is one transaction of a lane: it records the last outcome and, if it may,
// takes the next due message.
func (w *Worker) turn(ctx context.Context, l *lane, mayTake bool) (*store.Delivery, error) {
	if l.last == nil && !mayTake {
		return nil, nil
	}
	var next *store.Delivery
	var dead []burial
	err := w.update(ctx, func(tx *store.Tx) (err error) {
		if l.last != nil {
			if err := l.last.settle(tx); err != nil {
				return err
			}
		}
		if mayTake {
			next, dead, err = w.take(tx, l.receiver)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if l.last != nil {
		w.tellOutcome(l.last)
		l.last = nil
	}
	for _, b := range dead {
		w.tellBurial(b)
	}
	return next, nil
}

// take finds the next message worth sending; those that are not die here. What
// waits behind it on its card is told with it, see [notify.Merge], and where too
// many cards wait, what they all have to tell, see [notify.Summarize].
func (w *Worker) take(tx *store.Tx, receiver string) (*store.Delivery, []burial, error) {
	var dead []burial
	for {
		at := w.Now()
		list, err := tx.Next(receiver, at)
		if err != nil || len(list) == 0 {
			return nil, dead, err
		}
		card := list[0].GroupKey
		if list, err = w.crowd(tx, list, at); err != nil {
			return nil, nil, err
		}
		outdated, err := upToDate(tx, list, at)
		if err != nil {
			return nil, nil, err
		}
		late := append(w.late(list, at), outdated...)
		if len(late) == 0 {
			next, err := w.inOne(tx, list, card, at)
			if err != nil {
				return nil, nil, err
			}
			next.Attempts++
			return next, dead, tx.Start([]int64{next.ID}, at)
		}
		for _, b := range late {
			if err := b.dig(tx); err != nil {
				return nil, nil, err
			}
		}
		dead = append(dead, late...)
	}
}

// late are the messages that are not sent any more: past their time, or
// for a receiver that is gone, closed, or takes no digests any more.
func (w *Worker) late(list []store.Delivery, at time.Time) (late []burial) {
	isGone := w.Plan().Receivers.Kind(list[0].Receiver) == ""
	isClosed := w.isClosed(list[0].Receiver)
	for _, d := range list {
		switch {
		case isGone:
			late = append(late, burial{of: d, at: at, cause: errors.New("the receiver is not in the configuration any more")})
		case isClosed:
			late = append(late, burial{of: d, at: at, cause: errors.New("the receiver has closed for good (410); it is used again after a reload of the configuration")})
		case d.Reason == digestReason && !slices.Contains(w.Plan().Digests, d.Receiver):
			late = append(late, burial{of: d, at: at, cause: errors.New("the receiver takes no digests any more")})
		case at.After(d.NotAfter):
			late = append(late, burial{of: d, at: at, cause: fmt.Errorf("not delivered in time; last error: %s", orNone(d.LastError))})
		}
	}
	return late
}

func orNone(s string) string {
	if s == "" {
		return "none, it was never tried"
	}
	return s
}

// outcome is how one attempt ended.
type outcome struct {
	of       store.Delivery
	at       time.Time
	err      error // nil: the receiver has accepted it
	receipt  notify.Receipt
	works    bool      // the receiver was failing, and has accepted this one
	failures int       // of this receiver, in a row
	next     time.Time // of one that failed: when it is tried again; zero: never
	rest     time.Time // until when the receiver wants to be left alone; zero: it does not say
}

// judge decides what follows from an attempt that failed: another one after a
// while, or none. A receiver that says when is left alone until then, with all
// its messages.
func (o *outcome) judge(jitter float64) {
	if notify.IsPermanent(o.err) {
		return
	}
	o.next = o.at.Add(Backoff(o.of.Attempts, jitter))
	if d, ok := notify.RetryAfterOf(o.err); ok {
		o.rest = o.at.Add(d)
	}
	if o.next.After(o.of.NotAfter) {
		o.next = o.of.NotAfter.Add(tick) // it dies then, unless the clock says otherwise
	}
}

// settle writes down how an attempt ended: sent, to be tried again, or dead.
func (o *outcome) settle(tx *store.Tx) error {
	switch {
	case o.err == nil:
		return o.settleSent(tx)
	case o.next.IsZero():
		if notify.IsClosed(o.err) {
			if err := tx.PutTrouble(closedTrouble(o.of.Receiver, o.err, o.at)); err != nil {
				return err
			}
		}
		return o.burial().dig(tx)
	case o.failures >= failuresToReport:
		if err := tx.PutTrouble(failingTrouble(o.of.Receiver, o.failures, o.err, o.at)); err != nil {
			return err
		}
	}
	return tx.MarkFailed(store.Failure{
		ID: o.of.ID, At: o.at, NextAt: o.next, Problem: o.err.Error(), Refused: notify.IsRefused(o.err), RestUntil: o.rest,
	})
}

func (o *outcome) settleSent(tx *store.Tx) error {
	sent := store.Sent{ID: o.of.ID, At: o.at}
	if o.receipt != (notify.Receipt{}) {
		receipt, err := json.Marshal(o.receipt)
		if err != nil {
			return fmt.Errorf("write the receipt of %s down: %w", o.of.Key, err)
		}
		sent.Receipt, sent.Anew = receipt, o.receipt.Anew
	}
	if err := tx.ClearTrouble(usage.DeliveryFailing, "", o.of.Receiver, o.at); err != nil {
		return err
	}
	if o.works {
		if err := tx.Hasten(o.of.Receiver, o.at); err != nil {
			return err
		}
	}
	return tx.MarkSent([]store.Sent{sent})
}

func (o *outcome) burial() burial { return burial{of: o.of, at: o.at, cause: o.err} }

// tellOutcome logs how an attempt ended, once that is recorded.
func (w *Worker) tellOutcome(o *outcome) {
	switch {
	case o.err == nil:
		logOf(w.Log.Info(), o.of).Msg("delivered")
		if o.receipt.Without != "" {
			logOf(w.Log.Warn().Str("error", o.receipt.Without), o.of).Msg("delivered without a part of it")
		}
	case o.next.IsZero():
		w.tellBurial(o.burial())
	default:
		next := o.next
		if o.rest.After(next) {
			next = o.rest
		}
		logOf(w.Log.Warn().Err(o.err), o.of).Time("next", next).Msg("delivery failed, will retry")
	}
}

// burial is a message that is given up.
type burial struct {
	of    store.Delivery
	at    time.Time
	cause error
}

// dig gives the message up and has that reported. The trouble begins anew with
// each: it lasts until some time after the last one. An update was no news: the
// next one says more, and nobody misses this one.
func (b burial) dig(tx *store.Tx) error {
	if b.of.Reason == route.ReasonUpdate {
		return tx.Drop(b.of.ID)
	}
	if err := tx.MarkDead(b.of.ID, b.at, b.cause.Error()); err != nil {
		return err
	}
	if err := tx.ClearTrouble(usage.MessageDead, "", b.of.Receiver, b.at); err != nil {
		return err
	}
	return tx.PutTrouble(deadTrouble(b.of, b.cause, b.at))
}

func (w *Worker) tellBurial(b burial) {
	if b.of.Reason == route.ReasonUpdate {
		logOf(w.Log.Warn().Err(b.cause), b.of).Msg("card not brought up to date")
		return
	}
	logOf(w.Log.Error().Err(b.cause), b.of).Msg("message given up")
}
