package worker

import (
	"context"
	"errors"
	"testing"
	"time"

	"alerter/notify"
)

func TestCountsAreWords(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "once, one attempt", 2: "twice, two attempts", 3: "three times, three attempts", 12: "12 times, 12 attempts"} {
		if got := times(n) + ", " + attempts(n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestATimeoutSaysHowLongItTook(t *testing.T) {
	t.Parallel()
	err := error(timedOut(sendTimeout))
	if got, want := err.Error(), "timed out after 7 s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := timedOut(1500*time.Millisecond).Error(), "timed out after 1.5 s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(err, context.DeadlineExceeded) || notify.ReasonOf(err) != notify.ReasonContextDeadlineExceeded {
		t.Errorf("got reason %s, want %s", notify.ReasonOf(err), notify.ReasonContextDeadlineExceeded)
	}
}
