package usage_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"alerter/usage"
)

// The workspaces and groups of the recorded answers in testdata.
const (
	defaultWorkspace = "wrkspc_01DfLt9XqRw4NmKc7VpZb3HsYj"
	prodWorkspace    = "wrkspc_01HvQm7TzRk4NbXc9WpLd2YsJf"
	codeWorkspace    = "wrkspc_01CcPz6YtKv8MqRb4XnWd9LsHg"

	opus4   = "rlg_01Fs9KpLv4TmQx2WbRn6YcGh"
	opus55  = "rlg_01Bq7ZtMw3RkXn5VcJp8HdYe"
	sonnet4 = "rlg_01Jt6DxRn8WvHk3PqCz5LmVb"
	sonnet5 = "rlg_01Mv3BsKq9XhTw6RzYd2FnJc"
	haiku   = "rlg_01Ry5HcWn7VbKt9XpJq4DmTs"
	batch   = "rlg_01Tz8PkVr6XmBw3QnHc5YdLf"
	search  = "rlg_01Ch7WsNq5YpVz2DcKf8XmRj"
)

// read decodes a recorded answer.
func read[T any](t testing.TB, file string) T {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("decode %s: %v", file, err)
	}
	return v
}

// tokens is what both usage reports say of a row's tokens, in the same shape.
type tokens struct {
	Uncached int64 `json:"uncached_input_tokens"`
	Cache    struct {
		H1 int64 `json:"ephemeral_1h_input_tokens"`
		M5 int64 `json:"ephemeral_5m_input_tokens"`
	} `json:"cache_creation"`
	CacheRead int64 `json:"cache_read_input_tokens"`
	Output    int64 `json:"output_tokens"`
	Tools     struct {
		Searches int64 `json:"web_search_requests"`
	} `json:"server_tool_use"`
}

func (t tokens) counts(requests int64) usage.Counts {
	return usage.Counts{
		Requests: requests, UncachedInput: t.Uncached, CacheWrite5m: t.Cache.M5, CacheWrite1h: t.Cache.H1,
		CacheRead: t.CacheRead, Output: t.Output, WebSearches: t.Tools.Searches,
	}
}

// analyticsMinutes is the recorded answer of analytics/usage, 09:57 to 10:02, one
// minute each, read at the given time.
func analyticsMinutes(t testing.TB, readAt time.Time) []usage.Minute {
	t.Helper()
	type page struct {
		Data []struct {
			Start time.Time `json:"starting_at"`
			Group struct {
				Model       string `json:"model"` // null is left empty
				WorkspaceID string `json:"workspace_id"`
				ServiceTier string `json:"service_tier"`
				Speed       string `json:"speed"`
				Product     string `json:"product"`
			} `json:"group"`
			Usage struct {
				Requests *int64 `json:"requests"`
				tokens
			} `json:"usage"`
		} `json:"data"`
	}
	minutes := emptyMinutes(usage.SourceAnalytics, readAt)
	for _, file := range []string{"analytics_usage_1m_page1.json", "analytics_usage_1m_page2.json"} {
		for _, row := range read[page](t, file).Data {
			requests := usage.RequestsUnknown
			if row.Usage.Requests != nil {
				requests = *row.Usage.Requests
			}
			put(minutes, row.Start, usage.Combination{
				Model: row.Group.Model, WorkspaceID: row.Group.WorkspaceID,
				ServiceTier: row.Group.ServiceTier, Speed: row.Group.Speed, Product: row.Group.Product,
			}, row.Usage.counts(requests))
		}
	}
	return minutes
}

// reportMinutes is the same traffic as usage_report/messages tells it.
func reportMinutes(t testing.TB, readAt time.Time) []usage.Minute {
	t.Helper()
	type page struct {
		Data []struct {
			Start   time.Time `json:"starting_at"`
			Results []struct {
				Model       string  `json:"model"`
				WorkspaceID *string `json:"workspace_id"`
				ServiceTier string  `json:"service_tier"`
				tokens
			} `json:"results"`
		} `json:"data"`
	}
	minutes := emptyMinutes(usage.SourceReport, readAt)
	for _, file := range []string{"usage_messages_1m_grouped_page1.json", "usage_messages_1m_grouped_page2.json"} {
		for _, b := range read[page](t, file).Data {
			for _, row := range b.Results {
				workspace := defaultWorkspace
				if row.WorkspaceID != nil {
					workspace = *row.WorkspaceID
				}
				put(minutes, b.Start, usage.Combination{
					Model: row.Model, WorkspaceID: workspace, ServiceTier: row.ServiceTier,
				}, row.counts(usage.RequestsUnknown))
			}
		}
	}
	return minutes
}

// emptyMinutes is the six minutes from 09:57, read without rows.
func emptyMinutes(source usage.SourceKind, readAt time.Time) []usage.Minute {
	var minutes []usage.Minute
	for i := range 6 {
		minutes = append(minutes, usage.Minute{Start: at("09:57").Add(time.Duration(i) * time.Minute), Source: source, ReadAt: readAt})
	}
	return minutes
}

// put adds a bucket to its minute.
func put(minutes []usage.Minute, start time.Time, of usage.Combination, counts usage.Counts) {
	i := slices.IndexFunc(minutes, func(m usage.Minute) bool { return m.Start.Equal(start) })
	minutes[i].Buckets = append(minutes[i].Buckets, usage.Bucket{Of: &of, Counts: counts})
}

// recordedLimits decodes an answer of the rate limits API.
func recordedLimits(t testing.TB, workspaceID, file string) usage.Reading {
	t.Helper()
	type answer struct {
		Data []struct {
			Group struct {
				ID   string `json:"id"`
				Type string `json:"type"`
				Name string `json:"display_name"`
			} `json:"group"`
			Models []string `json:"models"`
			Limits []struct {
				Type     usage.Limiter `json:"type"`
				Value    int64         `json:"value"`
				OrgLimit *int64        `json:"org_limit"`
				Source   struct {
					Type string `json:"type"`
				} `json:"source"`
			} `json:"limits"`
		} `json:"data"`
	}
	r := usage.Reading{WorkspaceID: workspaceID}
	for _, d := range read[answer](t, file).Data {
		e := usage.Entry{Group: usage.Group{ID: d.Group.ID, Type: d.Group.Type, Name: d.Group.Name, Models: d.Models}}
		for _, l := range d.Limits {
			e.Limits = append(e.Limits, usage.Value{
				Limiter: l.Type, Value: l.Value, OrganizationValue: l.OrgLimit, Inherited: l.Source.Type == "organization",
			})
		}
		r.Entries = append(r.Entries, e)
	}
	return r
}

// recordedOrganization decodes the list of workspaces.
func recordedOrganization(t testing.TB) usage.Organization {
	t.Helper()
	type answer struct {
		Data []struct {
			ID         string  `json:"id"`
			Name       string  `json:"name"`
			ArchivedAt *string `json:"archived_at"`
		} `json:"data"`
	}
	org := usage.Organization{ID: "org-1", Name: "acme"}
	for _, w := range read[answer](t, "workspaces.json").Data {
		org.Workspaces = append(org.Workspaces, usage.Workspace{
			ID: w.ID, Name: w.Name, Default: w.ID == defaultWorkspace, Archived: w.ArchivedAt != nil,
		})
	}
	return org
}

// at is a time of the day the answers were recorded on.
func at(clock string) time.Time {
	t, err := time.Parse(time.DateTime, "2026-11-23 "+clock+":00")
	if err != nil {
		panic(err)
	}
	return t
}
