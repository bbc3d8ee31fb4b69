package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"alerter/usage"
)

func TestADamagedMinuteIsNamed(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	putMinutes(t, s, minute(t0, t0, bucket(opus, 1, 1)), minute(t0.Add(time.Minute), t0, bucket(opus, 1, 1)))
	update(t, s, func(tx *Tx) error {
		_, err := tx.exec("UPDATE minutes SET packed = X'0102' WHERE start_ms = ?", toMS(t0.Add(time.Minute)))
		return err
	})
	err := s.View(context.Background(), func(tx *Tx) error {
		got, err := collect(tx.Minutes("org", t0, t0.Add(time.Hour)))
		if len(got) != 1 {
			t.Errorf("got %d minutes before the damaged one, want 1", len(got))
		}
		return err
	})
	for _, want := range []string{
		"read minutes of organization org, analytics: minute 2026-11-23T14:01:00Z: the packed minute is damaged",
		"DELETE FROM minutes WHERE report = 1 AND start_ms = 1795442460000",
	} {
		if !errors.Is(err, errPacked) || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

func TestReadingADamagedMinuteAgainRepairsIt(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	putMinutes(t, s, minute(t0, t0.Add(time.Minute), bucket(opus, 1, 1)))
	putMinutes(t, s, minute(t0, t0.Add(2*time.Minute), bucket(opus, 2, 2)))
	update(t, s, func(tx *Tx) error {
		_, err := tx.exec("UPDATE minutes SET packed = X'0102'")
		return err
	})
	m := minute(t0, t0.Add(3*time.Minute), bucket(opus, 3, 3))
	check(t, "stats", putMinutes(t, s, m), MinuteStats{Corrected: 1, Damaged: 1})
	check(t, "minutes", minutesBetween(t, s, t0, t0.Add(time.Minute)), []usage.Minute{m})
	// What had been known before is lost with it: that is unknown, and not zero.
	if got := minutesKnown(t, s, t0, t0.Add(time.Minute), t0.Add(2*time.Minute)); len(got) != 0 {
		t.Errorf("got %v as known before, want nothing", got)
	}
}
