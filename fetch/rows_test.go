package fetch

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

func TestImpossibleRowsAreLeftOutAndTold(t *testing.T) {
	t.Parallel()
	row := func(old, with string) string { return change(goodRow, old, with) }
	for name, tt := range map[string]struct{ row, why string }{
		"negative":        {row(`"output_tokens":5`, `"output_tokens":-5`), "for a number that is negative or impossibly large"},
		"a trillion more": {row(`"output_tokens":5`, `"output_tokens":1000000000001`), "for a number that is negative or impossibly large"},
		"beyond 64 bits":  {row(`"requests":1`, `"requests":99999999999999999999999999`), "for a number that is negative or impossibly large"},
		"a minute early":  {row(`"starting_at":"2026-11-23T09:57:00Z","ending_at":"2026-11-23T09:58:00Z"`, `"starting_at":"2026-11-23T09:56:00Z","ending_at":"2026-11-23T09:57:00Z"`), "for lying outside the time that was asked for"},
		"a minute late":   {row(`"starting_at":"2026-11-23T09:57:00Z","ending_at":"2026-11-23T09:58:00Z"`, `"starting_at":"2026-11-23T10:03:00Z","ending_at":"2026-11-23T10:04:00Z"`), "for lying outside the time that was asked for"},
		"a century late":  {row(`"starting_at":"2026-11-23T09:57:00Z","ending_at":"2026-11-23T09:58:00Z"`, `"starting_at":"2326-11-23T10:03:00Z","ending_at":"2326-11-23T10:04:00Z"`), "for lying outside the time that was asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := says(t, onePage(tt.row, goodRow, tt.row)).client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
			if err != nil {
				t.Fatal(err)
			}
			if got.SkippedRows != 2 || got.Newest != minute(9, 57) {
				t.Errorf("got %d rows left out and newest %s, want 2 and 09:57", got.SkippedRows, got.Newest)
			}
			if len(got.Notes) != 1 || !strings.HasPrefix(got.Notes[0], "rows left out "+tt.why+": 2, the first of ") {
				t.Errorf("got notes %q, want one that says why", got.Notes)
			}
			want := []usage.Bucket{used(usage.Combination{Model: "m", WorkspaceID: "w", ServiceTier: "standard", Speed: "standard",
				Product: "messages_api"}, 1, 1, 3, 2, 4, 5, 6)}
			if diff := cmp.Diff(want, got.Minutes[0].Buckets); diff != "" {
				t.Errorf("the other row (-want +got):\n%s", diff)
			}
		})
	}
}

func TestATotalThatIsNotTheSumIsTold(t *testing.T) {
	t.Parallel()
	got, err := says(t, onePage(change(goodRow, `"total_tokens":15`, `"total_tokens":20`))).client().
		Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"rows whose total_tokens is not the sum of the known kinds of tokens, so that the API may count a new kind: 1, the first of 2026-11-23T09:57:00Z"}
	if diff := cmp.Diff(want, got.Notes); diff != "" || got.SkippedRows != 0 {
		t.Errorf("got %d rows left out, notes (-want +got):\n%s", got.SkippedRows, diff)
	}
}

func TestRowsOfOneCombinationAreAdded(t *testing.T) {
	t.Parallel()
	unknown := change(goodRow, `"requests":1`, `"requests":null`)
	for name, tt := range map[string]struct {
		rows     []string
		requests int64
	}{
		"both counted":     {[]string{goodRow, goodRow}, 2},
		"one not counted":  {[]string{goodRow, unknown}, usage.RequestsUnknown},
		"none is counted":  {[]string{unknown, unknown}, usage.RequestsUnknown},
		"the first is not": {[]string{unknown, goodRow}, usage.RequestsUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := says(t, onePage(tt.rows...)).client().Usage(t.Context(), recordedHour(usage.SourceAnalytics))
			if err != nil {
				t.Fatal(err)
			}
			want := []usage.Bucket{used(usage.Combination{Model: "m", WorkspaceID: "w", ServiceTier: "standard", Speed: "standard",
				Product: "messages_api"}, tt.requests, 2, 6, 4, 8, 10, 12)}
			if diff := cmp.Diff(want, got.Minutes[0].Buckets); diff != "" {
				t.Errorf("bucket (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNullAndTheDefaultWorkspaceAreOneWorkspace(t *testing.T) {
	t.Parallel()
	null := change(goodBucket, `"workspace_id":"w"`, `"workspace_id":null`)
	real := change(goodBucket, `"workspace_id":"w"`, `"workspace_id":"`+orgDefault+`"`)
	got, err := says(t, onePage(null, real)).client().Usage(t.Context(), recordedHour(usage.SourceReport))
	if err != nil {
		t.Fatal(err)
	}
	want := []usage.Bucket{used(usage.Combination{Model: "m", WorkspaceID: orgDefault, ServiceTier: "standard", Speed: "standard"},
		usage.RequestsUnknown, 2, 6, 4, 8, 10, 12)}
	if diff := cmp.Diff(want, got.Minutes[0].Buckets); diff != "" {
		t.Errorf("bucket (-want +got):\n%s", diff)
	}
}

func TestEscapedAndPlainNamesAreOneCombination(t *testing.T) {
	t.Parallel()
	got, err := says(t, onePage(goodRow, change(goodRow, `"model":"m"`, `"model":"\u006d"`))).client().
		Usage(t.Context(), recordedHour(usage.SourceAnalytics))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Minutes[0].Buckets); n != 1 {
		t.Errorf("got %d combinations, want 1", n)
	}
}
