package prometheus

import (
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
	"alerter/web"
)

func TestAmtoolReadsAlertsAndWritesSilences(t *testing.T) {
	t.Parallel()
	binary := program(t, "/usr/bin/amtool")
	address := serveAlert(t)
	amtool := func(args ...string) string {
		t.Helper()
		var said strings.Builder // such as that the versions differ
		cmd := exec.CommandContext(t.Context(), binary, append([]string{"--alertmanager.url=http://" + address}, args...)...)
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("amtool %s: %v\n%s%s", strings.Join(args, " "), err, out, said.String())
		}
		return strings.TrimSpace(string(out))
	}
	if got := amtool("alert", "query"); !strings.Contains(got, "LimitPressure") || !strings.Contains(got, "active") {
		t.Errorf("got %q, want the active alert", got)
	}
	id := amtool("silence", "add", "alertname=LimitPressure", "--duration=1h", "--author=anna", "--comment=load test")
	if got := amtool("silence", "query"); !strings.Contains(got, id) || !strings.Contains(got, "load test") {
		t.Errorf("got %q, want silence %s", got, id)
	}
	if got := amtool("alert", "query", "alertname=LimitPressure"); strings.Contains(got, "LimitPressure") {
		t.Errorf("got %q, want no alert that is not silenced", got)
	}
	amtool("silence", "expire", id)
	if got := amtool("silence", "query"); strings.Contains(got, id) {
		t.Errorf("got %q, want no silence any more", got)
	}
	if got := amtool("alert", "query", "--receiver=team"); !strings.Contains(got, "LimitPressure") {
		t.Errorf("got %q, want the alert that team is told of", got)
	}
	if got := amtool("alert", "query", "--receiver=tea"); strings.Contains(got, "LimitPressure") {
		t.Errorf("got %q, want nothing: no receiver has all of that name", got)
	}
	for flag, want := range map[string]string{"--inhibited": "HighUtilization", "--active": "LimitPressure", "--silenced": "", "--unprocessed": ""} {
		got := amtool("alert", "query", flag, "-o", "simple")
		for _, name := range []string{"LimitPressure", "HighUtilization"} {
			if strings.Contains(got, name) != (name == want) {
				t.Errorf("%s: got %q, want %q and nothing else", flag, got, want)
			}
		}
	}
	if got := amtool("alert", "query", "-o", "json", "--inhibited"); !strings.Contains(got, `"inhibitedBy":["5f0c8a7d21b3e946"]`) {
		t.Errorf("got %q, want which alert inhibits it", got)
	}
	if got := amtool("cluster", "show"); !strings.Contains(got, "disabled") {
		t.Errorf("got %q, want a cluster that is disabled", got)
	}
}

// serveAlert serves a store with an alert that fires, and one that it inhibits.
func serveAlert(t *testing.T) (address string) {
	t.Helper()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "alerter.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	a := evaluate.Alert{
		Fingerprint: "5f0c8a7d21b3e946", Rule: "LimitPressure", Kind: "pressure",
		State: evaluate.Firing, Severity: evaluate.Warning, Worst: evaluate.Warning, FiredAt: time.Now().UTC(),
	}
	b := a
	b.Fingerprint, b.Rule = "9e1d44c0a7b25f38", "HighUtilization"
	if err := st.Update(t.Context(), func(tx *store.Tx) error { return tx.PutAlerts([]evaluate.Alert{a, b}) }); err != nil {
		t.Fatal(err)
	}
	server := &web.Server{
		Store: st, Log: zerolog.Nop(), Now: func() time.Time { return time.Now().UTC() }, Version: "1.2.3",
		Token: func() (string, error) { return "", nil },
		Routes: func() route.Tree {
			return route.Tree{Root: &route.Node{Receiver: "team"}, Order: []string{"team"}, Inhibit: []route.InhibitRule{{
				Source: []route.Matcher{{Name: "alertname", Op: "=", Value: "LimitPressure"}}, Target: []route.Matcher{{Name: "alertname", Op: "=", Value: "HighUtilization"}},
			}}}
		},
		View: func(a evaluate.Alert, _ route.Standing) web.Alert {
			return web.Alert{Labels: route.Labels(a), Annotations: map[string]string{"summary": "near the limit"}}
		},
	}
	listening := httptest.NewServer(server.Handler())
	t.Cleanup(listening.Close)
	return listening.Listener.Addr().String()
}
