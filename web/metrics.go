package web

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
)

// metrics is /metrics: the registry as it is, and the readings of the store, at
// most fresh old. They are in a registry of their own, so that the server's
// may be shared.
func (a *answers) metrics() http.Handler {
	own := prometheus.NewRegistry()
	own.MustRegister(&collector{answers: a})
	gatherers := prometheus.Gatherers{prometheus.GathererFunc(remembered(a.Now, own.Gather))}
	if a.Registry != nil {
		gatherers = append(gatherers, a.Registry)
	}
	return promhttp.HandlerFor(gatherers, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// collector turns what the service shows into metrics. What is unknown is
// absent: never zero or infinite.
type collector struct{ *answers }

// errNoDatabase fails a scrape as a whole, so that the `up` of everybody's
// monitoring says it. Metrics that are only missing would tell nobody.
var errNoDatabase = errors.New(noDatabase)

// Describe sends every metric's description.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range descriptions {
		ch <- d
	}
}

// Collect reads the store and sends every metric.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		m, err := prometheus.NewConstMetric(d, prometheus.GaugeValue, v, labels...)
		if err != nil {
			m = prometheus.NewInvalidMetric(d, err)
		}
		ch <- m
	}
	c.itself(gauge)
	st, err := c.status()
	if err == nil {
		err = errors.Join(c.outbox(gauge), c.silences(gauge))
	}
	if err != nil {
		c.Log.Error().Err(err).Msg("metrics not read")
		ch <- prometheus.NewInvalidMetric(usageDesc, errNoDatabase)
		return
	}
	collectOrganizations(st.Organizations, gauge)
	collectSeries(st.Series, gauge)
	collectAlerts(st.Alerts, gauge)
}

type gaugeFunc func(d *prometheus.Desc, v float64, labels ...string)

// itself is what needs no database: the build and the configuration.
func (c *collector) itself(gauge gaugeFunc) {
	gauge(buildDesc, 1, c.Version, c.Revision, runtime.Version())
	succeeded, at := c.state.last()
	gauge(reloadDesc, boolean(succeeded))
	gauge(reloadTimeDesc, seconds(at))
	if c.Config == nil {
		return
	}
	text, err := c.Config()
	if err != nil {
		c.Log.Warn().Err(err).Msg("configuration not hashed")
		return
	}
	// 48 bits, as in Alertmanager: what a float64 holds without loss.
	sum := sha256.Sum256(text)
	gauge(hashDesc, float64(binary.BigEndian.Uint64(sum[:8])>>16))
}

func (c *collector) outbox(gauge gaugeFunc) error {
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	return c.Store.View(ctx, func(tx *store.Tx) error {
		counts, err := tx.OutboxCounts()
		if err != nil {
			return err
		}
		gauge(outboxDesc, float64(counts.Waiting), string(store.MessageWaiting))
		gauge(outboxDesc, float64(counts.Sent), string(store.MessageSent))
		gauge(outboxDesc, float64(counts.Dead), string(store.MessageDead))
		gauge(outboxDesc, float64(counts.Superseded), string(store.MessageSuperseded))
		at := c.Now()
		oldest, due, err := tx.OldestDue(at)
		if err != nil {
			return err
		}
		age := 0.0
		if due {
			age = at.Sub(oldest).Seconds()
		}
		gauge(oldestDesc, age)
		return nil
	})
}

func (c *collector) silences(gauge gaugeFunc) error {
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	return c.Store.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Silences(time.Time{})
		if err != nil {
			return err
		}
		count := map[string]int{route.SilenceActive: 0, route.SilencePending: 0, route.SilenceExpired: 0}
		for _, s := range list {
			count[s.State(c.Now())]++
		}
		for state, n := range count {
			gauge(silencesDesc, float64(n), state)
		}
		return nil
	})
}

// collectOrganizations tells one line per name and source: two organizations of
// one name cannot be told apart here, and would fail the scrape.
func collectOrganizations(organizations []Organization, gauge gaugeFunc) {
	seen := map[[2]string]bool{}
	for _, o := range organizations {
		id := [2]string{o.Name, o.Source}
		if o.DataAsOf == nil || seen[id] {
			continue
		}
		seen[id] = true
		gauge(dataAsOfDesc, seconds(*o.DataAsOf), o.Name, o.Source)
		gauge(lagDesc, *o.LagSeconds, o.Name, o.Source)
	}
}

func collectSeries(series []Series, gauge gaugeFunc) {
	seen := map[Labels]bool{}
	for _, s := range series {
		if seen[s.Labels] {
			continue // two workspaces of one name: the worse one is first
		}
		seen[s.Labels] = true
		labels := []string{s.Labels.Organization, s.Labels.Workspace, s.Labels.ModelGroup, s.Labels.Limiter}
		for _, m := range []struct {
			desc  *prometheus.Desc
			value evaluate.Number
		}{
			{usageDesc, perMinute(s)}, {limitDesc, s.Limit}, {utilizationDesc, s.Utilization},
			{pressureDesc, s.Pressure}, {headroomDesc, s.Headroom},
		} {
			if m.value.Known() && !math.IsInf(float64(m.value), 0) {
				gauge(m.desc, float64(m.value), labels...)
			}
		}
		if s.Odds != nil {
			gauge(oddsDesc, s.Odds.Within15m, append(labels, "15m")...)
			gauge(oddsDesc, s.Odds.Within60m, append(labels, "60m")...)
		}
	}
}

// perMinute is what was used in a minute; unknown of a limit per day, whose use is of
// 24 hours.
func perMinute(s Series) evaluate.Number {
	if usage.Limiter(s.Labels.Limiter).Period() > time.Minute {
		return evaluate.Unknown()
	}
	return s.Used
}

func collectAlerts(alerts []Alert, gauge gaugeFunc) {
	count := map[[2]string]int{}
	for _, state := range []evaluate.State{evaluate.Pending, evaluate.Firing} {
		for _, severity := range evaluate.Severities {
			count[[2]string{string(state), string(severity)}] = 0
		}
	}
	for _, a := range alerts {
		count[[2]string{string(a.State), string(a.Severity)}]++
	}
	for k, n := range count {
		gauge(alertsDesc, float64(n), k[0], k[1])
	}
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
