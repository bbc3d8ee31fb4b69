package worker

import (
	"time"

	"github.com/robfig/cron/v3"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/route"
)

// Plan is what to do, as the configuration says. It is replaced as a whole.
type Plan struct {
	Organizations []Organization
	Rules         []evaluate.Rule // applied to the store when the plan begins
	RulesFile     string          // where they were read from, for people
	Tree          route.Tree
	Receivers     notify.Receivers
	Paces         map[string]float64 // messages per second by receiver; absent or 0: unbounded
	Digests       []string           // receivers that want digests
	Schedule      Schedule
	Retention     time.Duration
	Heartbeat     Heartbeat
	ExternalURL   string
}

// Organization is one organization to watch.
type Organization struct {
	Slot     string // its identity in the configuration, before its id is known
	Name     string // the name in rules.yaml; empty: the API's own is used
	Source   Source
	Mode     string // usage_source: auto, analytics or usage_report
	Settle   time.Duration
	Backfill time.Duration
}

// Schedule says when the jobs with a time of their own in rules.yaml run.
type Schedule struct {
	Usage, Limits, Attribution cron.Schedule
	Digest                     cron.Schedule // only needed with Digests
	Location                   *time.Location
}

// Heartbeat is pinged after each good cycle, so that a dead-man's switch
// notices when the cycles end. An empty URL pings nobody.
type Heartbeat struct {
	URL     string
	FailURL string // pinged instead while the cycles are not good; empty: nobody is
	Every   time.Duration
}
