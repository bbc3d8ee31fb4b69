package fetch

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/fetch/simulate"
	"alerter/usage"
)

// played is a server that plays the demo's organization at a fixed time, and a
// client of it.
type played struct {
	*simulate.Server
	api     *api
	client  *Client
	at      time.Time
	rewrite func(*http.Request) // changes a request before it is answered
}

func play(t *testing.T) *played {
	t.Helper()
	config, err := simulate.Demo(7)
	if err != nil {
		t.Fatal(err)
	}
	p := &played{at: config.Start.Add(40 * time.Minute), rewrite: func(*http.Request) {}}
	config.Now = func() time.Time { return p.at }
	config.AdminKeys = []string{testKey}
	if p.Server, err = simulate.New(config); err != nil {
		t.Fatal(err)
	}
	p.api = serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		p.rewrite(r)
		p.ServeHTTP(w, r)
	})
	p.client = p.api.client()
	p.client.Now = config.Now
	return p
}

func (p *played) inject(t *testing.T, f simulate.Fault) {
	t.Helper()
	if _, err := p.Inject(f); err != nil {
		t.Fatal(err)
	}
}

// hour is the query for the last hour, its newest minutes included.
func (p *played) hour(source usage.SourceKind) Query {
	to := p.at.Truncate(time.Minute)
	return Query{Source: source, From: to.Add(-time.Hour), To: to, DefaultWorkspaceID: orgDefault}
}

// inPagesOf makes every page hold so many rows or buckets.
func inPagesOf(limit string) func(*http.Request) {
	return func(r *http.Request) {
		q := r.URL.Query()
		if q.Has("limit") || strings.HasSuffix(r.URL.Path, "/rate_limits") {
			q.Set("limit", limit)
			r.URL.RawQuery = q.Encode()
		}
	}
}

func TestSmallPagesGiveTheSameUsageAsLargeOnes(t *testing.T) {
	t.Parallel()
	for _, source := range []usage.SourceKind{usage.SourceAnalytics, usage.SourceReport, usage.SourceKeys} {
		t.Run(string(source), func(t *testing.T) {
			t.Parallel()
			p := play(t)
			want, err := p.client.Usage(t.Context(), p.hour(source))
			if err != nil {
				t.Fatal(err)
			}
			p.rewrite = inPagesOf("3")
			got, err := p.client.Usage(t.Context(), p.hour(source))
			if err != nil {
				t.Fatal(err)
			}
			if want.Pages != 1 || got.Pages < 20 {
				t.Errorf("got %d and %d pages, want 1 and many", want.Pages, got.Pages)
			}
			got.Pages = want.Pages
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("answer in small pages (-large +small):\n%s", diff)
			}
			if len(got.Minutes) != 60 || got.Newest.IsZero() || got.SkippedRows != 0 || got.Notes != nil {
				t.Errorf("got %d minutes, newest %s, %d rows left out, notes %q", len(got.Minutes), got.Newest, got.SkippedRows, got.Notes)
			}
		})
	}
}

func TestBothSourcesCountTheSameTokens(t *testing.T) {
	t.Parallel()
	type place struct {
		minute time.Time
		of     usage.Combination
	}
	p := play(t)
	tokens := func(source usage.SourceKind) map[place]usage.Counts {
		a, err := p.client.Usage(t.Context(), p.hour(source))
		if err != nil {
			t.Fatal(err)
		}
		all := map[place]usage.Counts{}
		for _, m := range a.Minutes {
			for _, b := range m.Buckets {
				of := *b.Of
				if of.Model == "" { // code execution is in one report only
					continue
				}
				of.Product, of.APIKeyID, b.Requests = "", "", 0
				at := place{m.Start, of}
				all[at] = sum(all[at], b.Counts)
			}
		}
		return all
	}
	analytics := tokens(usage.SourceAnalytics)
	if len(analytics) < 100 {
		t.Fatalf("got %d rows, want a busy hour", len(analytics))
	}
	if diff := cmp.Diff(analytics, tokens(usage.SourceReport)); diff != "" {
		t.Errorf("tokens (-analytics +report):\n%s", diff)
	}
	if diff := cmp.Diff(analytics, tokens(usage.SourceKeys)); diff != "" {
		t.Errorf("tokens (-analytics +by key):\n%s", diff)
	}
	p.inject(t, simulate.Fault{Kind: simulate.NotEnrolled})
	if diff := cmp.Diff(analytics, tokens(usage.SourceKeys)); diff != "" {
		t.Errorf("tokens (-analytics +by key from the older report):\n%s", diff)
	}
}

// everything is what a start of the service reads.
type everything struct {
	Organization usage.Organization
	Limits       usage.Reading
	Workspaces   []usage.Reading
}

func (p *played) everything(t *testing.T) everything {
	t.Helper()
	var e everything
	var err error
	must := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	e.Organization, err = p.client.Organization(t.Context())
	must()
	e.Organization.Workspaces, err = p.client.Workspaces(t.Context())
	must()
	e.Organization.Keys, err = p.client.Keys(t.Context())
	must()
	e.Limits, err = p.client.OrganizationLimits(t.Context())
	must()
	for _, w := range e.Organization.Workspaces {
		if w.Archived {
			continue
		}
		reading, limitsErr := p.client.WorkspaceLimits(t.Context(), w.ID)
		err = limitsErr
		must()
		e.Workspaces = append(e.Workspaces, reading)
	}
	return e
}

func TestNamesAndLimitsOfThePlayedOrganization(t *testing.T) {
	t.Parallel()
	p := play(t)
	got := p.everything(t)
	if got.Organization.Name != "Acme Robotics" || len(got.Organization.Keys) < 5 || len(got.Limits.Entries) < 5 {
		t.Errorf("got %+v", got)
	}
	var defaults, archived []string
	for _, w := range got.Organization.Workspaces {
		if w.Default {
			defaults = append(defaults, w.ID)
		}
		if w.Archived {
			archived = append(archived, w.Name)
		}
	}
	if !slices.Equal(defaults, []string{orgDefault}) || !slices.Equal(archived, []string{"poc-2025"}) {
		t.Errorf("got default %v and archived %v, want one of each", defaults, archived)
	}
	overrides := 0
	for _, reading := range got.Workspaces {
		if reading.WorkspaceID == orgDefault && len(reading.Entries) != 0 {
			t.Errorf("got limits of the default workspace: %+v", reading)
		}
		for _, e := range reading.Entries {
			for _, v := range e.Limits {
				if !v.Inherited {
					overrides++
				}
			}
		}
	}
	if overrides == 0 {
		t.Error("got no workspace's own limit, want some")
	}
}

func TestAnswersThatDifferInShapeSayTheSame(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, p *played){
		"small pages":   func(_ *testing.T, p *played) { p.rewrite = inPagesOf("2") },
		"unknown field": func(t *testing.T, p *played) { p.inject(t, simulate.Fault{Kind: simulate.ExtraField}) },
		"the older version": func(_ *testing.T, p *played) {
			p.rewrite = func(r *http.Request) { r.Header.Set("anthropic-version", "2023-06-01") }
		},
		"two faults at first": func(t *testing.T, p *played) {
			p.inject(t, simulate.Fault{Kind: simulate.Status, Status: 529, Count: 2})
		},
		"cut off at first": func(t *testing.T, p *played) { p.inject(t, simulate.Fault{Kind: simulate.CutOff, Count: 2}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := play(t)
			want := p.everything(t)
			wantUsage, err := p.client.Usage(t.Context(), p.hour(usage.SourceAnalytics))
			if err != nil {
				t.Fatal(err)
			}
			change(t, p)
			if diff := cmp.Diff(want, p.everything(t)); diff != "" {
				t.Errorf("names and limits (-plain +changed):\n%s", diff)
			}
			if name == "the older version" {
				return // the report is of the newer one
			}
			change(t, p)
			gotUsage, err := p.client.Usage(t.Context(), p.hour(usage.SourceAnalytics))
			if err != nil {
				t.Fatal(err)
			}
			gotUsage.Pages = wantUsage.Pages
			if diff := cmp.Diff(wantUsage, gotUsage); diff != "" {
				t.Errorf("usage (-plain +changed):\n%s", diff)
			}
		})
	}
}

func TestUnknownLimitersAndGroupsArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	p := play(t)
	known := p.everything(t)
	p.inject(t, simulate.Fault{Kind: simulate.UnknownLimiter})
	p.inject(t, simulate.Fault{Kind: simulate.UnknownGroup})
	got := p.everything(t)
	count := func(e everything) (groups, limiters int) {
		for _, entry := range e.Limits.Entries {
			groups++
			limiters += len(entry.Limits)
		}
		return groups, limiters
	}
	knownGroups, knownLimiters := count(known)
	groups, limiters := count(got)
	if groups <= knownGroups || limiters <= knownLimiters {
		t.Errorf("got %d groups and %d limiters, want more than %d and %d", groups, limiters, knownGroups, knownLimiters)
	}
}
