package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Channel delivers messages to one receiver.
type Channel interface {
	// Send delivers m, or reports why not. An error is retried unless it is
	// [Permanent]. Send may be called again with a message it delivered before.
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Settings is one receiver's part of the configuration, not yet decoded.
type Settings interface {
	// Decode fills the kind's settings struct and refuses unknown keys.
	Decode(into any) error
}

// Env is what channels take from the program around them.
type Env struct {
	// Transport carries HTTP requests; nil: one of the channel's own, which is
	// the only way to have addresses checked at the time of dialling.
	Transport http.RoundTripper
	// Now tells the time of an attempt (webhook-timestamp, Date, Retry-After as a date). Required.
	Now func() time.Time
	// Out is where the console channel prints. Required for it.
	Out io.Writer
	// Colour lets the console colour its titles.
	Colour bool
	// Columns is how wide the terminal is that the console prints on; 0: it is none, and
	// nothing is wrapped.
	Columns int
	// ExternalURL is the service's own page, used for names in mail headers; may be empty.
	ExternalURL string
	// Version goes into User-Agent; empty: "dev".
	Version string
}

// userAgent is the name requests and mails carry.
func (e Env) userAgent() string {
	if e.Version == "" {
		return "alerter/dev"
	}
	return "alerter/" + e.Version
}

// settings is what the settings struct of every kind can do.
type settings interface {
	// check reports every mistake that can be seen without the network, joined.
	check() error
	// warnings lists what is allowed and still worth a second thought.
	warnings() []string
	// open makes the channel of checked settings.
	open(Env) Channel
}

// kind is one sort of channel.
type kind struct {
	settings func() settings // a pointer to a zero settings struct
	pace     float64         // messages per second the provider documents; 0: unbounded
	chart    bool            // shows a message's chart
	summary  bool            // takes one message about many cards: it keeps no incident for each alert
}

// kinds lists every channel there is. A new one is a file and a line here.
var kinds = map[string]kind{
	"alertmanager": {settings: func() settings { return new(AlertmanagerSettings) }},
	"console":      {settings: func() settings { return new(ConsoleSettings) }, summary: true},
	"discord":      {settings: func() settings { return new(DiscordSettings) }, pace: 0.5, summary: true}, // 30 a minute and webhook
	"email":        {settings: func() settings { return new(EmailSettings) }, chart: true, summary: true},
	"jsm":          {settings: func() settings { return new(JSMSettings) }},
	"ntfy":         {settings: func() settings { return new(NtfySettings) }, pace: 0.2, summary: true},             // https://docs.ntfy.sh/publish/#limitations: one in 5 s, once the burst is used up
	"pagerduty":    {settings: func() settings { return new(PagerDutySettings) }, pace: 2},                         // https://developer.pagerduty.com/docs/events-api-v2-overview#rate-limits
	"slack":        {settings: func() settings { return new(SlackSettings) }, pace: 1, chart: true, summary: true}, // https://docs.slack.dev/apis/web-api/rate-limits
	"teams":        {settings: func() settings { return new(TeamsSettings) }, pace: 4, summary: true},              // https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#rate-limiting-for-connectors
	"telegram":     {settings: func() settings { return new(TelegramSettings) }, pace: 0.33, summary: true},        // https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: 20 a minute in a group
	"webhook":      {settings: func() settings { return new(WebhookSettings) }, summary: true},
}

// Kinds lists the names of all channels, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

// SettingsOf returns a pointer to the zero settings struct of a kind, for a
// schema of the configuration; nil for an unknown kind.
func SettingsOf(kind string) any {
	k, ok := kinds[kind]
	if !ok {
		return nil
	}
	return k.settings()
}

// Pace is how many messages per second a receiver of this kind takes, as its
// provider documents it; 0 is unbounded.
func Pace(kind string) float64 { return kinds[kind].pace }

// New makes a channel of a kind from its settings. It opens nothing: the first
// connection is made by Send.
func New(kind string, s Settings, env Env) (Channel, error) {
	if env.Now == nil {
		return nil, errors.New("make channel: Env.Now is missing")
	}
	set, err := decode(kind, s)
	if err != nil {
		return nil, err
	}
	return set.open(env), nil
}

// Check reports everything wrong with a receiver's settings that can be seen
// without the network and without reading secret files.
func Check(kind string, s Settings) error {
	_, err := decode(kind, s)
	return err
}

// Warnings lists what is allowed in a receiver's settings and still worth a
// second thought, such as a webhook that is not signed. Settings that do not
// pass [Check] have none.
func Warnings(kind string, s Settings) []string {
	set, err := decode(kind, s)
	if err != nil {
		return nil
	}
	return set.warnings()
}

// TakesDigest reports whether a receiver with these settings can be sent digests:
// not where nothing but alerts can be told. Settings that do not pass [Check] cannot.
func TakesDigest(kind string, s Settings) bool {
	set, err := decode(kind, s)
	if err != nil {
		return false
	}
	only, ok := set.(interface{ onlyAlerts() bool })
	return !ok || !only.onlyAlerts()
}

// decode reads and checks the settings of a kind.
func decode(kind string, s Settings) (settings, error) {
	k, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("unknown kind of receiver %q: there are %s", kind, strings.Join(Kinds(), ", "))
	}
	set := k.settings()
	if err := s.Decode(set); err != nil {
		return nil, err
	}
	if err := set.check(); err != nil {
		return nil, err
	}
	return set, nil
}
