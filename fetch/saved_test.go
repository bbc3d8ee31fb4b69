package fetch_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"alerter/fetch"
	"alerter/usage"
)

// open is a recorded answer.
func open(t *testing.T, name string) *os.File {
	t.Helper()
	f, err := os.Open("../testdata/admin-api/" + name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestSavedPagesAreReadInOrderAndCountOnce(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 10, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		source usage.SourceKind
		pages  []string
	}{
		{usage.SourceAnalytics, []string{"analytics_usage_1m_page1.json", "analytics_usage_1m_page2.json"}},
		{usage.SourceReport, []string{"usage_messages_1m_grouped_page1.json", "usage_messages_1m_grouped_page2.json"}},
	} {
		read := func(pages ...string) (minutes []usage.Minute, output int64) {
			s := fetch.Saved{Source: c.source}
			for _, name := range pages {
				if err := s.Read(open(t, name)); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			minutes, _ = s.Minutes(at)
			for i, m := range minutes {
				if m.Source != c.source || !m.ReadAt.Equal(at) || i > 0 && !m.Start.Equal(minutes[i-1].Start.Add(time.Minute)) {
					t.Errorf("%s: minute %d is %s of %s, read at %s", c.source, i, m.Start, m.Source, m.ReadAt)
				}
				for _, b := range m.Buckets {
					output += b.Output
				}
			}
			return minutes, output
		}
		once, output := read(c.pages...)
		twice, again := read(slices.Concat(c.pages, c.pages)...)
		if len(once) == 0 || output == 0 || len(twice) != len(once) || again != output {
			t.Errorf("%s: got %d minutes with %d output tokens, and %d with %d when all is read twice", c.source, len(once), output, len(twice), again)
		}
	}
}

func TestALaterPageOverrulesAnEarlierOne(t *testing.T) {
	t.Parallel()
	row := func(output string) string {
		return `{"data":[{"starting_at":"2026-11-23T09:00:00Z","ending_at":"2026-11-23T09:01:00Z","group":{"model":"m"},
			"usage":{"uncached_input_tokens":0,"cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":0},
			"cache_read_input_tokens":0,"output_tokens":` + output + `}}],"has_more":false,"next_page":null}`
	}
	s := fetch.Saved{Source: usage.SourceAnalytics}
	for _, output := range []string{"5", "7"} {
		if err := s.Read(strings.NewReader(row(output))); err != nil {
			t.Fatal(err)
		}
	}
	minutes, _ := s.Minutes(time.Time{})
	if len(minutes) != 1 || len(minutes[0].Buckets) != 1 || minutes[0].Buckets[0].Output != 7 {
		t.Errorf("got %+v, want one bucket of 7", minutes)
	}
	if err := s.Read(strings.NewReader("<html>")); err == nil || !strings.Contains(err.Error(), "HTML") {
		t.Errorf("got error %v, want one that says it is HTML", err)
	}
}

func TestSavedNamesAndLimitsAreReadAsFromTheAPI(t *testing.T) {
	t.Parallel()
	limits, err := fetch.ReadLimits(open(t, "rate_limits_org.json"), "")
	if err != nil || len(limits.Entries) == 0 || limits.WorkspaceID != "" {
		t.Errorf("got %d groups of %q (%v)", len(limits.Entries), limits.WorkspaceID, err)
	}
	workspaces, err := fetch.ReadWorkspaces(open(t, "workspaces.json"))
	if err != nil || len(workspaces) == 0 {
		t.Errorf("got %d workspaces (%v)", len(workspaces), err)
	}
	org, err := fetch.ReadOrganization(strings.NewReader(`{"id":"o-1","name":"Acme","type":"organization"}`))
	if err != nil || org.ID != "o-1" || org.Name != "Acme" {
		t.Errorf("got %+v (%v)", org, err)
	}
	if _, err := fetch.ReadOrganization(strings.NewReader(`{"name":"Acme"}`)); err == nil {
		t.Error("got no error for an organization without an id")
	}
	if _, err := fetch.ReadLimits(strings.NewReader(`{"type":"error","error":{"type":"not_found_error"}}`), ""); err == nil {
		t.Error("got no error for a saved refusal")
	}
}
