package store

import (
	"testing"
	"time"

	"alerter/evaluate"
)

func replay(t testing.TB, s *Store, at time.Time, ids ...int64) (out []Replayed) {
	t.Helper()
	update(t, s, func(tx *Tx) (err error) {
		out, err = tx.Replay(ids, at)
		return err
	})
	return out
}

func bury(t testing.TB, s *Store, ids ...int64) {
	t.Helper()
	update(t, s, func(tx *Tx) error {
		for _, id := range ids {
			if err := tx.MarkDead(id, t0, "410"); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestAMessageThatWasGivenUpWaitsAgain(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	enqueue(t, s, row("1", "r", "g"), row("2", "r", "h"), row("3", "q", "g"), row("4", "q", "h"))
	start(t, s, t0, 1, 2, 3)
	bury(t, s, 1, 3)
	update(t, s, func(tx *Tx) error { return tx.MarkSent([]Sent{{ID: 2, At: t0}}) })
	at := t0.Add(10 * time.Hour)
	check(t, "replayed", replay(t, s, at, 1, 2, 4, 99), []Replayed{
		{ID: 1, Receiver: "r", State: MessageWaiting},
		{ID: 2, Receiver: "r", State: MessageSent, Refused: ReplayNotDead},
		{ID: 4, Receiver: "q", State: MessageWaiting, Refused: ReplayNotDead},
		{ID: 99, Refused: ReplayUnknown},
	})
	got := next(t, s, "r", at)
	check(t, "key", got.Key, "1")
	check(t, "worth sending until", got.NotAfter, at.Add(time.Hour))
	check(t, "sent again at", got.ReplayedAt, at)
	check(t, "attempts", got.Attempts, 1)
	check(t, "all", replay(t, s, at), []Replayed{{ID: 3, Receiver: "q", State: MessageWaiting}})
	check(t, "all again", replay(t, s, at), []Replayed{})
	check(t, "in the list", outbox(t, s, OutboxFilter{ID: 3})[0].ReplayedAt, at)
	// It counts as begun: what is decided later takes nothing of it away.
	update(t, s, func(tx *Tx) error { return tx.Cancel([]string{"1"}) })
	check(t, "after a cancel", next(t, s, "r", at).Key, "1")
}

func TestNothingIsSentAgainThatIsOverOrWasToldSince(t *testing.T) {
	t.Parallel()
	about := func(key string, reason evaluate.Reason, prints ...evaluate.Fingerprint) Row {
		r := row(key, "r", "g")
		r.Alerts = nil
		for _, f := range prints {
			r.Alerts = append(r.Alerts, RowAlert{Fingerprint: f, FiredAt: t0, Reason: reason})
		}
		return r
	}
	alertOf := func(f evaluate.Fingerprint, state evaluate.State, firedAt, resolvedAt time.Time) evaluate.Alert {
		a := fullAlert(f)
		a.State, a.FiredAt, a.ResolvedAt = state, firedAt, resolvedAt
		return a
	}
	for name, c := range map[string]struct {
		dead   Row
		alerts []evaluate.Alert
		later  []Row // sent since
		want   []evaluate.Fingerprint
	}{
		"it fires":              {dead: about("k", evaluate.Fired, "a"), alerts: []evaluate.Alert{alertOf("a", evaluate.Firing, t0, time.Time{})}},
		"nothing is known":      {dead: about("k", evaluate.Fired, "a")},
		"it is over":            {dead: about("k", evaluate.Fired, "a"), alerts: []evaluate.Alert{alertOf("a", evaluate.Resolved, t0, t0.Add(time.Hour))}, want: []evaluate.Fingerprint{"a"}},
		"its end is news":       {dead: about("k", evaluate.ReasonResolved, "a"), alerts: []evaluate.Alert{alertOf("a", evaluate.Resolved, t0, t0.Add(time.Hour))}},
		"a changed limit":       {dead: about("k", evaluate.Fired, "a"), alerts: []evaluate.Alert{alertOf("a", evaluate.Resolved, t0, t0)}},
		"it fires another time": {dead: about("k", evaluate.Fired, "a"), alerts: []evaluate.Alert{alertOf("a", evaluate.Firing, t0.Add(time.Hour), time.Time{})}, want: []evaluate.Fingerprint{"a"}},
		"told since":            {dead: about("k", evaluate.ReasonResolved, "a"), later: []Row{about("l", evaluate.Fired, "a")}, want: []evaluate.Fingerprint{"a"}},
		"one of two": {
			dead: about("k", evaluate.Fired, "a", "b"), alerts: []evaluate.Alert{alertOf("b", evaluate.Firing, t0, time.Time{})},
			later: []Row{about("l", evaluate.Escalated, "a")}, want: []evaluate.Fingerprint{"a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openTest(t)
			enqueue(t, s, append([]Row{c.dead}, c.later...)...)
			bury(t, s, 1)
			update(t, s, func(tx *Tx) error {
				if err := tx.PutAlerts(c.alerts); err != nil || len(c.later) == 0 {
					return err
				}
				return tx.MarkSent([]Sent{{ID: 2, At: t0}})
			})
			view(t, s, func(tx *Tx) error {
				got, err := tx.Outdated(1)
				check(t, "outdated", got, c.want)
				return err
			})
			want := Replayed{ID: 1, Receiver: "r", State: MessageWaiting}
			if len(c.want) == len(c.dead.Alerts) {
				want = Replayed{ID: 1, Receiver: "r", State: MessageDead, Refused: ReplayOutdated}
			}
			check(t, "replayed", replay(t, s, t0.Add(2*time.Hour), 1), []Replayed{want})
		})
	}
}
