package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/fetch/simulate"
)

func TestARecordingFiresAsTheTrafficItself(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"analytics", "usage_report"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, busyPast())
			w.source = source
			dir := filepath.Join(t.TempDir(), "past")
			done := w.mustRecord(dir, wholePast)
			want := truth(t, busyPast(), source == "analytics")
			if len(want.Episodes) < 2 || len(want.LimitMinutes) == 0 {
				t.Fatalf("got %d episodes and %d minutes at a limit, want more to compare", len(want.Episodes), len(want.LimitMinutes))
			}
			if diff := cmp.Diff(want, backtested(t, dir, 5*time.Minute)); diff != "" {
				t.Errorf("of the traffic, and of the recording (-want +got):\n%s", diff)
			}
			files := folderOf(t, dir)
			if want := `{"from":"2026-11-23T08:00:00Z","to":"2026-11-23T11:00:00Z","pages":` + strconv.Itoa(done.Pages) + "}\n"; files["history.json"] != want || done.Pages < 4 {
				t.Errorf("got %s and %d pages, want %s", files["history.json"], done.Pages, want)
			}
			for name, content := range files {
				if strings.Contains(content, scriptKey) || name == unfinished || strings.Contains(name, "wrkspc_old") || strings.Contains(name, "wrkspc_default") {
					t.Errorf("got %s, want no file with the key, unfinished, or of a workspace without limits of its own", name)
				}
			}
			if w.said.Len() > 0 && source == "analytics" {
				t.Errorf("got %q, want nothing to say", &w.said)
			}
		})
	}
}

func TestARecordingIsTheSameHoweverOftenItWasInterrupted(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"analytics", "usage_report"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			whole := newWorld(t, busyPast())
			whole.source = source
			dir := filepath.Join(t.TempDir(), "whole")
			whole.mustRecord(dir, wholePast)
			want := folderOf(t, dir)
			for stop := 1; stop <= len(whole.asked); stop++ {
				dir := filepath.Join(t.TempDir(), "parts")
				w := newWorld(t, busyPast())
				w.source, w.stopAt = source, stop
				if _, err := w.record(dir, wholePast); err == nil {
					t.Fatalf("stopped at request %d: got no error", stop)
				}
				validSoFar(t, dir)
				w.stopAt, w.asked = 0, nil
				w.mustRecord(dir, wholePast)
				if diff := cmp.Diff(want, folderOf(t, dir)); diff != "" {
					t.Fatalf("stopped at request %d (-whole +parts):\n%s", stop, diff)
				}
				w.asked = nil
				if done := w.mustRecord(dir, wholePast); done.Read != 0 {
					t.Errorf("stopped at request %d: got %d pages read once all was there, want none", stop, done.Read)
				}
			}
		})
	}
}

// validSoFar says that a folder is a history, if it has any page yet.
func validSoFar(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, historyFile)); err != nil {
		return
	}
	h, notes, err := readHistory(dir, nil)
	if err != nil || len(notes) > 0 || !h.To.After(h.From) {
		t.Errorf("got %v, notes %q, %s to %s, want a history of what was covered so far", err, notes, h.From, h.To)
	}
}

func TestAPageThatWasNotCountedIsReadAgain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "past")
	w := newWorld(t, busyPast())
	w.mustRecord(dir, wholePast)
	want := folderOf(t, dir)
	// As if the machine had stopped between the last page and history.json.
	last := 0
	for i, r := range w.asked {
		if strings.HasSuffix(r.URL.Path, "/analytics/usage") {
			last = i
		}
	}
	stopped := filepath.Join(t.TempDir(), "stopped")
	shorter := newWorld(t, busyPast())
	shorter.stopAt = last + 1
	if _, err := shorter.record(stopped, wholePast); err == nil {
		t.Fatal("got no error, want it stopped before the last page")
	}
	folderRecorder{t: t, dir: dir}.write(historyFile, []byte(folderOf(t, stopped)[historyFile]))
	folderRecorder{t: t, dir: dir}.write(unfinished, []byte("{"))
	if done := w.mustRecord(dir, wholePast); done.Read != 1 {
		t.Errorf("got %d pages read, want the one that was not counted", done.Read)
	}
	if diff := cmp.Diff(want, folderOf(t, dir)); diff != "" {
		t.Errorf("(-whole +again):\n%s", diff)
	}
}

func TestFaultsInTheMiddleAreWaitedOut(t *testing.T) {
	t.Parallel()
	clean := filepath.Join(t.TempDir(), "clean")
	newWorld(t, busyPast()).mustRecord(clean, wholePast)
	want := folderOf(t, clean)
	for name, tt := range map[string]struct {
		fault simulate.Fault
		wait  time.Duration
	}{
		"429 that says how long":  {simulate.Fault{Kind: simulate.Status, Status: 429, RetryAfter: 7 * time.Second, Count: 1}, 7 * time.Second},
		"503":                     {simulate.Fault{Kind: simulate.Status, Status: 503, RetryAfter: 20 * time.Second, Count: 1}, 20 * time.Second},
		"500 again and again":     {simulate.Fault{Kind: simulate.Status, Status: 500, Count: 4}, 5 * time.Second},
		"cut off again and again": {simulate.Fault{Kind: simulate.CutOff, Count: 3}, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, busyPast())
			tt.fault.Endpoint = simulate.AnalyticsUsage
			w.source = "analytics"
			w.refusing = func(r *http.Request) bool {
				if r.URL.Query().Has("page") && w.paused == nil && len(w.Faults()) == 0 {
					if _, err := w.Inject(tt.fault); err != nil {
						t.Error(err)
					}
					w.refusing = func(*http.Request) bool { return false }
				}
				return false
			}
			dir := filepath.Join(t.TempDir(), "past")
			w.mustRecord(dir, wholePast)
			if len(w.paused) != 1 || w.paused[0] != tt.wait || !strings.Contains(w.said.String(), "trying again in") {
				t.Errorf("got pauses %s and %q, want one of %s and to be told", w.paused, &w.said, tt.wait)
			}
			if diff := cmp.Diff(want, folderOf(t, dir)); diff != "" {
				t.Errorf("(-clean +got):\n%s", diff)
			}
		})
	}
}

func TestARefusedKeyAndALongRestEndARecording(t *testing.T) {
	t.Parallel()
	for _, f := range []simulate.Fault{
		{Kind: simulate.Status, Status: 401},
		{Kind: simulate.Status, Status: 429, RetryAfter: time.Hour},
		{Kind: simulate.Status, Status: 429, ErrorCode: "enforced_spend_limit_reached"},
		{Kind: simulate.HTML},
	} {
		w := newWorld(t, busyPast())
		if _, err := w.Inject(f); err != nil {
			t.Fatal(err)
		}
		if _, err := w.record(t.TempDir(), wholePast); err == nil || len(w.paused) > 0 || strings.Contains(err.Error(), scriptKey) {
			t.Errorf("%+v: got %v after pauses %s, want an error at once", f, err, w.paused)
		}
	}
}

func TestACursorThatExpiredIsNotNeeded(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "past")
	w := newWorld(t, busyPast())
	w.stopAt = 12
	if _, err := w.record(dir, wholePast); err == nil {
		t.Fatal("got no error, want it stopped within the pages")
	}
	w.stopAt = 0
	first := true
	w.refusing = func(r *http.Request) bool {
		refuse := first && r.URL.Query().Has("page")
		first = first && !refuse
		return refuse
	}
	w.mustRecord(dir, wholePast)
	if diff := cmp.Diff(truth(t, busyPast(), true), backtested(t, dir, 5*time.Minute)); first || diff != "" {
		t.Errorf("expired %t, of the traffic and of the recording (-want +got):\n%s", !first, diff)
	}
}
