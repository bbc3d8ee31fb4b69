package worker

import (
	"context"
	"errors"
	"time"

	"alerter/store"
	"alerter/usage"
)

// storeTimeout bounds each write transaction, the wait for its turn included.
const storeTimeout = 30 * time.Second

// update is a write transaction with a deadline.
func (w *Worker) update(ctx context.Context, f func(*store.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	return w.mind(w.Store.Update(ctx, f))
}

// view is a read transaction.
func (w *Worker) view(ctx context.Context, f func(*store.Tx) error) error {
	return w.mind(w.Store.View(ctx, f))
}

// mind passes the end of a transaction on. One that finds the database gone ends the
// service: going on, it would only remember what is lost with it.
func (w *Worker) mind(err error) error {
	if errors.Is(err, store.ErrGone) {
		select {
		case w.lost <- err:
		default: // it was said already
		}
	}
	return err
}

// tick is the smallest difference between two moments that are stored.
const tick = time.Millisecond

// setBack is the most that a clock is set back without being told: whoever
// corrects it by less is waited for.
const setBack = time.Minute

// moment is the time a transaction counts as. It is taken inside the
// transaction, so that everything stored before was stored earlier, and cut to
// what the store keeps, so that what is read back is the same.
func (w *Worker) moment() time.Time { return w.Now().UTC().Truncate(tick) }

// turnOf says as of when a step of the organization is made now, and when the
// one before it was. It is not due if its time is not later than that: the same
// step again changes nothing, and a clock that was set back a little is waited
// for. A clock that was set back by more than [setBack] is believed: waiting
// would blind the service for as long as the jump was, so the step before is
// the last one before that time.
func (w *Worker) turnOf(tx *store.Tx, orgID string) (at, last time.Time, due bool, err error) {
	at = w.moment()
	last, err = tx.LastTick(orgID)
	if err != nil || at.After(last) {
		return at, last, err == nil, err
	}
	if last.Sub(at) <= setBack {
		return at, last, false, nil
	}
	before, err := tx.Ticks(orgID, at.Add(-24*time.Hour), at.Add(tick))
	if err != nil || len(before) == 0 {
		return at, time.Time{}, err == nil, err
	}
	last = before[len(before)-1]
	return at, last, at.After(last), nil
}

// after is the time from which something counts that is stored now, between
// steps: later than the last one, which did not see it.
func (w *Worker) after(tx *store.Tx, orgID string) (at, last time.Time, err error) {
	at, last, due, err := w.turnOf(tx, orgID)
	if err == nil && !due {
		at = last.Add(tick)
	}
	return at, last, err
}

// stamp moves the times the minutes were read at to after the last step and not
// after at, the time they are stored: a replay shows them from then on, and must
// not show them to a step that was made while they were on their way.
func stamp(minutes []usage.Minute, last, at time.Time) {
	for i := range minutes {
		m := &minutes[i]
		if !m.ReadAt.Truncate(tick).After(last) {
			m.ReadAt = last.Add(tick)
		}
		if m.ReadAt.After(at) {
			m.ReadAt = at
		}
	}
}
