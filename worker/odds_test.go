package worker

import (
	"context"
	"strings"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

// followedWarnings are n closed cases of the world's limit, an hour and a half
// apart; each second time the limit was reached.
func followedWarnings(w *world, n int) []evaluate.Case {
	w.t.Helper()
	var of evaluate.Alert
	w.view(func(tx *store.Tx) error {
		alerts, err := tx.AllAlerts(1)
		if len(alerts) > 0 {
			of = alerts[0]
		}
		return err
	})
	cases := make([]evaluate.Case, n)
	for i := range cases {
		at := start.Add(-time.Duration(n-i)*90*time.Minute - 24*time.Hour)
		cases[i] = evaluate.Case{
			Fingerprint: of.Fingerprint, ID: of.Subject.ID, Severity: evaluate.Warning, Level: 0.85, At: at, ClosedAt: at.Add(67 * time.Minute),
		}
		if i%2 == 0 {
			cases[i].ReachedAt = at.Add(40 * time.Minute)
		}
	}
	return cases
}

// A limit's own history is in the database: after a restart its warnings say what
// followed the earlier ones, and this one is followed in turn.
func TestAWarningSaysWhatFollowedTheEarlierOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(minute time.Time) int64 {
		return plateau(minute) + plateau(minute.Add(-2*time.Hour)) - 200 // two of them
	})
	w.limits()
	w.minutes(60)
	if err := w.store.Update(context.Background(), func(tx *store.Tx) error { return tx.PutCases(followedWarnings(w, 20)) }); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.open()
	w.limits()
	w.minutes(150)
	var said []string
	for _, m := range w.box["team"].got {
		for _, it := range m.Items {
			said = append(said, it.Alert.Annotations["odds"]+it.Alert.Annotations["hindsight"])
		}
	}
	want := []string{
		"429s followed a first warning like this one within the hour in 45 %",
		"the limit was not reached, as far as the report shows",
		"In the last 3 days 10 of 21 such warnings of this limit were followed by reaching it within an hour (48 %, between 28 and 68 %)",
		"the limit was not reached, as far as the report shows",
	}
	if len(said) != len(want) {
		t.Fatalf("got %d messages, want %d: %q", len(said), len(want), said)
	}
	for i := range want {
		if !strings.HasPrefix(said[i], want[i]) {
			t.Errorf("message %d: got %q, want %q", i, said[i], want[i])
		}
	}
	w.view(func(tx *store.Tx) error {
		cases, err := tx.Cases(testOrg, start)
		for _, c := range cases {
			if c.ID.Limiter != usage.OutputTokens || c.ClosedAt.IsZero() || !c.ReachedAt.IsZero() {
				t.Errorf("got %+v, want it followed for its hour, without the limit reached", c)
			}
		}
		if len(cases) != 4 { // info and warning of both plateaus
			t.Errorf("got %d cases of the two plateaus, want 4", len(cases))
		}
		return err
	})
}
