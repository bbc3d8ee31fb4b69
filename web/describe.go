package web

import "github.com/prometheus/client_golang/prometheus"

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var seriesLabels = []string{"organization", "workspace", "model_group", "limiter"}

var (
	usageDesc       = desc("alerter_usage_per_minute", "Used in the newest settled minute, in the limiter's own unit. Not of tokens_per_day, of which alerter_limit less alerter_headroom is used in 24 hours.", seriesLabels...)
	limitDesc       = desc("alerter_limit", "The limit in force, in the limiter's own unit; the lower of a workspace's and the organization's.", seriesLabels...)
	utilizationDesc = desc("alerter_utilization_ratio", "Used of the limit in the newest settled minute: 1 is the limit.", seriesLabels...)
	pressureDesc    = desc("alerter_pressure_ratio", "Share of what the limit's token bucket can take: 1 when it ran empty.", seriesLabels...)
	headroomDesc    = desc("alerter_headroom", "Limit less used, in the limiter's own unit; below zero when more was used.", seriesLabels...)
	oddsDesc        = desc("alerter_limit_odds_ratio", "Share of counted cases in which the limit was reached within the time: after such warnings of its own, else after such a pressure on recorded traffic.", append(seriesLabels[:4:4], "within")...)
	dataAsOfDesc    = desc("alerter_data_as_of_timestamp_seconds", "End of the newest minute that the report has shown.", "organization", "source")
	lagDesc         = desc("alerter_data_lag_seconds", "Age of the newest minute that the report has shown.", "organization", "source")
	alertsDesc      = desc("alerter_alerts", "Alerts, by state and severity.", "state", "severity")
	silencesDesc    = desc("alerter_silences", "Silences that are remembered, by state.", "state")
	outboxDesc      = desc("alerter_outbox_messages", "Messages in the outbox, by state.", "state")
	oldestDesc      = desc("alerter_outbox_oldest_pending_seconds", "How long the message that has been due for longest is due; 0 when none is.")
	buildDesc       = desc("alerter_build_info", "What this program was built from; always 1.", "version", "revision", "goversion")
	reloadDesc      = desc("alerter_config_last_reload_successful", "Whether the last load of the configuration succeeded: 1 or 0.")
	reloadTimeDesc  = desc("alerter_config_last_reload_success_timestamp_seconds", "When the configuration in force was loaded.")
	hashDesc        = desc("alerter_config_hash", "Hash of the configuration in force, without its secrets: equal where the configuration is equal.")
)

// descriptions are every metric of the collector.
var descriptions = []*prometheus.Desc{
	usageDesc, limitDesc, utilizationDesc, pressureDesc, headroomDesc, oddsDesc, dataAsOfDesc, lagDesc,
	alertsDesc, silencesDesc, outboxDesc, oldestDesc, buildDesc, reloadDesc, reloadTimeDesc, hashDesc,
}
