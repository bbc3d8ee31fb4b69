package config

import (
	"time"

	"alerter/evaluate"
	"alerter/notify"
)

// file is rules.yaml as it is written. Its tags are the keys; the descriptions
// are what an editor shows, and the JSON Schema is made from them.
type file struct {
	Organizations  []organizationKeys  `yaml:"organizations" jsonschema:"required,minItems=1" jsonschema_description:"The organizations to watch; at least one."`
	Schedule       scheduleKeys        `yaml:"schedule" jsonschema_description:"When the jobs run: five cron fields, or @every 1m."`
	Storage        storageKeys         `yaml:"storage" jsonschema_description:"Where minutes, limits and alerts are kept."`
	Rules          []ruleKeys          `yaml:"rules" jsonschema_description:"What to watch for. One rule is one kind: the key that is not a common one."`
	Route          *routeKeys          `yaml:"route" jsonschema_description:"Who hears of it, and when: Alertmanager's words. May be left out where there is one receiver."`
	TimeIntervals  []namedIntervalKeys `yaml:"time_intervals,omitempty" jsonschema_description:"Times that routes name to tell nothing, or only then; as in Alertmanager."`
	InhibitRules   []inhibitKeys       `yaml:"inhibit_rules,omitempty" jsonschema_description:"Alerts that are not told while another fires; as in Alertmanager."`
	SystemReceiver string              `yaml:"system_receiver" jsonschema_description:"Receives alerts about the service itself. Default: the root route's receiver."`
	Receivers      []receiverKeys      `yaml:"receivers" jsonschema:"required,minItems=1" jsonschema_description:"The places messages go to."`
	Web            webKeys             `yaml:"web" jsonschema_description:"The status page, health, metrics and JSON."`
	Heartbeat      heartbeatKeys       `yaml:"heartbeat" jsonschema_description:"An address told after each successful cycle, so that silence is noticed."`
}

type organizationKeys struct {
	Name         string            `yaml:"name,omitempty" jsonschema_description:"What the organization is called here. Default: its own name."`
	AdminKey     notify.Secret     `yaml:"admin_key,omitempty" jsonschema_description:"The Admin API key, best as ${ANTHROPIC_ADMIN_KEY}. This or admin_key_file."`
	AdminKeyFile string            `yaml:"admin_key_file,omitempty" jsonschema_description:"A file that holds the Admin API key. It is read at every use."`
	BaseURL      string            `yaml:"base_url" jsonschema:"default=https://api.anthropic.com" jsonschema_description:"Where the Admin API is. Plain http only for loopback addresses."`
	UsageSource  string            `yaml:"usage_source" jsonschema:"enum=auto,enum=analytics,enum=usage_report,default=auto" jsonschema_description:"The report usage is read from; auto takes analytics where the key may read it."`
	Settle       evaluate.Duration `yaml:"settle" jsonschema:"default=5m" jsonschema_description:"A minute counts as complete this long after its end."`
	Backfill     evaluate.Duration `yaml:"backfill" jsonschema:"default=24h" jsonschema_description:"How far back the first reading goes."`
}

type scheduleKeys struct {
	Usage       string `yaml:"usage" jsonschema:"default=@every 1m" jsonschema_description:"When usage is read and the rules are evaluated."`
	Limits      string `yaml:"limits" jsonschema:"default=@every 15m" jsonschema_description:"When the configured rate limits are read."`
	Attribution string `yaml:"attribution" jsonschema:"default=@every 5m" jsonschema_description:"When usage by API key is read, to name who uses a limit."`
	Digest      string `yaml:"digest" jsonschema:"default=0 9 * * 1-5" jsonschema_description:"When receivers with digest: true are told how their limits fared."`
	Timezone    string `yaml:"timezone" jsonschema:"default=UTC" jsonschema_description:"The clock that five-field schedules mean, such as Europe/Berlin."`
}

type storageKeys struct {
	Path      string            `yaml:"path" jsonschema:"default=data/alerter.db" jsonschema_description:"The database file, relative to the working directory."`
	Retention evaluate.Duration `yaml:"retention" jsonschema:"default=90d" jsonschema_description:"How long minutes and ended alerts are kept; at least 1d."`
}

type webKeys struct {
	Listen      string        `yaml:"listen" jsonschema:"default=127.0.0.1:9911" jsonschema_description:"host:port to serve on. Beyond loopback a token is needed."`
	ExternalURL string        `yaml:"external_url" jsonschema_description:"Where people reach the page; links in messages begin with it."`
	Token       notify.Secret `yaml:"token,omitempty" jsonschema_description:"Bearer token for calls that write. This or token_file."`
	TokenFile   string        `yaml:"token_file,omitempty" jsonschema_description:"A file that holds the token. It is read at every use."`
	TLS         tlsKeys       `yaml:"tls" jsonschema_description:"Serve HTTPS with this certificate."`
}

type tlsKeys struct {
	CertFile string `yaml:"cert_file" jsonschema_description:"The certificate and its chain, PEM."`
	KeyFile  string `yaml:"key_file" jsonschema_description:"The certificate's private key, PEM."`
}

type heartbeatKeys struct {
	URL     notify.Secret     `yaml:"url" jsonschema_description:"The address to tell, with GET; empty for none."`
	FailURL notify.Secret     `yaml:"fail_url,omitempty" jsonschema_description:"The address to tell, with GET, while cycles do not succeed, such as url with /fail behind it; empty for none."`
	Every   evaluate.Duration `yaml:"every" jsonschema:"default=1m" jsonschema_description:"At most this often; at least 1s."`
}

// defaults is a file that says nothing.
func defaults() *file {
	return &file{
		Schedule: scheduleKeys{
			Usage: "@every 1m", Limits: "@every 15m", Attribution: "@every 5m", Digest: "0 9 * * 1-5", Timezone: "UTC",
		},
		Storage:   storageKeys{Path: "data/alerter.db", Retention: days(90)},
		Web:       webKeys{Listen: "127.0.0.1:9911"},
		Heartbeat: heartbeatKeys{Every: evaluate.Duration(time.Minute)},
	}
}

// organizationDefaults is an organization of which only the key is known.
func organizationDefaults() organizationKeys {
	return organizationKeys{
		BaseURL:     "https://api.anthropic.com",
		UsageSource: "auto",
		Settle:      evaluate.Duration(5 * time.Minute),
		Backfill:    days(1),
	}
}

// days is a duration of whole days of 24 hours.
func days(n int) evaluate.Duration { return evaluate.Duration(time.Duration(n) * 24 * time.Hour) }
