package browser

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
	"alerter/web"
)

// hostile is a name that is long, has no space, and would like to be a script.
var hostile = `<script>alert(1)</script>"onload="` + strings.Repeat("x", 120)

func TestNamesNobodyShouldHaveChosenAreOnlyShown(t *testing.T) {
	t.Parallel()
	installed(t)
	b := open(t)
	do(t, b, chromedp.Navigate(serve(t)))
	if got := look[string](t, b, `document.querySelector('tbody td.where').innerText`); got != hostile {
		t.Errorf("got workspace %q, want %q", got, hostile)
	}
	for name, width := range map[string]int64{"phone": 375, "small laptop": 1024, "desk": 1300} {
		t.Run(name, func(t *testing.T) {
			do(t, b, chromedp.EmulateViewport(width, 800))
			b.wear(t, "light")
			b.readable(t, "light")
			b.keep(t)
		})
	}
	if got := b.trouble(); len(got) > 0 {
		t.Errorf("got problems in the browser's log: %q", got)
	}
}

// serve serves a store in which everything that can have a name has that one,
// with an alert about it.
func serve(t *testing.T) (page string) {
	t.Helper()
	at := time.Now().UTC()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "alerter.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := st.Update(t.Context(), func(tx *store.Tx) error { return fill(tx, at) }); err != nil {
		t.Fatal(err)
	}
	server := &web.Server{
		Store: st, Now: func() time.Time { return time.Now().UTC() }, Version: "peers",
		View: func(a evaluate.Alert, _ route.Standing) web.Alert {
			return web.Alert{
				Labels: map[string]string{"alertname": a.Rule}, State: a.State, Severity: a.Severity, FiredAt: &a.FiredAt,
				Annotations: map[string]string{"summary": hostile, "description": hostile, "advice": hostile, "top_consumers": hostile},
			}
		},
		Settle: func(string) time.Duration { return 5 * time.Minute },
	}
	listening := httptest.NewServer(server.Handler())
	t.Cleanup(listening.Close)
	return listening.URL + "/"
}

func fill(tx *store.Tx, at time.Time) error {
	org := usage.Organization{ID: "org", Name: hostile, Workspaces: []usage.Workspace{{ID: "w", Name: hostile}}}
	if err := tx.PutOrganization(org, "acme", at); err != nil {
		return err
	}
	source := usage.Source{OrganizationID: "org", Organization: hostile, Kind: usage.SourceAnalytics, Why: hostile, Since: at, Problem: hostile}
	if err := tx.PutSource(source); err != nil {
		return err
	}
	limit := func(limiter usage.Limiter) usage.Limit {
		return usage.Limit{WorkspaceID: "w", GroupID: "g", Limiter: limiter, Value: 500, Assumed: true, ReadAt: at}
	}
	err := tx.PutLimits("org", usage.Limits{
		Groups: map[string]usage.Group{"g": {ID: "g", Type: usage.ModelGroup, Name: hostile, Models: []string{"m"}}},
		Limits: []usage.Limit{limit(usage.OutputTokens), limit(usage.Limiter(hostile))},
	})
	if err != nil {
		return err
	}
	return tx.PutAlerts([]evaluate.Alert{{
		Fingerprint: "0000000000000001", Rule: hostile, Kind: "pressure", State: evaluate.Firing, Severity: evaluate.Critical,
		Worst: evaluate.Critical, FiredAt: at, PendingAt: at, SteppedAt: at,
		Subject: evaluate.Subject{ID: usage.ID{OrganizationID: "org", WorkspaceID: "w", GroupID: "g", Limiter: usage.OutputTokens}},
	}})
}
