package notify

import (
	"errors"
	"strings"
	"testing"
)

func TestSettingsAreCheckedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	const mail = `"to":["a@example.com"],"from":"b@example.com","smarthost":"mail.example.com:587"`
	for _, c := range []struct{ name, kind, settings, want string }{
		{"unknown kind", "telex", `{}`, `unknown kind of receiver "telex": there are alertmanager, console, discord, email, jsm, ntfy, pagerduty, slack, teams, telegram, webhook`},
		{"console", "console", `{}`, ""},
		{"unknown key", "console", `{"colour":true}`, "unknown field"},

		{"slack by token", "slack", `{"channel":"#a","token":"xoxb-1"}`, ""},
		{"slack by token file", "slack", `{"channel":"#a","token_file":"/run/x"}`, ""},
		{"slack by webhook", "slack", `{"webhook_url":"https://hooks.slack.com/services/x"}`, ""},
		{"slack by nothing", "slack", `{"channel":"#a"}`, "token (with channel) or webhook_url is missing"},
		{"slack by both", "slack", `{"channel":"#a","token":"x","webhook_url":"https://h.example/x"}`, "token and webhook_url: only one of them"},
		{"slack without channel", "slack", `{"token":"x"}`, "channel is missing"},
		{"slack webhook with channel", "slack", `{"webhook_url":"https://h.example/x","channel":"#a"}`, "has its channel built in"},
		{"slack token twice", "slack", `{"channel":"#a","token":"x","token_file":"/y"}`, "token and token_file: only one of them"},
		{"slack app token", "slack", `{"channel":"#a","token":"xapp-1"}`, "app-level token"},
		{"slack with buttons", "slack", `{"channel":"#a","token":"x","app_token":"xapp-1","allowed_users":["U0ADALOVE","W0ADALOVE","S0ONCALLS","*"]}`, ""},
		{"slack with buttons by file", "slack", `{"channel":"#a","token":"x","app_token_file":"/run/x"}`, ""},
		{"slack app token twice", "slack", `{"channel":"#a","token":"x","app_token":"xapp-1","app_token_file":"/x"}`, "app_token and app_token_file: only one of them"},
		{"slack bot token for the app", "slack", `{"channel":"#a","token":"x","app_token":"xoxb-very-secret"}`, "app_token: this is no app-level token, which begins with xapp-"},
		{"slack webhook with buttons", "slack", `{"webhook_url":"https://h.example/x","app_token":"xapp-1"}`, "app_token: an incoming webhook has no buttons"},
		{"slack allowing a name", "slack", `{"channel":"#a","token":"x","app_token":"xapp-1","allowed_users":["ada"]}`, `allowed_users: "ada" is neither the id of a user (U…, W…) nor of a user group (S…), nor *`},
		{"slack bad address", "slack", `{"webhook_url":"hooks.slack.com/very-secret"}`, "webhook_url: not an http or https address"},
		{"slack bad api", "slack", `{"channel":"#a","token":"x","api_url":"ftp://h"}`, "api_url: not an http"},

		{"webhook", "webhook", `{"url":"https://example.com/hook"}`, ""},
		{"webhook signed", "webhook", `{"url":"https://example.com/hook","secret":"` + testWhsec + `","format":"alertmanager"}`, ""},
		{"webhook nowhere", "webhook", `{}`, "url (or url_file) is missing"},
		{"webhook bad address", "webhook", `{"url":"https://very-secret:x y"}`, "url: not an http or https address"},
		{"webhook bad secret", "webhook", `{"url":"https://e.example","secret":"very-secret"}`, "secret: want whsec_ followed by the base64 of 24 to 64 bytes"},
		{"webhook short secret", "webhook", `{"url":"https://e.example","secrets":["whsec_c2hvcnQ="]}`, "24 to 64 bytes"},
		{"webhook bad format", "webhook", `{"url":"https://e.example","format":"xml"}`, `format: "xml" is not one of standard, alertmanager`},
		{"webhook own header", "webhook", `{"url":"https://e.example","headers":{"content-type":"x"}}`, "content-type is set by the channel itself"},
		{"webhook broken header", "webhook", `{"url":"https://e.example","headers":{"X-A":"very-secret\r\nX-B: c"}}`, `"X-A" is not a header that can be sent`},
		{"webhook negative", "webhook", `{"url":"https://e.example","max_alerts":-1}`, "max_alerts: -1 is negative"},

		{"email", "email", `{` + mail + `}`, ""},
		{"email with login", "email", `{` + mail + `,"username":"a","password_file":"/x"}`, ""},
		{"email to nobody", "email", `{"from":"b@example.com","smarthost":"h:25"}`, "to is missing"},
		{"email bad address", "email", `{"to":["nobody"],"from":"b@example.com","smarthost":"h:25"}`, `to: "nobody" is not an address`},
		{"email without sender", "email", `{"to":["a@example.com"],"smarthost":"h:25"}`, "from is missing"},
		{"email without server", "email", `{"to":["a@example.com"],"from":"b@example.com"}`, "smarthost is missing"},
		{"email server without port", "email", `{"to":["a@example.com"],"from":"b@example.com","smarthost":"h"}`, `smarthost: "h" is not host:port`},
		{"email server with bad port", "email", `{"to":["a@example.com"],"from":"b@example.com","smarthost":"h:0"}`, `smarthost: "0" is not a port`},
		{"email password alone", "email", `{` + mail + `,"password":"very-secret"}`, "username is missing"},
		{"email user alone", "email", `{` + mail + `,"username":"a"}`, "password (or password_file) is missing"},
		{"discord", "discord", `{"webhook_url":"https://discord.com/api/webhooks/1/very-secret"}`, ""},
		{"discord without address", "discord", `{}`, "webhook_url (or webhook_url_file) is missing"},
		{"discord bad address", "discord", `{"webhook_url":"very-secret"}`, "webhook_url: not an http or https address"},
		{"teams", "teams", `{"webhook_url_file":"/run/secrets/teams"}`, ""},
		{"teams with two addresses", "teams", `{"webhook_url":"https://e.example/very-secret","webhook_url_file":"/x"}`, "only one of them"},
		{"ntfy", "ntfy", `{"topic":"claude-ops"}`, ""},
		{"ntfy without topic", "ntfy", `{"url":"https://ntfy.example.com"}`, "topic (or topic_file) is missing"},
		{"ntfy with an address as topic", "ntfy", `{"topic":"https://ntfy.sh/very-secret"}`, "topic: only its name"},
		{"ntfy bad server", "ntfy", `{"topic":"a","url":"ntfy.sh"}`, "url: not an http or https address"},
		{"telegram", "telegram", `{"token":"1:very-secret","chat":"-1001234567890","topic":7}`, ""},
		{"telegram channel", "telegram", `{"token_file":"/x","chat":"@claude_ops"}`, ""},
		{"telegram without token", "telegram", `{"chat":"@claude_ops"}`, "token (or token_file) is missing"},
		{"telegram without chat", "telegram", `{"token":"1:very-secret"}`, "chat: want a chat's number"},
		{"telegram chat by name", "telegram", `{"token":"1:very-secret","chat":"Claude ops"}`, "chat: want a chat's number"},
		{"telegram chat zero", "telegram", `{"token":"1:very-secret","chat":"0"}`, "chat: want a chat's number"},
		{"telegram bad topic", "telegram", `{"token":"1:very-secret","chat":"1","topic":-1}`, "topic: -1 is negative"},
		{"alertmanager", "alertmanager", `{"urls":["http://am-0:9093","https://am.example.com/alerts/"],"headers":{"Authorization":"Bearer x"}}`, ""},
		{"alertmanager nowhere", "alertmanager", `{}`, "urls is missing"},
		{"alertmanager bad address", "alertmanager", `{"urls":["am:9093"]}`, "urls: not an http or https address"},
		{"alertmanager with a password", "alertmanager", `{"urls":["https://a:very-secret@am:9093"]}`, "urls: a password in an address would be shown"},
		{"alertmanager with its own header", "alertmanager", `{"urls":["https://am"],"headers":{"Host":"x"}}`, "headers: Host is set by the channel itself"},
		{"pagerduty", "pagerduty", `{"routing_key":"` + testRouting + `"}`, ""},
		{"pagerduty in the EU", "pagerduty", `{"routing_key_file":"/x","url":"https://events.eu.pagerduty.com"}`, ""},
		{"pagerduty without key", "pagerduty", `{}`, "routing_key (or routing_key_file) is missing"},
		{"pagerduty with another key", "pagerduty", `{"routing_key":"very-secret"}`, "routing_key: it has 11 characters"},
		{"pagerduty bad host", "pagerduty", `{"routing_key_file":"/x","url":"events.eu.pagerduty.com"}`, "url: not an http or https address"},
		{"jsm", "jsm", `{"api_key":"very-secret"}`, ""},
		{"jsm by Opsgenie", "jsm", `{"api_key_file":"/x","url":"https://api.eu.opsgenie.com"}`, ""},
		{"jsm without key", "jsm", `{}`, "api_key (or api_key_file) is missing"},
		{"jsm bad host", "jsm", `{"api_key":"a","url":"ftp://x"}`, "url: not an http or https address"},
		{"email bad hello", "email", `{` + mail + `,"hello":"a b"}`, `hello: "a b" is not a host name`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := Check(c.kind, jsonSettings(c.settings))
			switch {
			case c.want == "" && err != nil:
				t.Errorf("got %v, want none", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			case err != nil && strings.Contains(err.Error(), "very-secret"):
				t.Errorf("got %v, which shows a secret", err)
			}
		})
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	err := Check("email", jsonSettings(`{"to":["x"],"smarthost":"h","username":"u"}`))
	if err == nil {
		t.Fatal("got no error")
	}
	if got := strings.Count(err.Error(), "\n") + 1; got != 4 {
		t.Errorf("got %d mistakes, want 4:\n%v", got, err)
	}
}

func TestWarningsAreAboutWhatIsAllowedAndRisky(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, settings, want string }{
		{"console", `{}`, ""},
		{"webhook", `{"url":"https://e.example","secret":"` + testWhsec + `"}`, ""},
		{"webhook", `{"url":"https://e.example"}`, "not signed"},
		{"webhook", `{"url":"http://e.example","secret":"` + testWhsec + `"}`, "plain http"},
		{"webhook", `{"bad":1}`, ""},
		{"slack", `{"channel":"#a","token":"x","api_url":"http://e.example"}`, "plain http"},
		{"slack", `{"channel":"#a","token":"x","api_url":"http://127.0.0.1:1"}`, ""},
		{"slack", `{"channel":"#a","token":"x","app_token":"xapp-1"}`, "nobody may press buttons"},
		{"slack", `{"channel":"#a","token":"x","allowed_users":["*"]}`, "allowed_users without app_token"},
		{"slack", `{"channel":"#a","token":"x","app_token":"xapp-1","allowed_users":["*"]}`, ""},
		{"discord", `{"webhook_url":"http://e.example/x"}`, "plain http"},
		{"teams", `{"webhook_url":"http://e.example/x"}`, "plain http"},
		{"alertmanager", `{"urls":["http://am.example"],"headers":{"Authorization":"Bearer x"}}`, "plain http"},
		{"alertmanager", `{"urls":["http://am"],"allow_private_networks":true}`, ""},
		{"pagerduty", `{"routing_key_file":"/x","url":"http://e.example"}`, "plain http"},
		{"jsm", `{"api_key":"a","url":"http://e.example"}`, "plain http"},
		{"ntfy", `{"topic":"a","url":"http://ntfy.internal"}`, "plain http"},
		{"telegram", `{"token":"1:x","chat":"1","api_url":"http://localhost:8081"}`, ""},
		{"email", `{"to":["a@example.com"],"from":"b@example.com","smarthost":"h:25","require_tls":false}`, "require_tls"},
	} {
		got := strings.Join(Warnings(c.kind, jsonSettings(c.settings)), "\n")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s %s: got warnings %q, want %q", c.kind, c.settings, got, c.want)
		}
	}
}

func TestEveryKindHasSettingsAndAPace(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		if SettingsOf(kind) == nil {
			t.Errorf("%s has no settings", kind)
		}
	}
	if SettingsOf("telex") != nil || Pace("telex") != 0 {
		t.Error("got settings or a pace for a kind that is not there")
	}
	if got := Pace("telegram") * 60; got > 20 {
		t.Errorf("telegram: got %v messages a minute, want no more than the 20 that a group takes", got)
	}
	if got := Pace("slack"); got != 1 {
		t.Errorf("got pace %v for slack, want 1", got)
	}
	if _, err := New("console", jsonSettings("{}"), Env{}); err == nil {
		t.Error("got a channel without a clock, want an error")
	}
}

func TestReceiversSendByName(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	r := Receivers{"console": {Kind: "console", Channel: open(t, "console", jsonSettings("{}"), &b)}}
	if _, err := r.Send(t.Context(), "console", samples()[0].m); err != nil || b.Len() == 0 {
		t.Errorf("got %v and %d bytes, want a message", err, b.Len())
	}
	if _, err := r.Send(t.Context(), "gone", samples()[0].m); !IsPermanent(err) || !strings.Contains(err.Error(), `"gone"`) {
		t.Errorf("got %v, want a permanent error that names the receiver", err)
	}
	if r.Kind("console") != "console" || r.Kind("gone") != "" {
		t.Error("got the wrong kinds")
	}
	if _, err := open(t, "console", jsonSettings("{}"), brokenWriter{}).Send(t.Context(), samples()[0].m); err == nil || errors.Is(err, errPrivateAddress) {
		t.Errorf("got %v from a full disk, want an error", err)
	}
}
