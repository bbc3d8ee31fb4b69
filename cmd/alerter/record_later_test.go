package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/fetch/simulate"
)

func TestALaterRecordingExtendsTheFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "past")
	w := newWorld(t, busyPast())
	half := wholePast
	half.To = past.Add(100 * time.Minute).Format(time.RFC3339)
	w.mustRecord(dir, half)
	before := folderOf(t, dir)
	value := int64(4 * scriptLimit)
	if err := w.Change(simulate.Change{Group: "rlg_opus", Limiter: "output_tokens_per_minute", Value: &value}); err != nil {
		t.Fatal(err)
	}
	w.at = w.at.Add(time.Hour)
	done := w.mustRecord(dir, recordCommand{To: wholePast.To})
	after := folderOf(t, dir)
	for name, content := range before {
		if after[name] != content && name != "history.json" {
			t.Errorf("got %s changed", name)
		}
	}
	stamp := w.at.Format(time.RFC3339)
	for _, name := range []string{"rate_limits/" + stamp + ".json", "workspaces/wrkspc_prod/rate_limits/" + stamp + ".json"} {
		if !strings.Contains(after[name], strconv.FormatInt(value, 10)) {
			t.Errorf("got %q in %s, want the limit as it is now", after[name], name)
		}
	}
	if !done.From.Equal(past) || !done.To.Equal(past.Add(pastMinutes*time.Minute)) {
		t.Errorf("got %s to %s, want all of the past", done.From, done.To)
	}
	if diff := cmp.Diff(truth(t, busyPast(), true), backtested(t, dir, 5*time.Minute)); diff != "" {
		t.Errorf("of the traffic, and of the recording (-want +got):\n%s", diff)
	}
}

func TestMinutesThatHadNotSettledAreReadAgain(t *testing.T) {
	t.Parallel()
	c := busyPast()
	c.Reporting = simulate.Reporting{Lag: 4 * time.Minute}
	w := newWorld(t, c)
	w.at = past.Add(100 * time.Minute)
	dir := filepath.Join(t.TempDir(), "past")
	done := w.mustRecord(dir, recordCommand{From: wholePast.From, To: w.at.Format(time.RFC3339)})
	if want := w.at.Add(-5 * time.Minute); !done.Settled.Equal(want) || !done.To.Equal(w.at) {
		t.Errorf("got settled %s of %s, want %s of %s", done.Settled, done.To, want, w.at)
	}
	if again := w.mustRecord(dir, recordCommand{To: w.at.Format(time.RFC3339)}); again.Read != 0 {
		t.Errorf("got %d pages read again though nothing more has settled", again.Read)
	}
	w.at = past.AddDate(0, 0, 2)
	if done = w.mustRecord(dir, wholePast); done.Settled.Before(done.To) {
		t.Errorf("got settled %s of %s, want all", done.Settled, done.To)
	}
	if diff := cmp.Diff(truth(t, c, true), backtested(t, dir, 5*time.Minute)); diff != "" {
		t.Errorf("of the traffic, and of the recording (-want +got):\n%s", diff)
	}
}

func TestAReportThatIsLateIsDoubted(t *testing.T) {
	t.Parallel()
	c := busyPast()
	c.Reporting = simulate.Reporting{Lag: time.Hour}
	w := newWorld(t, c)
	w.at, w.source = past.Add(150*time.Minute), "analytics"
	dir := filepath.Join(t.TempDir(), "past")
	done := w.mustRecord(dir, recordCommand{From: wholePast.From})
	if want := past.Add(89 * time.Minute); !done.Settled.Equal(want) || !done.To.Equal(w.at.Add(-5*time.Minute)) {
		t.Errorf("got settled %s of %s, want %s: nothing is shown of what was used after it", done.Settled, done.To, want)
	}
	if !strings.Contains(w.said.String(), "nothing used from 2026-11-23 09:29:00 UTC on") {
		t.Errorf("got %q, want to be told", &w.said)
	}
	w.at = past.AddDate(0, 0, 2)
	w.mustRecord(dir, wholePast)
	if diff := cmp.Diff(truth(t, c, true), backtested(t, dir, 5*time.Minute)); diff != "" {
		t.Errorf("of the traffic, and of the recording (-want +got):\n%s", diff)
	}
}
