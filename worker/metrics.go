package worker

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"alerter/notify"
	"alerter/notify/route"
)

// Metrics counts what the jobs do. Names and labels mirror Alertmanager's where
// it has the like, so that dashboards and alerts translate.
type Metrics struct {
	notifications *prometheus.CounterVec
	failed        *prometheus.CounterVec
	latency       *prometheus.HistogramVec
	suppress      *prometheus.CounterVec
	requests      *prometheus.CounterVec
	requestTook   *prometheus.HistogramVec
	evaluation    *prometheus.HistogramVec
	lastSuccess   *prometheus.GaugeVec
	jobFailures   *prometheus.CounterVec
	evalFailures  *prometheus.CounterVec
}

// NewMetrics makes a set of its own, registered nowhere yet.
func NewMetrics() *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: prometheus.DefBuckets}, labels)
	}
	m := &Metrics{
		notifications: counter("alerter_notifications_total", "Attempts to send a message.", "integration", "receiver"),
		failed:        counter("alerter_notifications_failed_total", "Attempts that did not succeed, by reason.", "integration", "reason"),
		latency:       histogram("alerter_notification_latency_seconds", "Time one attempt took.", "integration"),
		suppress:      counter("alerter_notifications_suppressed_total", "Changes that were not sent, by reason.", "reason"),
		requests:      counter("alerter_api_requests_total", "Calls of the Admin API, by endpoint and status code (0: no answer).", "endpoint", "code"),
		requestTook:   histogram("alerter_api_request_duration_seconds", "Time a call of the Admin API took.", "endpoint"),
		evaluation:    histogram("alerter_evaluation_duration_seconds", "Time a tick took, reading included.", "organization"),
		lastSuccess: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "alerter_evaluation_last_success_timestamp_seconds", Help: "When the last tick was stored.",
		}, []string{"organization"}),
		jobFailures:  counter("alerter_job_failures_total", "Job runs that did not succeed.", "job"),
		evalFailures: counter("alerter_evaluation_failures_total", "Ticks that did not succeed, a failed read included."),
	}
	m.evalFailures.WithLabelValues() // there from the start, at zero
	return m
}

// Collectors are what to register.
func (m *Metrics) Collectors() []prometheus.Collector {
	return []prometheus.Collector{
		m.notifications, m.failed, m.latency, m.suppress, m.requests, m.requestTook,
		m.evaluation, m.lastSuccess, m.jobFailures, m.evalFailures,
	}
}

// Request counts one call of the Admin API; code 0 is a call without an answer.
func (m *Metrics) Request(endpoint string, code int, took time.Duration) {
	m.requests.WithLabelValues(endpoint, strconv.Itoa(code)).Inc()
	m.requestTook.WithLabelValues(endpoint).Observe(took.Seconds())
}

func (m *Metrics) ran(job string, err error) {
	if err == nil {
		return
	}
	m.jobFailures.WithLabelValues(job).Inc()
	if job == usageJob {
		m.evalFailures.WithLabelValues().Inc()
	}
}

func (m *Metrics) ticked(organization string, at time.Time, took time.Duration) {
	m.evaluation.WithLabelValues(organization).Observe(took.Seconds())
	m.lastSuccess.WithLabelValues(organization).Set(float64(at.UnixMilli()) / 1000)
}

func (m *Metrics) delivered(kind, receiver string, took time.Duration, err error) {
	m.notifications.WithLabelValues(kind, receiver).Inc()
	m.latency.WithLabelValues(kind).Observe(took.Seconds())
	if err != nil {
		m.failed.WithLabelValues(kind, notify.ReasonOf(err)).Inc()
	}
}

// expect makes the counters of the receivers exist: from zero, so that a rate over
// them sees the first failure. Those that exist go on.
func (m *Metrics) expect(receivers notify.Receivers) {
	for name, r := range receivers {
		m.notifications.WithLabelValues(r.Kind, name)
		m.latency.WithLabelValues(r.Kind)
		for _, reason := range notify.Reasons() {
			m.failed.WithLabelValues(r.Kind, reason)
		}
	}
}

// forget ends the counters of receivers that there were before and are not now, and
// those of kinds that no receiver has any more.
func (m *Metrics) forget(before, now notify.Receivers) {
	kept := map[string]bool{}
	for _, r := range now {
		kept[r.Kind] = true
	}
	for name, r := range before {
		if now.Kind(name) != r.Kind {
			m.notifications.DeleteLabelValues(r.Kind, name)
		}
		if !kept[r.Kind] {
			m.latency.DeleteLabelValues(r.Kind)
			m.failed.DeletePartialMatch(prometheus.Labels{"integration": r.Kind})
		}
	}
}

func (m *Metrics) suppressed(list []route.Suppression) {
	for _, s := range list {
		m.suppress.WithLabelValues(s.Reason).Inc()
	}
}
