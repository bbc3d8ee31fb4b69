package notify

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// SlackSettings are those of a Slack receiver: a bot token and a channel, or the
// address of an incoming webhook, which has its channel built in.
type SlackSettings struct {
	// Channel is a name with # or a channel id.
	Channel   string `yaml:"channel,omitempty" json:"channel,omitempty" jsonschema_description:"A channel name with # or a channel id."`
	Token     Secret `yaml:"token,omitempty" json:"token,omitempty" jsonschema_description:"The bot token, xoxb-…; docs/configuration.md lists the scopes it wants."`
	TokenFile string `yaml:"token_file,omitempty" json:"token_file,omitempty" jsonschema_description:"A file with the bot token, read at every use."`
	// WebhookURL is a secret in itself. Such messages cannot be put into threads.
	WebhookURL     Secret `yaml:"webhook_url,omitempty" json:"webhook_url,omitempty" jsonschema_description:"The address of an incoming webhook, instead of token and channel. Such messages cannot be put into threads."`
	WebhookURLFile string `yaml:"webhook_url_file,omitempty" json:"webhook_url_file,omitempty" jsonschema_description:"A file with the address, read at every use."`
	// APIURL is another host that speaks Slack's Web API; empty: https://slack.com/api/.
	APIURL string `yaml:"api_url,omitempty" json:"api_url,omitempty" jsonschema_description:"Another host that speaks Slack's Web API; default https://slack.com/api/."`
}

// byWebhook reports whether messages go through an incoming webhook.
func (s *SlackSettings) byWebhook() bool { return s.WebhookURL != "" || s.WebhookURLFile != "" }

// byToken reports whether messages go through the Web API.
func (s *SlackSettings) byToken() bool { return s.Token != "" || s.TokenFile != "" }

func (s *SlackSettings) check() error {
	errs := []error{
		oneOf("token", s.Token, s.TokenFile, false),
		oneOf("webhook_url", s.WebhookURL, s.WebhookURLFile, false),
	}
	switch {
	case s.byToken() && s.byWebhook():
		errs = append(errs, errors.New("token and webhook_url: only one of them"))
	case !s.byToken() && !s.byWebhook():
		errs = append(errs, errors.New("token (with channel) or webhook_url is missing"))
	case s.byToken() && strings.TrimSpace(s.Channel) == "":
		errs = append(errs, errors.New("channel is missing"))
	case s.byWebhook() && s.Channel != "":
		errs = append(errs, errors.New("channel: an incoming webhook has its channel built in"))
	case s.byWebhook() && s.APIURL != "":
		errs = append(errs, errors.New("api_url: only with token; webhook_url is a full address already"))
	}
	if s.WebhookURL != "" {
		_, err := parseURL("webhook_url", string(s.WebhookURL))
		errs = append(errs, err)
	}
	if s.APIURL != "" {
		_, err := parseURL("api_url", s.APIURL)
		errs = append(errs, err)
	}
	if strings.HasPrefix(string(s.Token), "xapp-") {
		errs = append(errs, errors.New("token: this is an app-level token (xapp-), a bot token (xoxb-) is wanted"))
	}
	return errors.Join(errs...)
}

func (s *SlackSettings) warnings() []string {
	return append(plainHTTP("slack api_url", s.APIURL, "the token"), plainHTTP("slack webhook_url", string(s.WebhookURL), "the address")...)
}

func (s *SlackSettings) open(env Env) Channel {
	t := env.Transport
	if t == nil {
		t = openTransport()
	}
	wire := slackWire{transport: t, agent: env.userAgent(), now: env.Now}
	if s.byWebhook() {
		return &slackWebhook{settings: *s, wire: wire}
	}
	return &slackBot{settings: *s, wire: wire}
}

// slackWire is what both ways to Slack need to reach it.
type slackWire struct {
	transport http.RoundTripper
	agent     string
	now       func() time.Time
}
