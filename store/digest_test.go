package store

import (
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// digestRow is a digest for a receiver, of the time up to to, decided a minute later.
func digestRow(receiver string, to time.Time) Row {
	return Row{
		Key: "digest/" + receiver + to.String(), Receiver: receiver, GroupKey: "digest", Episode: to, Reason: "digest",
		Body: []byte("{}"), SendAt: to.Add(time.Minute), NotAfter: to.Add(time.Hour),
	}
}

func TestTheNewestMessageOfACardIsFoundUnlessItWasGivenUp(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	newest := func(want time.Time) {
		t.Helper()
		view(t, s, func(tx *Tx) error {
			episode, sendAt, found, err := tx.Newest("team", "digest")
			if found != !want.IsZero() || !episode.Equal(want) || found && !sendAt.Equal(want.Add(time.Minute)) {
				t.Errorf("got %v, %v, %v, want %v", episode, sendAt, found, want)
			}
			return err
		})
	}
	newest(time.Time{})
	other := digestRow("team", t0.Add(3*time.Hour))
	other.Key, other.GroupKey = "other", "other"
	update(t, s, func(tx *Tx) error {
		return tx.Enqueue([]Row{digestRow("team", t0), digestRow("team", t0.Add(time.Hour)), digestRow("boss", t0.Add(2*time.Hour)), other})
	})
	newest(t0.Add(time.Hour))
	update(t, s, func(tx *Tx) error { return tx.MarkDead(2, t0.Add(2*time.Hour), "gone") })
	newest(t0)
}

func TestUndeliveredCountsWhatWasGivenUpByReceiver(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	update(t, s, func(tx *Tx) error {
		for i := range 4 {
			if err := tx.Enqueue([]Row{digestRow("team", t0.Add(time.Duration(i)*time.Hour))}); err != nil {
				return err
			}
		}
		return tx.Enqueue([]Row{digestRow("boss", t0), digestRow("nobody", t0)})
	})
	update(t, s, func(tx *Tx) error {
		for i, dead := range []struct {
			at      time.Duration
			problem string
		}{{0, "first"}, {2 * time.Minute, "newest"}, {time.Minute, "between"}, {time.Hour, "later"}, {time.Minute, "boss"}} {
			if err := tx.MarkDead(int64(i+1), t0.Add(dead.at), dead.problem); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(tx *Tx) error {
		got, err := tx.Undelivered(t0, t0.Add(time.Hour))
		check(t, "undelivered", got, []evaluate.Undelivered{{Receiver: "boss", Messages: 1, Problem: "boss"}, {Receiver: "team", Messages: 3, Problem: "newest"}})
		return err
	})
}

func TestTheOldestMinuteIsThatOfAnyReport(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	oldest := func(want time.Time) {
		t.Helper()
		view(t, s, func(tx *Tx) error {
			got, err := tx.Oldest("org")
			if !got.Equal(want) {
				t.Errorf("got %v, want %v", got, want)
			}
			return err
		})
	}
	oldest(time.Time{})
	report := minute(t0.Add(-time.Hour), t0, bucket(opus, 1, 1))
	report.Source = usage.SourceReport
	update(t, s, func(tx *Tx) error {
		_, err := tx.PutMinutes("org", []usage.Minute{minute(t0, t0.Add(time.Minute), bucket(opus, 1, 1)), report})
		return err
	})
	oldest(t0.Add(-time.Hour))
}
