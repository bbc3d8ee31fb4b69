package main

import (
	"testing"
	"time"

	"github.com/robfig/cron/v3"
)

func TestSchedulesOfAFastClockComeSoonerAndLandOnVirtualMinutes(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 9, 40, 0, 0, time.UTC)
	c := newClock(start, 60)
	minutely, err := cron.ParseStandard("*/5 * * * *")
	if err != nil {
		t.Fatal(err)
	}
	next := c.schedule(minutely).Next(c.began.Add(time.Second))
	if got, want := next.Sub(c.began), 5*time.Second; got != want {
		t.Errorf("got %s after the start, want %s", got, want)
	}
	if got, want := c.virtual(next), start.Add(5*time.Minute); !got.Equal(want) {
		t.Errorf("got virtual %s, want %s", got, want)
	}
}

func TestAScheduleThatNeverComesStaysNeverOnAFastClock(t *testing.T) {
	t.Parallel()
	never, err := cron.ParseStandard("0 0 30 2 *")
	if err != nil {
		t.Fatal(err)
	}
	c := newClock(time.Date(2026, 11, 23, 9, 40, 0, 0, time.UTC), 60)
	if next := c.schedule(never).Next(c.began); !next.IsZero() {
		t.Errorf("got %s, want never", next)
	}
}
