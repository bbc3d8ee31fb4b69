package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/route"
	"alerter/store"
)

// What a person who pressed a button may be told.
const (
	saidUnknown   = "This alerter does not know the card, or has posted a newer one. Two alerters cannot share one Slack app."
	saidOver      = "Nothing fires any more as this card showed it. Look at it again."
	saidTrouble   = "That did not work, and nothing was changed. The service's log says why."
	saidUndecided = "It could not be found out whether you may press this, and nothing was changed. The service's log says why."
)

// press does what a person asks for by pressing a button, and tells that person
// what came of it. What it changes everybody sees on the card.
func (w *Worker) press(ctx context.Context, p *notify.Press, at time.Time) error {
	said, err := w.act(ctx, p, at)
	if err != nil && said == "" {
		said = saidTrouble
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return errors.Join(err, p.Reply(ctx, said))
}

// act does it, and says what came of it.
func (w *Worker) act(ctx context.Context, p *notify.Press, at time.Time) (said string, err error) {
	card, found, err := w.cardOf(ctx, p.Card)
	switch {
	case err != nil:
		return "", err
	case !found:
		return saidUnknown, nil
	}
	receiver := card.Group.Receiver
	allowed, err := w.allows(ctx, receiver, p.UserID)
	switch {
	case err != nil:
		return saidUndecided, fmt.Errorf("find out whether a person may press buttons: %w", err)
	case !allowed:
		w.Log.Warn().Str("receiver", receiver).Str("from", presser(p)).Msg("press refused")
		return "You may not press this: allowed_users of receiver " + receiver + " in rules.yaml says who may.", nil
	}
	err = w.update(ctx, func(tx *store.Tx) error {
		alerts, err := pressedAlerts(tx, card, p.AsOf)
		if err != nil {
			return err
		}
		done := 0
		if p.Action == notify.Silence {
			said = fmt.Sprintf("Silenced until %s: exactly what this card shows.", at.Add(p.For).UTC().Format("2006-01-02 15:04 UTC"))
			done, err = silence(tx, p, receiver, alerts, at)
		} else {
			said = "Acknowledged."
			done, err = acknowledge(tx, p, alerts, at)
		}
		if done == 0 {
			said = saidOver
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return said, nil
}

// presser is who pressed, for the log.
func presser(p *notify.Press) string { return p.User + " " + p.UserID }

// cardOf finds the card that a button was pressed on.
func (w *Worker) cardOf(ctx context.Context, receipt notify.Receipt) (card store.Card, found bool, err error) {
	key, err := json.Marshal(receipt)
	if err != nil {
		return card, false, fmt.Errorf("write a receipt down: %w", err)
	}
	err = w.Store.View(ctx, func(tx *store.Tx) error {
		card, found, err = tx.CardOf(key)
		return err
	})
	return card, found, err
}

// allows asks the receiver whose card it is: the press may have come by another one.
func (w *Worker) allows(ctx context.Context, receiver, userID string) (bool, error) {
	l, ok := w.Plan().Receivers.Listener(receiver)
	if !ok {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return l.Allows(ctx, userID)
}

// pressedAlerts are the alerts of a card that fire, as the person saw them: less
// those that fired or got worse after the card was like that.
func pressedAlerts(tx *store.Tx, card store.Card, asOf time.Time) ([]evaluate.Alert, error) {
	groups, err := tx.Groups([]route.GroupRef{card.Group}, time.Time{})
	if err != nil {
		return nil, err
	}
	var alerts []evaluate.Alert
	for _, g := range groups {
		if g.Ref() != card.Group || !g.Episode.Equal(card.Episode) {
			continue
		}
		for _, m := range g.Members {
			isNews := m.Alert.FiredAt.After(asOf) || slices.ContainsFunc(m.Alert.Reached[:], func(r evaluate.Reached) bool { return r.At.After(asOf) })
			if m.Alert.State == evaluate.Firing && !isNews {
				alerts = append(alerts, m.Alert)
			}
		}
	}
	return alerts, nil
}

// acknowledge takes the alerts on for whoever pressed, and returns how many.
func acknowledge(tx *store.Tx, p *notify.Press, alerts []evaluate.Alert, at time.Time) (done int, err error) {
	for _, a := range alerts {
		switch _, err := tx.Acknowledge(a.Fingerprint, p.User, at); {
		case err == nil:
			done++
		case !errors.Is(err, store.ErrNotFiring): // it ended a moment ago
			return done, err
		}
	}
	return done, nil
}

// silence silences the alerts and nothing else, and returns by how many silences.
func silence(tx *store.Tx, p *notify.Press, receiver string, alerts []evaluate.Alert, at time.Time) (done int, err error) {
	had := map[string]bool{}
	for _, a := range alerts {
		s := route.Silence{Matchers: only(a), CreatedBy: p.User, Comment: "pressed on a card in " + receiver, StartsAt: at, EndsAt: at.Add(p.For)}
		about := fmt.Sprint(s.Matchers)
		if had[about] { // parts of the service have no label of their own
			continue
		}
		had[about] = true
		if _, err := tx.PutSilence(s, at); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// only are matchers of all labels of an alert but its severity: it stays silenced
// when that changes.
func only(a evaluate.Alert) []route.Matcher {
	labels := route.Labels(a)
	delete(labels, "severity")
	var matchers []route.Matcher
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		matchers = append(matchers, route.Matcher{Name: name, Op: "=", Value: labels[name]})
	}
	return matchers
}
