package simulate_test

import (
	"testing"
	"time"

	"alerter/fetch/simulate"
)

// oneRow has one row of 1000 uncached tokens in the minute from 12:00.
func oneRow(r simulate.Reporting, now *clock) simulate.Config {
	c := small()
	c.Reporting, c.Now = r, now.now
	c.Traffic.Streams = []simulate.Stream{{Workspace: home, Model: sonnet, Product: "messages_api", ServiceTier: "standard",
		Rows: []simulate.Row{row(noon, 100, 1000, 0, 0, 0, 0, 0)}}}
	return c
}

// shown is what the newer and the older report say of that minute; -1 is no row.
func shown(t *testing.T, s *simulate.Server) (newer, older float64) {
	t.Helper()
	newer, older = -1, -1
	for _, r := range data(t, get(t, s, usage+hourQuery(""))) {
		newer = dig(r, "usage", "uncached_input_tokens").(float64)
	}
	for _, b := range data(t, get(t, s, report+"?starting_at=2026-11-23T12:00:00Z&bucket_width=1m&limit=1")) {
		for _, r := range b["results"].([]any) {
			older = dig(r, "uncached_input_tokens").(float64)
		}
	}
	return newer, older
}

func TestLag(t *testing.T) {
	t.Parallel()
	var now clock
	s := server(t, oneRow(simulate.Reporting{Lag: 4*time.Minute + 30*time.Second, AnalyticsLag: 10 * time.Minute}, &now))
	for _, test := range []struct {
		after        time.Duration
		newer, older float64
	}{
		{time.Second, -1, -1}, {time.Minute, -1, -1}, {5*time.Minute + 29*time.Second, -1, -1}, {5*time.Minute + 30*time.Second, -1, 1000},
		{15*time.Minute + 29*time.Second, -1, 1000}, {15*time.Minute + 30*time.Second, 1000, 1000}, {24 * time.Hour, 1000, 1000},
	} {
		now.set(noon.Add(test.after))
		if newer, older := shown(t, s); newer != test.newer || older != test.older {
			t.Errorf("%s later: got %v and %v, want %v and %v", test.after, newer, older, test.newer, test.older)
		}
	}
	now.set(at(20))
	if got := get(t, s, usage+hourQuery(""))["data_refreshed_at"]; got != "2026-11-23T12:10:00Z" {
		t.Errorf("got data_refreshed_at %v", got)
	}
}

func TestNewestMinutesGrow(t *testing.T) {
	t.Parallel()
	var now clock
	s := server(t, oneRow(simulate.Reporting{Lag: 270 * time.Second, Growing: 2 * time.Minute, Seed: 5}, &now))
	last, steps := -1.0, map[float64]bool{}
	for second := range 400 {
		now.set(noon.Add(time.Duration(second) * time.Second))
		got, older := shown(t, s)
		if got != older || got < last || got == 0 {
			t.Fatalf("second %d: got %v and %v after %v", second, got, older, last)
		}
		if (got >= 0) != (second >= 210) || (got == 1000) != (second >= 330) {
			t.Fatalf("second %d: got %v", second, got)
		}
		last, steps[got] = got, true
	}
	if n := len(steps); n != 14 { // none, twelve steps of ten seconds, all
		t.Errorf("got %d different values, want 14", n)
	}
}

func TestRunningMinute(t *testing.T) {
	t.Parallel()
	var now clock
	s := server(t, oneRow(simulate.Reporting{Growing: 2 * time.Minute}, &now))
	now.set(noon.Add(35 * time.Second))
	if got, _ := shown(t, s); got <= 0 || got > 500 {
		t.Errorf("got %v in the middle of the minute", got)
	}
	now.set(at(1))
	if got, _ := shown(t, s); got != 1000 {
		t.Errorf("got %v at its end", got)
	}
}

func TestCorrections(t *testing.T) {
	t.Parallel()
	c := simulate.Synthetic(1, 1, 3)
	c.Reporting = simulate.Reporting{Lag: 5 * time.Minute, Corrected: 0.1, CorrectedAfter: 20 * time.Minute, Seed: 11}
	var now clock
	c.Now = now.now
	const hour = usage + "?starting_at=2026-11-23T08:00:00Z&ending_at=2026-11-23T12:00:00Z&time_bucket_width=1m&order_by=time&order=asc&limit=1000"
	values := func(s *simulate.Server, at time.Time) map[string]float64 {
		now.set(at)
		out := map[string]float64{}
		for _, r := range data(t, get(t, s, hour)) {
			out[r["starting_at"].(string)] = dig(r, "usage", "total_tokens").(float64)
		}
		return out
	}
	s := server(t, c)
	early := time.Date(2026, 11, 23, 12, 5, 0, 0, time.UTC)
	before, after, still := values(s, early), values(s, early.Add(20*time.Minute)), values(s, early.Add(20*time.Hour))
	short := 0
	for m, v := range after {
		switch {
		case v != still[m] || before[m] > v:
			t.Errorf("%s: got %v, %v, %v", m, before[m], v, still[m])
		case before[m] < v:
			short++
			if m < "2026-11-23T11:40" || before[m] < 0.6*v-2 {
				t.Errorf("%s: got %v of %v", m, before[m], v)
			}
		}
	}
	if short == 0 || short > 8 || len(after) != 240 {
		t.Errorf("got %d short rows of %d", short, len(after))
	}
	again := values(server(t, c), early)
	c.Reporting.Seed++
	other := values(server(t, c), early)
	if text(again) != text(before) {
		t.Error("the same seed gave other values")
	}
	if text(other) == text(before) {
		t.Error("another seed gave the same values")
	}
}
