package main

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCostIsRecordedByTheDayAndOptional(t *testing.T) {
	t.Parallel()
	costs := func(files map[string]string) (names []string) {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if strings.HasPrefix(name, "cost/") && strings.Contains(files[name], `"amount"`) {
				names = append(names, name)
			}
		}
		return names
	}
	for _, source := range []string{"analytics", "usage_report"} {
		dir := filepath.Join(t.TempDir(), source)
		w := newWorld(t, busyPast())
		w.source = source
		half := wholePast
		half.To = past.Add(100 * time.Minute).Format(time.RFC3339)
		w.mustRecord(dir, half)
		w.mustRecord(dir, wholePast)
		want := []string{"cost/000001_20261123T0800Z_20261123T0940Z.json", "cost/000002_20261123T0940Z_20261123T1100Z.json"}
		if diff := cmp.Diff(want, costs(folderOf(t, dir))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
	}
	w := newWorld(t, busyPast())
	w.refusing = func(r *http.Request) bool { return strings.Contains(r.URL.Path, "cost") }
	dir := filepath.Join(t.TempDir(), "refused")
	w.mustRecord(dir, wholePast)
	if got := costs(folderOf(t, dir)); len(got) > 0 || !strings.Contains(w.said.String(), "cost is left out: ") {
		t.Errorf("got %q and %q, want no cost and to be told", got, &w.said)
	}
}

func TestAFolderThatCannotBeContinuedIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, busyPast())
	dir := func(change func(r folderRecorder)) string {
		dir := filepath.Join(t.TempDir(), "past")
		w.mustRecord(dir, wholePast)
		change(folderRecorder{t: t, dir: dir})
		return dir
	}
	for name, tt := range map[string]struct {
		dir     string
		command recordCommand
		source  string
		want    string
	}{
		"another organization":      {dir(func(r folderRecorder) { r.write("organization.json", []byte(`{"id":"other","name":"Other"}`)) }), wholePast, "auto", "is a history of Other, and the key is of Acme"},
		"another report":            {dir(func(folderRecorder) {}), wholePast, "usage_report", "was recorded from analytics/usage"},
		"something else":            {filepath.Join("testdata", "script"), wholePast, "auto", "has files in it and is no history"},
		"made by hand":              {historyFolderName, wholePast, "auto", "was not made by this command"},
		"notes of when it was seen": {dir(func(r folderRecorder) { r.write("seen.jsonl", nil) }), wholePast, "auto", "was not made by this command"},
		"a page from elsewhere":     {dir(func(r folderRecorder) { r.write("usage/page.json", nil) }), wholePast, "auto", "was not written by this command"},
		"a count that is wrong": {dir(func(r folderRecorder) {
			r.write(historyFile, []byte(`{"from":"2026-11-23T08:00:00Z","to":"2026-11-23T09:00:00Z","pages":1}`))
		}), wholePast, "auto", "counts 1 page of analytics/usage"},
		"a broken history.json":    {dir(func(r folderRecorder) { r.write(historyFile, []byte(`{`)) }), wholePast, "auto", "history.json: "},
		"an earlier beginning":     {dir(func(folderRecorder) {}), recordCommand{From: past.Add(-time.Hour).Format(time.RFC3339), To: wholePast.To}, "auto", "record what was before into a folder of its own"},
		"the future":               {t.TempDir(), recordCommand{To: "2027-01-01T00:00:00Z"}, "auto", "--to is in the future"},
		"no time":                  {t.TempDir(), recordCommand{From: wholePast.To, To: wholePast.From}, "auto", "is not after --from"},
		"no time that can be read": {t.TempDir(), recordCommand{From: "yesterday"}, "auto", `"yesterday" is not a time`},
	} {
		w.source = tt.source
		_, err := w.record(tt.dir, tt.command)
		if c, ok := errors.AsType[coded](err); !ok || c.code != exitUsage || !strings.Contains(c.text, tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

func TestWhatARecordingShows(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	at := past
	show := recordShow{progress: &progress{}, out: &out, now: func() time.Time { return at }, shown: at}
	show.page(past, past.Add(time.Hour), 1)
	at = at.Add(recordLineEvery)
	show.page(past.Add(time.Minute), past.Add(time.Hour), 2)
	show.end()
	if want := "recording: at 2026-11-23 08:01:00 UTC of 2026-11-23 09:00:00 UTC, 2 pages\n"; out.String() != want {
		t.Errorf("off a terminal: got %q, want %q", &out, want)
	}
	out.Reset()
	show.progress = &progress{out: &out, width: func() int { return 80 }}
	show.page(past, past.Add(time.Hour), 1)
	show.note("so it is")
	if want := "recording: at 2026-11-23 08:00:00 UTC of 2026-11-23 09:00:00 UTC, 1 page\r\033[Knote: so it is\n"; out.String() != want {
		t.Errorf("on a terminal: got %q, want %q", &out, want)
	}
	narrow, screen := newProgress(30)
	show = recordShow{progress: narrow, out: screen, now: show.now}
	show.page(past, past.Add(time.Hour), 1)
	show.page(past, past.Add(time.Hour), 2)
	if diff := cmp.Diff([]string{"recording: at 2026-11-23 08:…"}, screen.rows); diff != "" {
		t.Errorf("on a narrow terminal (-want +got):\n%s", diff)
	}
}
