package crash

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

const (
	// calmTime is how long the last process has to say the rest.
	calmTime = 60 * time.Second
	pollTime = 100 * time.Millisecond
	// longest is how long a process lives at most, should nothing happen in it.
	longest = 8 * time.Second
)

func TestKillsLoseNothingAndRepeatAtMostOneMessagePerReceiver(t *testing.T) {
	// A group is busy for two phases and calm for two.
	api := newAPI(t, 8, func(group, phase int) bool { return (group/2+phase)%phases < 2 })
	grouped := newReceiver(t, "grouped", 100*time.Millisecond)
	grouped.grouped = true
	w := newWorld(t, api, newReceiver(t, "quick", 5*time.Millisecond), newReceiver(t, "slow", 200*time.Millisecond), grouped)
	w.killAndJudge(w.untilItHurts)
}

// All limits come close at once, and are well again at once: each time there is news
// of a hundred alerts for each of five receivers, who are told in summaries.
func TestKillsInABurstLoseNothing(t *testing.T) {
	api := newAPI(t, 100, func(_, phase int) bool { return phase < phases/2 })
	var receivers []*receiver
	for _, name := range []string{"one", "two", "three", "four", "five"} {
		receivers = append(receivers, newReceiver(t, name, 4*time.Millisecond))
	}
	w := newWorld(t, api, receivers...)
	w.killAndJudge(func(int) {
		pause(w.receivers[rand.N(len(w.receivers)-1)].got.after(1+rand.N(30)), longest)
		pause(nil, rand.N(5*time.Millisecond))
	})
}

// killAndJudge kills the program as often as asked for, each time at the next
// moment, and compares in the end what was heard.
func (w *world) killAndJudge(moment func(n int)) {
	t := w.t
	t.Helper()
	kills := 10
	if text := os.Getenv("ALERTER_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("ALERTER_KILLS is %q, want a number from 1", text)
		}
		kills = n
	}
	var killed []time.Time
	for n := range kills {
		cmd := w.start()
		moment(n)
		kill(t, cmd)
		killed = append(killed, time.Now())
	}
	w.api.calm.Store(true)
	cmd := w.start()
	w.untilQuiet()
	w.stop(cmd)
	w.judge(killed)
}

// untilItHurts waits for the n-th moment to kill at: a question for usage or
// a message that nobody has answered yet, and a little later, or any time.
func (w *world) untilItHurts(n int) {
	moment := w.api.asked.after(1 + rand.N(4))
	late := rand.N(40 * time.Millisecond) // within the tick
	switch r := w.receivers[rand.N(len(w.receivers))]; n % 4 {
	case 1, 3:
		moment, late = r.got.after(1+rand.N(8)), rand.N(r.slow)
	case 2:
		moment, late = nil, rand.N(3*time.Second)
	}
	if moment != nil {
		pause(moment, longest)
	}
	pause(nil, late)
}

// pause waits for a moment, at most so long.
func pause(moment <-chan struct{}, most time.Duration) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-moment:
	case <-timer.C:
	}
}

// untilQuiet waits until no alert fires and no message waits.
func (w *world) untilQuiet() {
	w.t.Helper()
	ticker := time.NewTicker(pollTime)
	defer ticker.Stop()
	for deadline := time.Now().Add(calmTime); ; <-ticker.C {
		fires := w.count("SELECT count(*) FROM alerts WHERE state IN ('firing', 'pending')")
		waits := w.count("SELECT count(*) FROM outbox WHERE sent_ms IS NULL AND dead_ms IS NULL AND superseded_by IS NULL")
		fresh := w.count("SELECT count(*) FROM transitions WHERE at_ms > unixepoch() * 1000 - 3000")
		if fires+waits+fresh == 0 {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("after %s %d alerts fire and %d messages wait\n%s", calmTime, fires, waits, w.logTail())
		}
	}
}
