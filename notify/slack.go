package notify

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
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
	// AppToken is the token of an app with Socket Mode, for buttons on the cards; empty: no buttons.
	AppToken     Secret `yaml:"app_token,omitempty" json:"app_token,omitempty" jsonschema_description:"An app-level token, xapp-…, with connections:write: cards get buttons that are heard by Socket Mode."`
	AppTokenFile string `yaml:"app_token_file,omitempty" json:"app_token_file,omitempty" jsonschema_description:"A file with the app-level token."`
	// AllowedUsers may press the buttons; empty: nobody may, and there are none.
	AllowedUsers []string `yaml:"allowed_users,omitempty" json:"allowed_users,omitempty" jsonschema_description:"Who may press the buttons: ids of users (U…, W…) and user groups (S…), or * for whoever sees the card."`
	// APIURL is another host that speaks Slack's Web API; empty: https://slack.com/api/.
	APIURL string `yaml:"api_url,omitempty" json:"api_url,omitempty" jsonschema_description:"Another host that speaks Slack's Web API; default https://slack.com/api/."`
}

// byWebhook reports whether messages go through an incoming webhook.
func (s *SlackSettings) byWebhook() bool { return s.WebhookURL != "" || s.WebhookURLFile != "" }

// hears reports whether cards have buttons, and somebody may press them.
func (s *SlackSettings) hears() bool { return s.hasApp() && len(s.AllowedUsers) > 0 }

// hasApp reports whether there is an app-level token.
func (s *SlackSettings) hasApp() bool { return s.AppToken != "" || s.AppTokenFile != "" }

// byToken reports whether messages go through the Web API.
func (s *SlackSettings) byToken() bool { return s.Token != "" || s.TokenFile != "" }

func (s *SlackSettings) check() error {
	errs := []error{
		oneOf("token", s.Token, s.TokenFile, false),
		oneOf("webhook_url", s.WebhookURL, s.WebhookURLFile, false),
		s.checkButtons(),
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
	errs = append(errs, checkURL("webhook_url", string(s.WebhookURL)), checkURL("api_url", s.APIURL))
	if strings.HasPrefix(string(s.Token), "xapp-") {
		errs = append(errs, errors.New("token: this is an app-level token (xapp-), a bot token (xoxb-) is wanted"))
	}
	return errors.Join(errs...)
}

// slackEverybody in allowed_users stands for whoever sees the card.
const slackEverybody = "*"

// slackPerson is what Slack's ids of users and user groups look like.
var slackPerson = regexp.MustCompile(`^[UWS][A-Z0-9]{6,}$`)

// checkButtons checks what buttons need.
func (s *SlackSettings) checkButtons() error {
	errs := []error{oneOf("app_token", s.AppToken, s.AppTokenFile, false)}
	switch {
	case s.byWebhook() && s.hasApp():
		errs = append(errs, errors.New("app_token: an incoming webhook has no buttons, they need a bot's token"))
	case s.AppToken != "" && !strings.HasPrefix(string(s.AppToken), "xapp-"):
		errs = append(errs, errors.New("app_token: this is no app-level token, which begins with xapp-"))
	}
	for _, who := range s.AllowedUsers {
		if who != slackEverybody && !slackPerson.MatchString(who) {
			errs = append(errs, fmt.Errorf("allowed_users: %q is neither the id of a user (U…, W…) nor of a user group (S…), nor *", who))
		}
	}
	return errors.Join(errs...)
}

func (s *SlackSettings) warnings() []string {
	all := append(plainHTTP("slack api_url", s.APIURL, "the token"), plainHTTP("slack webhook_url", string(s.WebhookURL), "the address")...)
	switch {
	case s.hasApp() && len(s.AllowedUsers) == 0:
		all = append(all, "slack app_token without allowed_users: nobody may press buttons, so the cards have none")
	case !s.hasApp() && len(s.AllowedUsers) > 0:
		all = append(all, "slack allowed_users without app_token: the cards have no buttons")
	}
	return all
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
	bot := &slackBot{settings: *s, wire: wire}
	if s.hears() {
		return &slackApp{slackBot: bot}
	}
	return bot
}

// slackWire is what both ways to Slack need to reach it.
type slackWire struct {
	transport http.RoundTripper
	agent     string
	now       func() time.Time
}
