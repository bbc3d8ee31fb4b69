package worker

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"alerter/notify"
	"alerter/notify/route"
)

// metricsOf reads counters, gauges and the counts of histograms.
func metricsOf(t *testing.T, r *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			slices.Sort(labels)
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			all[fmt.Sprint(f.GetName(), labels)] = value
		}
	}
	return all
}

func TestOperatingNamesEveryMetricOfTheJobs(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`fqName: "([^"]+)"`)
	for _, c := range NewMetrics().Collectors() {
		described := make(chan *prometheus.Desc, 1)
		c.Describe(described)
		if name := name.FindStringSubmatch((<-described).String())[1]; !regexp.MustCompile("`" + name + "[`{]").Match(b) {
			t.Errorf("docs/operating.md does not name %s", name)
		}
	}
}

func TestTheMetricsMove(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Tree.Receivers["team"] = route.ReceiverOptions{}
	d.worker.Metrics = NewMetrics()
	d.ready()
	registry := prometheus.NewRegistry()
	registry.MustRegister(d.worker.Metrics.Collectors()...)
	if got := metricsOf(t, registry)["alerter_evaluation_failures_total[]"]; got != 0 {
		t.Errorf("got %f failures before the first tick, want 0", got)
	}
	d.must(limitsJob, 0)
	d.box["team"].fail = func(n int) error {
		if n == 1 {
			return errors.New("no answer")
		}
		return nil
	}
	for range 60 {
		d.minutes(c, 0, 1)
		d.deliver(c)
	}
	d.sources[0].breaks(errors.New("no answer"), "read analytics")
	c.pass(time.Minute)
	_ = d.do(usageJob, 0)
	d.worker.Metrics.Request("analytics_usage", 200, time.Second)
	got := metricsOf(t, registry)
	maps.DeleteFunc(got, func(name string, value float64) bool {
		return value == 0 && strings.HasPrefix(name, "alerter_notifications_")
	})
	want := map[string]float64{
		"alerter_notifications_total[integration=webhook receiver=team]":       2,
		"alerter_notifications_failed_total[integration=webhook reason=other]": 1,
		"alerter_notification_latency_seconds[integration=webhook]":            2,
		"alerter_notifications_suppressed_total[reason=send_resolved]":         1,
		"alerter_evaluation_duration_seconds[organization=acme]":               61,
		"alerter_evaluation_last_success_timestamp_seconds[organization=acme]": float64(c.now().Unix()),
		"alerter_evaluation_failures_total[]":                                  1,
		"alerter_job_failures_total[job=usage]":                                1,
		"alerter_api_requests_total[code=200 endpoint=analytics_usage]":        1,
		"alerter_api_request_duration_seconds[endpoint=analytics_usage]":       1,
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %v, want %v", name, got[name], value)
		}
		delete(got, name)
	}
	for name := range got {
		if !slices.Contains([]string{"alerter_notifications_suppressed_total[reason=notify_info]", "alerter_notifications_suppressed_total[reason=notify_eased]"}, name) {
			t.Errorf("there is a metric %s too", name)
		}
	}
}

func TestTheCountersOfReceiversExistFromTheStartAndOutliveAReload(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.worker.Metrics = NewMetrics()
	d.plan.Receivers["chat"] = notify.Receiver{Kind: "slack", Channel: d.box["pager"]}
	d.ready()
	registry := prometheus.NewRegistry()
	registry.MustRegister(d.worker.Metrics.Collectors()...)
	counters := func() map[string]float64 {
		got := metricsOf(t, registry)
		maps.DeleteFunc(got, func(name string, _ float64) bool {
			return !strings.HasPrefix(name, "alerter_notification") || strings.Contains(name, "failed") && !strings.Contains(name, "reason=other")
		})
		return got
	}
	if got, want := len(metricsOf(t, registry)), 1+3+2+2*len(notify.Reasons()); got != want {
		t.Errorf("got %d counters, want %d: one of each receiver, and of each kind one for every reason", got, want)
	}
	want := map[string]float64{
		"alerter_notifications_total[integration=webhook receiver=team]":       0,
		"alerter_notifications_total[integration=webhook receiver=pager]":      0,
		"alerter_notifications_total[integration=slack receiver=chat]":         0,
		"alerter_notifications_failed_total[integration=webhook reason=other]": 0,
		"alerter_notifications_failed_total[integration=slack reason=other]":   0,
		"alerter_notification_latency_seconds[integration=webhook]":            0,
		"alerter_notification_latency_seconds[integration=slack]":              0,
	}
	if diff := cmp.Diff(want, counters()); diff != "" {
		t.Errorf("at the start (-want +got):\n%s", diff)
	}
	d.worker.Metrics.delivered("webhook", "team", time.Second, errors.New("no answer"))
	d.worker.Metrics.delivered("webhook", "pager", time.Second, nil)
	d.plan.Receivers = notify.Receivers{"team": d.plan.Receivers["team"], "new": {Kind: "webhook", Channel: d.box["pager"]}}
	d.apply()
	want = map[string]float64{
		"alerter_notifications_total[integration=webhook receiver=team]":       1,
		"alerter_notifications_total[integration=webhook receiver=new]":        0,
		"alerter_notifications_failed_total[integration=webhook reason=other]": 1,
		"alerter_notification_latency_seconds[integration=webhook]":            2,
	}
	if diff := cmp.Diff(want, counters()); diff != "" {
		t.Errorf("after a reload (-want +got):\n%s", diff)
	}
}
