package worker

import (
	"context"
	"maps"
	"slices"

	"alerter/store"
	"alerter/usage"
)

// told is what people have been told of something, as far as this process knows.
type told int

const (
	toldUnknown told = iota // a process before may have told anything
	toldWell
	toldTrouble
)

// keyState says whether the key is refused, in words why, and what people have
// been told of it. One job's success does not excuse another's refusal: a key
// may be good for a part of the API only.
func (a *account) keyState() (why string, known told) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, job := range slices.Sorted(maps.Keys(a.refused)) {
		return a.refused[job], a.keyTold
	}
	return "", a.keyTold
}

// tellKey reports a refused key at once, and once that it is accepted again.
func (w *Worker) tellKey(ctx context.Context, a *account) error {
	why, known := a.keyState()
	news := toldWell
	if why != "" {
		news = toldTrouble
	}
	if news == known || news == toldWell && a.stranger() {
		return nil // nothing new, or nothing known: the API has not answered yet
	}
	err := w.update(ctx, func(tx *store.Tx) error {
		at := w.moment()
		if news == toldWell {
			return tx.ClearTrouble(usage.KeyRefused, a.slot, "", at)
		}
		return tx.PutTrouble(usage.Trouble{
			Name: usage.KeyRefused, Organization: a.slot, Severity: "critical", Since: at,
			Detail: "The Admin API says: " + why,
		})
	})
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.keyTold = news
	a.mu.Unlock()
	if news == toldWell && known == toldUnknown {
		return nil // most likely nothing was wrong; else the watch job tells it
	}
	return w.Watch(ctx, w.moment())
}
