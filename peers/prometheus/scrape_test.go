package prometheus

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
	"alerter/web"
)

// hostile is a name with everything that the text format must escape, and more.
const hostile = "a\"b\\c\nd{e=\"f\"} # HELP <é> \u2028"

func TestPrometheusGivesNamesBackAsTheyWere(t *testing.T) {
	t.Parallel()
	binary := program(t, "/usr/bin/prometheus")
	target := serve(t)
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	text := fmt.Sprintf("scrape_configs: [{job_name: alerter, scrape_interval: 1s, static_configs: [{targets: [%q]}]}]\n", target)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	address := "127.0.0.1:" + freePort(t)
	start(t, binary, "--config.file="+config, "--web.listen-address="+address, "--storage.tsdb.path="+t.TempDir())
	await(t, "the first scrape", func() bool { return len(query(t, address, "up == 1")) == 1 })
	limits := query(t, address, "alerter_limit")
	if len(limits) != 1 {
		t.Fatalf("got %d limits, want one: %+v", len(limits), limits)
	}
	for label, want := range map[string]string{
		"workspace": hostile, "organization": hostile, "model_group": hostile, "limiter": "output_tokens_per_minute",
	} {
		if got := limits[0].Metric[label]; got != want {
			t.Errorf("got %s %q, want %q", label, got, want)
		}
	}
	if got := limits[0].Value[1]; got != "500" {
		t.Errorf("got %v, want 500", got)
	}
	if got := query(t, address, "alerter_usage_per_minute"); len(got) != 0 {
		t.Errorf("got %+v, want no sample of what is unknown", got)
	}
}

// serve serves a store with one limit, of a workspace with a name nobody should
// have chosen.
func serve(t *testing.T) (address string) {
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
	err = st.Update(t.Context(), func(tx *store.Tx) error {
		org := usage.Organization{ID: "org", Name: hostile, Workspaces: []usage.Workspace{{ID: "w", Name: hostile}}}
		if err := tx.PutOrganization(org, "acme", at); err != nil {
			return err
		}
		return tx.PutLimits("org", usage.Limits{
			Groups: map[string]usage.Group{"g": {ID: "g", Type: usage.ModelGroup, Name: hostile, Models: []string{"m"}}},
			Limits: []usage.Limit{{WorkspaceID: "w", GroupID: "g", Limiter: usage.OutputTokens, Value: 500, Assumed: true, ReadAt: at}},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	server := &web.Server{
		Store: st, Now: func() time.Time { return time.Now().UTC() },
		View:   func(evaluate.Alert, route.Standing) web.Alert { return web.Alert{} },
		Settle: func(string) time.Duration { return 5 * time.Minute },
	}
	listening := httptest.NewServer(server.Handler())
	t.Cleanup(listening.Close)
	return listening.Listener.Addr().String()
}

// sample is one answer of Prometheus' query API.
type sample struct {
	Metric map[string]string
	Value  [2]any // when, and what as text
}

// query asks Prometheus; nothing while it cannot answer.
func query(t *testing.T, address, expression string) []sample {
	t.Helper()
	text, ok := get(t, "http://"+address+"/api/v1/query?query="+url.QueryEscape(expression))
	if !ok {
		return nil
	}
	var answer struct{ Data struct{ Result []sample } }
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data.Result
}
