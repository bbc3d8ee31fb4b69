package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/store"
)

const (
	digestJob = "digest"
	// digestReason is what the outbox says of digests, which are about no change.
	digestReason = evaluate.Reason(notify.KindDigest)
	// digestSpan is the most that a digest is of.
	digestSpan = 7 * 24 * time.Hour
	// digestDelay is how long after the minutes of a digest have settled it is made:
	// by then the report has usually come beyond them.
	digestDelay = 10 * time.Minute
	// digestUseful is how long a digest is worth delivering.
	digestUseful = 24 * time.Hour
)

// Digest sends every receiver that wants digests the next one: of the time since its
// last one, a week at most. It does so for those that never had one and for those
// whose next one is due by the schedule, so that a second run sends nothing.
func (w *Worker) Digest(ctx context.Context, at time.Time) error {
	return w.digest(ctx, at, true)
}

// catchUp sends the digests whose time came while nobody was there. A receiver that
// never had one waits for the schedule.
func (w *Worker) catchUp(ctx context.Context, plan *Plan) {
	if len(plan.Digests) == 0 {
		return
	}
	w.run(ctx, job{name: digestJob, do: func(ctx context.Context, at time.Time) error { return w.digest(ctx, at, false) }})
}

func (w *Worker) digest(ctx context.Context, at time.Time, first bool) error {
	plan := w.Plan()
	g := gathering{worker: w, at: at, to: w.digestEnd(at), known: map[time.Time]*known{}}
	var errs []error
	for _, receiver := range plan.Digests {
		from, due, err := g.since(ctx, receiver, first)
		if err == nil && due {
			err = w.sendDigest(ctx, &g, receiver, from)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("digest for %s: %w", receiver, err))
		}
	}
	return errors.Join(errs...)
}

// digestEnd is the end of the newest minutes that a digest made at at is of.
func (w *Worker) digestEnd(at time.Time) time.Time {
	var settle time.Duration
	for _, a := range w.organizations() {
		settle = max(settle, a.settings().Settle)
	}
	return at.Add(-settle - digestDelay).Truncate(time.Minute)
}

// since is when the receiver's next digest begins, and whether it is due. Where there
// was none yet, it begins with what is known.
func (g *gathering) since(ctx context.Context, receiver string, first bool) (from time.Time, due bool, err error) {
	w := g.worker
	err = w.view(ctx, func(tx *store.Tx) error {
		last, made, found, err := tx.Newest(receiver, string(notify.KindDigest))
		if err != nil {
			return err
		}
		from = last
		if due = first; found {
			// A schedule may run a moment early on a clock of another speed.
			due = !w.Plan().Schedule.Digest.Next(made).After(g.at.Add(time.Second))
			return nil
		}
		from, err = g.oldest(tx)
		return err
	})
	if earliest := g.to.Add(-digestSpan); from.Before(earliest) {
		from = earliest
	}
	return from, due && from.Before(g.to), err
}

// oldest is the oldest minute that is known of any organization; zero if none is.
func (g *gathering) oldest(tx *store.Tx) (oldest time.Time, err error) {
	for _, a := range g.worker.organizations() {
		start, err := tx.Oldest(a.organization().ID)
		if err != nil {
			return oldest, err
		}
		if !start.IsZero() && (oldest.IsZero() || start.Before(oldest)) {
			oldest = start
		}
	}
	return oldest, nil
}

// sendDigest enqueues a receiver's digest.
func (w *Worker) sendDigest(ctx context.Context, g *gathering, receiver string, from time.Time) error {
	k, err := g.gather(ctx, from)
	if err != nil {
		return err
	}
	plan := w.Plan()
	d := k.digest(from, g.to, hears(plan.Tree, k.rules, receiver))
	key := "digest/" + receiver + "/" + g.to.Format(time.RFC3339)
	m := notify.ComposeDigest(d, receiver, key, plan.ExternalURL, g.at)
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write message %s down: %w", key, err)
	}
	err = w.update(ctx, func(tx *store.Tx) error {
		return tx.Enqueue([]store.Row{{
			Key: key, Receiver: receiver, GroupKey: m.GroupKey, Episode: g.to, Reason: digestReason, Body: body,
			SendAt: g.at, NotAfter: g.at.Add(digestUseful),
		}})
	})
	if err == nil {
		w.wake()
	}
	return err
}
