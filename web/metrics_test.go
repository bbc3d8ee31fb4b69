package web

import (
	"math"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"alerter/evaluate"
	"alerter/store"
	"alerter/usage"
)

// checkMetric compares one metric, named with its labels.
func checkMetric(t *testing.T, w *world, name, want string) {
	t.Helper()
	text := w.body(t, "/metrics")
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+" "); ok {
			if value != want {
				t.Errorf("got %s %s, want %s", name, value, want)
			}
			return
		}
	}
	t.Errorf("got no %s in\n%s", name, text)
}

// toolchain is the one part of the metrics that changes with the machine.
var toolchain = regexp.MustCompile(`goversion="[^"]*"`)

func TestMetricsAreAsDocumented(t *testing.T) {
	t.Parallel()
	w := filled(t)
	golden(t, "metrics.txt", toolchain.ReplaceAllString(w.body(t, "/metrics"), `goversion="go"`))
}

// metricName is a metric's name in the text of its description.
var metricName = regexp.MustCompile(`fqName: "([^"]+)"`)

func TestOperatingNamesEveryMetricOfTheStore(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range descriptions {
		if name := metricName.FindStringSubmatch(d.String())[1]; !regexp.MustCompile("`" + name + "[`{]").Match(b) {
			t.Errorf("docs/operating.md does not name %s", name)
		}
	}
}

func TestUnknownIsAnAbsentSample(t *testing.T) {
	t.Parallel()
	w := filled(t)
	for line := range strings.Lines(w.body(t, "/metrics")) {
		if strings.Contains(line, "NaN") || strings.Contains(line, "Inf") {
			t.Errorf("got %s, want no sample that is not a number", line)
		}
	}
	var told []string
	collectSeries([]Series{{
		Labels: Labels{Limiter: "x"}, Used: 5, Limit: 0, Utilization: evaluate.Number(math.Inf(1)),
		Pressure: evaluate.Unknown(), Headroom: -5,
	}}, func(d *prometheus.Desc, _ float64, _ ...string) { told = append(told, d.String()) })
	if len(told) != 3 {
		t.Errorf("got %v, want used, limit and headroom alone", told)
	}
}

func TestWhatADayHasUsedIsNotAMinutesUse(t *testing.T) {
	t.Parallel()
	var told []string
	collectSeries([]Series{{Labels: Labels{Limiter: string(usage.TokensPerDay)}, Used: 5, Limit: 10, Headroom: 5, Utilization: 0.5, Pressure: 0.5}},
		func(d *prometheus.Desc, _ float64, _ ...string) { told = append(told, d.String()) })
	if len(told) != 4 || strings.Contains(strings.Join(told, " "), "usage_per_minute") {
		t.Errorf("got %v, want all but the use per minute", told)
	}
}

func TestAnEmptyDatabaseHasMetricsOfTheServiceItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	checkMetric(t, w, `alerter_alerts{severity="critical",state="firing"}`, "0")
	checkMetric(t, w, `alerter_outbox_messages{state="waiting"}`, "0")
	checkMetric(t, w, "alerter_outbox_oldest_pending_seconds", "0")
	if text := w.body(t, "/metrics"); strings.Contains(text, "alerter_usage_per_minute") || strings.Contains(text, "alerter_data_lag_seconds") {
		t.Errorf("got usage or lag of nobody in\n%s", text)
	}
}

func TestNamesThatAreTheSameDoNotFailTheScrape(t *testing.T) {
	t.Parallel()
	w := filled(t)
	w.update(t, func(tx *store.Tx) error {
		twin := usage.Organization{ID: "other", Name: "acme"}
		if err := tx.PutOrganization(twin, "twin", inside); err != nil {
			return err
		}
		if err := tx.PutSource(usage.Source{OrganizationID: "other", Organization: "acme", Kind: usage.SourceAnalytics, Since: inside}); err != nil {
			return err
		}
		_, err := tx.PutMinutes("other", []usage.Minute{{
			Start: inside.Truncate(time.Minute).Add(-9 * time.Minute), ReadAt: inside, Source: usage.SourceAnalytics,
			Buckets: []usage.Bucket{{Of: &usage.Combination{Model: "m"}, Counts: usage.Counts{Output: 1}}},
		}})
		if err != nil {
			return err
		}
		org := organization()
		org.Workspaces = []usage.Workspace{{ID: hostileW, Name: "same"}, {ID: idle, Name: "same"}}
		return tx.PutOrganization(org, "acme", inside)
	})
	text := w.body(t, "/metrics")
	if got := strings.Count(text, `limiter="output_tokens_per_minute",model_group="Claude Opus 5",organization="acme",workspace="same"} 1000`); got != 1 {
		t.Errorf("got %d samples of the limit of the two workspaces, want that of the worse one", got)
	}
	if got := strings.Count(text, "\nalerter_data_lag_seconds{"); got != 1 {
		t.Errorf("got %d lags, want one", got)
	}
}

func TestTheRegistryIsShownBesideTheStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jobs := prometheus.NewCounter(prometheus.CounterOpts{Name: "alerter_jobs_total", Help: "Jobs."})
	w.Registry.MustRegister(jobs)
	jobs.Inc()
	checkMetric(t, w, "alerter_jobs_total", "1")
	jobs.Inc() // counters are not remembered
	checkMetric(t, w, "alerter_jobs_total", "2")
	w.Registry = nil
	w.handler = w.Handler()
	if text := w.body(t, "/metrics"); strings.Contains(text, "alerter_jobs_total") || !strings.Contains(text, "alerter_build_info") {
		t.Errorf("got %s, want the store's own metrics alone", text)
	}
}

func TestTheHashChangesWithTheConfiguration(t *testing.T) {
	t.Parallel()
	hash := func(config func() ([]byte, error)) string {
		w := newWorld(t)
		w.Config = config
		for line := range strings.Lines(w.body(t, "/metrics")) {
			if value, ok := strings.CutPrefix(line, "alerter_config_hash "); ok {
				return value
			}
		}
		return ""
	}
	text := func(s string) func() ([]byte, error) { return func() ([]byte, error) { return []byte(s), nil } }
	if a, b := hash(text("a")), hash(text("a")); a == "" || a != b {
		t.Errorf("got hashes %q and %q of the same, want one", a, b)
	}
	if a, b := hash(text("a")), hash(text("b")); a == b {
		t.Errorf("got hash %q of both, want two", a)
	}
	if got := hash(nil); got != "" {
		t.Errorf("got hash %q without a configuration, want none", got)
	}
	if got := hash(func() ([]byte, error) { return nil, errBoom }); got != "" {
		t.Errorf("got hash %q of a configuration that cannot be shown, want none", got)
	}
}

func TestALabelThatIsNoTextFailsTheScrapeAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Version = "\xff"
	w.handler = w.Handler()
	if got := w.ask(request("/metrics")).Code; got != http.StatusInternalServerError {
		t.Errorf("got %d, want 500", got)
	}
}

func TestOpenMetricsAreSpokenToThoseWhoAsk(t *testing.T) {
	t.Parallel()
	w := filled(t)
	answer := w.ask(request("/metrics", header("Accept", "application/openmetrics-text; version=1.0.0")))
	if got := answer.Body.String(); !strings.HasSuffix(got, "# EOF\n") {
		t.Errorf("got no OpenMetrics end in\n%s", got)
	}
}
