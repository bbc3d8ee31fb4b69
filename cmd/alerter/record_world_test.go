package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"alerter/config"
	"alerter/evaluate/replay"
	"alerter/fetch"
	"alerter/fetch/simulate"
	"alerter/usage"
)

// wholePast is all of the past.
var wholePast = recordCommand{From: past.Format(time.RFC3339), To: past.Add(pastMinutes * time.Minute).Format(time.RFC3339)}

// busyPast is the organization of the recorded past with more to it: the default
// workspace is used, and one that is archived.
func busyPast() simulate.Config {
	c := pastOrganization()
	c.Organization.Workspaces = append(c.Organization.Workspaces, simulate.Workspace{
		ID: "wrkspc_old", Name: "old", CreatedAt: past.AddDate(0, -1, 0), ArchivedAt: past.Add(time.Hour),
	})
	c.Organization.Overrides = []simulate.Override{{Workspace: "wrkspc_prod", Group: "rlg_opus", Limit: simulate.Limit{Type: "output_tokens_per_minute", Value: scriptLimit * 9 / 10}}}
	c.Traffic.Prices = map[string]simulate.Price{"claude-opus-5-5": {Input: 500, Output: 2500}}
	for i, workspace := range []string{"wrkspc_default", "wrkspc_old"} {
		more := c.Traffic.Streams[0]
		more.Workspace, more.Rows = workspace, slices.Clone(more.Rows)
		for k := range more.Rows {
			more.Rows[k].Counts = simulate.Counts{Requests: 1, Output: int64(10 + i)}
		}
		c.Traffic.Streams = append(c.Traffic.Streams, more)
	}
	return c
}

// world is an Admin API, and somebody who records it.
type world struct {
	*simulate.Server
	t        *testing.T
	url      string
	at       time.Time
	source   string // usage_source
	asked    []*http.Request
	stopAt   int // the request from which on nothing is answered; 0: none
	paused   []time.Duration
	said     bytes.Buffer
	refusing func(*http.Request) bool
}

// pageRows makes a page of the past short, so that there are many.
const pageRows = "40"

func newWorld(t *testing.T, c simulate.Config) *world {
	t.Helper()
	w := &world{t: t, at: c.Now(), source: "auto", refusing: func(*http.Request) bool { return false }}
	c.Now = func() time.Time { return w.at }
	var err error
	if w.Server, err = simulate.New(c); err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.asked = append(w.asked, r.Clone(context.Background()))
		q := r.URL.Query()
		if strings.Contains(r.URL.Path, "usage") && q.Get("limit") != "1" {
			q.Set("limit", pageRows)
			r.URL.RawQuery = q.Encode()
		}
		switch {
		case w.stopAt > 0 && len(w.asked) >= w.stopAt:
			rw.WriteHeader(http.StatusUnauthorized)
		case w.refusing(r):
			rw.WriteHeader(http.StatusBadRequest)
		default:
			w.ServeHTTP(rw, r)
		}
	}))
	t.Cleanup(api.Close)
	w.url = api.URL
	return w
}

// record records into a folder as a process of its own would.
func (w *world) record(dir string, c recordCommand) (recorded, error) {
	now := func() time.Time { return w.at }
	c.Out = dir
	return c.record(w.t.Context(), &recording{
		client:       &fetch.Client{BaseURL: w.url, Key: func() (string, error) { return scriptKey, nil }, Now: now},
		organization: config.Organization{UsageSource: w.source, Settle: 5 * time.Minute},
		folder:       recordFolder{root: dir}, now: now, pace: rate.NewLimiter(rate.Inf, 1),
		pause: func(_ context.Context, d time.Duration) error { w.paused = append(w.paused, d); return nil },
		show:  &recordShow{progress: &progress{}, out: &w.said, now: now, shown: w.at},
	})
}

func (w *world) mustRecord(dir string, c recordCommand) recorded {
	w.t.Helper()
	done, err := w.record(dir, c)
	if err != nil {
		w.t.Fatal(err)
	}
	return done
}

// folderOf is every file of a folder.
func folderOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// truth is what rules make of the traffic itself, without any API in between.
func truth(t *testing.T, c simulate.Config, requests bool) replay.Report {
	t.Helper()
	h := replay.History{Organization: usage.Organization{ID: c.Organization.ID, Name: c.Organization.Name}, From: past, To: past.Add(pastMinutes * time.Minute), Lag: 5 * time.Minute, Settle: 5 * time.Minute}
	for _, ws := range c.Organization.Workspaces {
		h.Organization.Workspaces = append(h.Organization.Workspaces, usage.Workspace{ID: ws.ID, Name: ws.Name, Default: ws.Default, Archived: !ws.ArchivedAt.IsZero()})
	}
	group := usage.Group{ID: "rlg_opus", Type: "model_group", Name: "Claude Opus 5.5", Models: []string{"claude-opus-5-5"}}
	of := func(workspace string, value int64) usage.Reading {
		return usage.Reading{WorkspaceID: workspace, Entries: []usage.Entry{{Group: group, Limits: []usage.Value{{Limiter: "output_tokens_per_minute", Value: value}}}}}
	}
	h.Limits = []replay.LimitReading{{Readings: []usage.Reading{of("", scriptLimit), of("wrkspc_prod", scriptLimit*9/10)}}}
	minutes := map[time.Time]*usage.Minute{}
	for _, s := range c.Traffic.Streams {
		for _, row := range s.Rows {
			m := minutes[row.At]
			if m == nil {
				m = &usage.Minute{Start: row.At, Source: usage.SourceAnalytics}
				minutes[row.At] = m
			}
			b := usage.Bucket{Of: &usage.Combination{Model: s.Model, WorkspaceID: s.Workspace}, Counts: usage.Counts{Requests: row.Requests, UncachedInput: row.Uncached, Output: row.Output}}
			if !requests {
				b.Requests = usage.RequestsUnknown
			}
			m.Buckets = append(m.Buckets, b)
		}
	}
	for _, m := range minutes {
		h.Minutes = append(h.Minutes, *m)
	}
	return reported(t, h)
}
