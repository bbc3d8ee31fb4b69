package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

// readings are the paths that read the store.
var readings = []string{
	"/", "/metrics", "/api/v1/status", "/api/v1/series", "/api/v1/alerts", "/api/v1/alerts?all=true", "/api/v1/limits",
	"/api/v1/events", "/api/v1/outbox", "/api/v1/rules", "/api/v2/alerts", "/api/v2/alerts/groups", "/api/v2/silences",
}

func TestJSONAnswersAreAsDocumented(t *testing.T) {
	t.Parallel()
	w := filled(t) // for all: nothing here changes it
	for name, path := range map[string]string{
		"status": "/api/v1/status", "series": "/api/v1/series", "alerts": "/api/v1/alerts", "alerts-all": "/api/v1/alerts?all=true",
		"limits": "/api/v1/limits", "events": "/api/v1/events", "outbox": "/api/v1/outbox", "rules": "/api/v1/rules",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := w.ask(request(path))
			if got := answer.Header().Get("Content-Type"); got != "application/json" {
				t.Errorf("got content type %q, want application/json", got)
			}
			if got := answer.Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("got cache control %q, want no-store", got)
			}
			golden(t, name+".json", pretty(t, answer.Body.String()))
		})
	}
}

func TestAnEmptyDatabaseHasEmptyLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, want := range map[string]string{
		"/api/v1/status": `{"as_of":"2026-11-23T14:00:20Z","organizations":[],"series":[],"alerts":[],"unmatched":{"models":[],"limiters":[]}}`,
		"/api/v1/series": `{"as_of":"2026-11-23T14:00:20Z","series":[]}`,
		"/api/v1/alerts": `{"alerts":[]}`, "/api/v1/alerts?all=true": `{"alerts":[]}`,
		"/api/v1/limits": `{"limits":[]}`, "/api/v1/events": `{"events":[]}`,
		"/api/v1/outbox": `{"messages":[]}`, "/api/v1/rules": `{"rules":[]}`,
	} {
		if got := strings.TrimSpace(w.body(t, path)); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestADatabaseThatCannotBeReadIsSaidWithoutDetail(t *testing.T) {
	t.Parallel()
	w := filled(t) // for all: it stays closed
	w.closeStore()
	for _, path := range readings {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			answer := w.ask(request(path))
			if answer.Code != http.StatusInternalServerError {
				t.Errorf("got %d, want 500", answer.Code)
			}
			body := answer.Body.String()
			if !strings.Contains(body, noDatabase) {
				t.Errorf("got %q, want that the database cannot be read", body)
			}
			for _, detail := range []string{"sql", "closed", w.Store.Path(), "alerter.db"} {
				if strings.Contains(body, detail) {
					t.Errorf("got %q, want nothing of %q in it", body, detail)
				}
			}
			if !strings.Contains(w.log.String(), "closed") {
				t.Errorf("got log %q, want the cause in it", w.log)
			}
		})
	}
}

func TestACallerThatHasGoneIsNoError(t *testing.T) {
	t.Parallel()
	w := filled(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, path := range readings {
		w.ask(request(path).WithContext(ctx))
	}
	if got := w.log.String(); got != "" {
		t.Errorf("got log %q, want nothing", got)
	}
}

func TestAnOverrideAboveTheOrganizationsLimitShowsTheLower(t *testing.T) {
	t.Parallel()
	w := filled(t)
	status := decoded[Status](t, w, "/api/v1/status")
	for _, s := range status.Series {
		if s.IDs.WorkspaceID != hostileW {
			continue
		}
		if s.Limit != 1000 || s.WorkspaceLimit != 2000 || s.OrganizationLimit != 1000 {
			t.Errorf("got limit %v, own %v, organization's %v; want 1000, 2000, 1000", s.Limit, s.WorkspaceLimit, s.OrganizationLimit)
		}
		return
	}
	t.Error("got no series of the workspace")
}

func TestOnlyTheLastDayOfEventsIsListed(t *testing.T) {
	t.Parallel()
	w := filled(t)
	got := decoded[struct{ Events []Event }](t, w, "/api/v1/events").Events
	if len(got) != 2 || got[0].At.Before(got[1].At) {
		t.Errorf("got %+v, want the two of the last day, newest first", got)
	}
}

func TestListsOfWhatHasHappenedAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.update(t, func(tx *store.Tx) error {
		var all []evaluate.Transition
		for i := range newest + 100 {
			all = append(all, evaluate.Transition{
				At: inside.Add(time.Duration(i-newest-100) * time.Second), Fingerprint: "0000000000000001",
				FromState: evaluate.Inactive, ToState: evaluate.Pending,
			})
		}
		return tx.PutTransitions(orgID, all)
	})
	got := decoded[struct{ Events []Event }](t, w, "/api/v1/events").Events
	if len(got) != newest || !got[0].At.Equal(inside.Add(-time.Second)) {
		t.Errorf("got %d events from %v, want the newest %d", len(got), got[0].At, newest)
	}
}

func TestLimitsThatEndedOrBeginLaterAreNotInForce(t *testing.T) {
	t.Parallel()
	limit := func(value int64, from, until time.Time) usage.Limit {
		return usage.Limit{GroupID: group, Limiter: usage.OutputTokens, Value: value, From: from, Until: until}
	}
	known := usage.Limits{Limits: []usage.Limit{
		limit(1, time.Time{}, inside), limit(2, inside, inside.Add(time.Hour)), limit(3, inside.Add(time.Hour), time.Time{}),
	}}
	var got []int64
	for _, l := range limitsOf(organization(), known, inside) {
		got = append(got, l.Value, *l.OrganizationValue)
	}
	if diff := cmp.Diff([]int64{2, 2}, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestTheWorstComesFirst(t *testing.T) {
	t.Parallel()
	w := filled(t)
	status := decoded[Status](t, w, "/api/v1/status")
	var alerts []evaluate.Fingerprint
	for _, a := range status.Alerts {
		alerts = append(alerts, a.Fingerprint)
	}
	want := []evaluate.Fingerprint{"00000000000000ff", "0000000000000001", "0000000000000002"}
	if diff := cmp.Diff(want, alerts); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
	var states []string
	for _, s := range status.Series {
		states = append(states, s.State)
	}
	if states[0] != "warning" || states[len(states)-1] != "unknown" {
		t.Errorf("got series in the states %v, want the warning first and the unknown last", states)
	}
}

func TestAlertsOfEqualSeverityGoByUtilization(t *testing.T) {
	t.Parallel()
	a := alert("a", "", evaluate.Firing, evaluate.Warning)
	b := alert("b", "", evaluate.Firing, evaluate.Warning)
	b.Reading.Utilization = 0.95
	c := b
	c.Fingerprint, c.Reading.Utilization = "c", evaluate.Unknown()
	for _, pair := range [][2]evaluate.Alert{{b, a}, {a, c}, {b, c}} {
		if graverFirst(pair[0], pair[1]) >= 0 || graverFirst(pair[1], pair[0]) <= 0 {
			t.Errorf("got %s not before %s", pair[0].Fingerprint, pair[1].Fingerprint)
		}
	}
}
