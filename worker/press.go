package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
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
		if p.Action == notify.Silence {
			said, err = silence(tx, p, receiver, alerts, at)
		} else {
			said, err = acknowledge(tx, p, alerts, at)
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
	err = w.view(ctx, func(tx *store.Tx) error {
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

// acknowledge takes the alerts on for whoever pressed, and says so.
func acknowledge(tx *store.Tx, p *notify.Press, alerts []evaluate.Alert, at time.Time) (said string, err error) {
	said = saidOver
	for _, a := range alerts {
		switch _, err := tx.Acknowledge(a.Fingerprint, p.User, at); {
		case err == nil:
			said = "Acknowledged."
		case !errors.Is(err, store.ErrNotFiring): // it ended a moment ago
			return "", err
		}
	}
	return said, nil
}

// silence silences the alerts and nothing else, and says until when.
func silence(tx *store.Tx, p *notify.Press, receiver string, alerts []evaluate.Alert, at time.Time) (said string, err error) {
	said = saidOver
	var until time.Time // when the first of them ends
	for _, a := range alerts {
		s := route.Silence{Matchers: only(a), CreatedBy: p.User, Comment: pressedOn + receiver, StartsAt: at, EndsAt: at.Add(p.For)}
		if s, err = putLonger(tx, s, at); err != nil {
			return "", err
		}
		if until.IsZero() || s.EndsAt.Before(until) {
			until = s.EndsAt
			said = fmt.Sprintf("Silenced until %s: exactly what this card shows.", until.UTC().Format("2006-01-02 15:04 UTC"))
		}
	}
	return said, nil
}

// pressedOn begins the comment of a silence that a button made; the receiver follows.
const pressedOn = "pressed on a card in "

// putLonger writes a silence that a button makes, and returns the one that holds then.
// What a button silenced before is not silenced twice: that goes on longer, or stays as
// it is. So do parts of the service, which have no label of their own.
func putLonger(tx *store.Tx, s route.Silence, at time.Time) (route.Silence, error) {
	had, err := tx.Silences(at)
	if err != nil {
		return s, err
	}
	for _, h := range had {
		same := strings.HasPrefix(h.Comment, pressedOn) && slices.EqualFunc(h.Matchers, s.Matchers, route.Matcher.Equal)
		switch {
		case !same || h.State(at) != route.SilenceActive:
		case !h.EndsAt.Before(s.EndsAt):
			return h, nil
		default:
			s.ID = h.ID
		}
	}
	return tx.PutSilence(s, at)
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
