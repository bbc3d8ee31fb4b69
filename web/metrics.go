package web

import (
	"context"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"alerter/evaluate"
	"alerter/store"
)

// collector reads what /metrics shows of the store, anew at each scrape. What is
// unknown is absent: never zero or infinite.
type collector struct{ server *Server }

// scrapeTime bounds what a scrape waits for the database.
const scrapeTime = 5 * time.Second

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var seriesLabels = []string{"organization", "workspace", "model_group", "limiter"}

var (
	usageDesc       = desc("alerter_usage_per_minute", "Used in the newest settled minute, in the limiter's own unit.", seriesLabels...)
	limitDesc       = desc("alerter_limit", "The limit in force, in the limiter's own unit.", seriesLabels...)
	utilizationDesc = desc("alerter_utilization_ratio", "Used of the limit, 0 to 1 and more.", seriesLabels...)
	pressureDesc    = desc("alerter_pressure_ratio", "The bucket-equivalent rate: the share of what the token bucket can take, 1 when it ran empty.", seriesLabels...)
	headroomDesc    = desc("alerter_headroom", "Limit less used, in the limiter's own unit.", seriesLabels...)
	dataAsOfDesc    = desc("alerter_data_as_of_timestamp_seconds", "End of the newest minute the report has shown.", "organization", "source")
	lagDesc         = desc("alerter_data_lag_seconds", "Age of the newest minute the report has shown.", "organization", "source")
	alertsDesc      = desc("alerter_alerts", "Alerts, by state and severity.", "state", "severity")
	outboxDesc      = desc("alerter_outbox_messages", "Messages in the outbox, by state.", "state")
	oldestDesc      = desc("alerter_outbox_oldest_pending_seconds", "How long the oldest message that is due has been due; 0 if none is.")
	buildDesc       = desc("alerter_build_info", "What this program was built from.", "version", "revision", "goversion")
	reloadDesc      = desc("alerter_config_last_reload_successful", "Whether the last reload of the configuration succeeded.")
	reloadTimeDesc  = desc("alerter_config_last_reload_success_timestamp_seconds", "When the configuration was last loaded.")
)

// Describe sends every metric's description.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		usageDesc, limitDesc, utilizationDesc, pressureDesc, headroomDesc, dataAsOfDesc, lagDesc,
		alertsDesc, outboxDesc, oldestDesc, buildDesc, reloadDesc, reloadTimeDesc,
	} {
		ch <- d
	}
}

// Collect reads the store and sends every metric.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	s := c.server
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(buildDesc, 1, s.Version, s.Revision, runtime.Version())
	ok, at := s.state.last()
	gauge(reloadDesc, boolean(ok))
	gauge(reloadTimeDesc, seconds(at))
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	st, err := s.look().Status(ctx, s.Now())
	if err == nil {
		err = c.outbox(ctx, gauge)
	}
	if err != nil {
		ch <- prometheus.NewInvalidMetric(usageDesc, err)
		return
	}
	collectSeries(st.Series, gauge)
	for _, o := range st.Organizations {
		if o.DataAsOf != nil {
			gauge(dataAsOfDesc, seconds(*o.DataAsOf), o.Name, o.Source)
			gauge(lagDesc, *o.LagSeconds, o.Name, o.Source)
		}
	}
	collectAlerts(st.Alerts, gauge)
}

type gaugeFunc func(d *prometheus.Desc, v float64, labels ...string)

func collectSeries(series []Series, gauge gaugeFunc) {
	seen := map[Labels]bool{}
	for _, s := range series {
		if seen[s.Labels] {
			continue // two workspaces of one name: the worse one is first
		}
		seen[s.Labels] = true
		for _, m := range []struct {
			desc  *prometheus.Desc
			value evaluate.Number
		}{
			{usageDesc, s.Used}, {limitDesc, s.Limit}, {utilizationDesc, s.Utilization},
			{pressureDesc, s.Pressure}, {headroomDesc, s.Headroom},
		} {
			if m.value.Known() {
				gauge(m.desc, float64(m.value), s.Labels.Organization, s.Labels.Workspace, s.Labels.ModelGroup, s.Labels.Limiter)
			}
		}
	}
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

func (c *collector) outbox(ctx context.Context, gauge gaugeFunc) error {
	return c.server.Store.View(ctx, func(tx *store.Tx) error {
		counts, err := tx.OutboxCounts()
		if err != nil {
			return err
		}
		gauge(outboxDesc, float64(counts.Waiting), string(store.MessageWaiting))
		gauge(outboxDesc, float64(counts.Sent), string(store.MessageSent))
		gauge(outboxDesc, float64(counts.Dead), string(store.MessageDead))
		gauge(outboxDesc, float64(counts.Superseded), string(store.MessageSuperseded))
		at := c.server.Now()
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

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
