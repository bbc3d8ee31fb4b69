package config

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"alerter/notify"

	"github.com/google/go-cmp/cmp"
)

func TestReceiversHandTheirSettingsToTheChannel(t *testing.T) {
	t.Parallel()
	password := write(t, "smtp", "secret\n", 0o600)
	c := mustLoad(t, `
organizations: [{admin_key: "${ANTHROPIC_ADMIN_KEY}"}]
receivers:
  - name: mail
    email: {to: ops@example.com, from: a@example.com, smarthost: smtp.example.com:587, username: u, password_file: `+password+`}
    pace: 0
  - name: chat
    slack: {channel: "#ops", token: "${CHAT:-xoxb-test}"}
    send_resolved: false
route: {receiver: mail, routes: [{receiver: chat}]}
`)
	mail, chat := c.Receivers[0], c.Receivers[1]
	if mail.Kind != "email" || !mail.SendResolved || mail.Pace == nil || *mail.Pace != 0 {
		t.Errorf("got %+v, want a mail receiver that says when it is over, without a pace", mail)
	}
	if chat.Kind != "slack" || chat.SendResolved || chat.Pace != nil {
		t.Errorf("got %+v, want a chat receiver that does not say when it is over, with its kind's pace", chat)
	}
	var s notify.SlackSettings
	if err := chat.Settings.Decode(&s); err != nil || s.Channel != "#ops" || string(s.Token) != "xoxb-test" {
		t.Errorf("got %+v, %v, want the settings with their variables replaced", s, err)
	}
	var e notify.EmailSettings
	if err := mail.Settings.Decode(&e); err != nil || len(e.To) != 1 || e.PasswordFile != password {
		t.Errorf("got %+v, %v, want the settings", e, err)
	}
}

func TestSettingsRefuseWhatTheChannelDoesNotKnow(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, small)
	var other struct {
		Wanted string `yaml:"wanted"`
	}
	if err := c.Receivers[0].Settings.Decode(&other); err != nil {
		t.Errorf("got %v, want empty settings accepted", err)
	}
	s := settings{node: emptyMapping(word("x")), folder: "."}
	s.node.Content = append(s.node.Content, word("wantet"), word("x"))
	err := s.Decode(&other)
	if problems, ok := errors.AsType[Errors](err); !ok || !strings.Contains(problems[0].Message, `did you mean "wanted"?`) {
		t.Errorf("got %v, want the unknown key refused", err)
	}
}

func TestEveryKindOfReceiverIsKnown(t *testing.T) {
	t.Parallel()
	for _, kind := range notify.Kinds() {
		_, err := LoadBytes("rules.yaml", []byte(`
organizations: [{admin_key: "${ANTHROPIC_ADMIN_KEY}"}]
receivers: [{name: a, `+kind+`: {}}]
`), environment)
		if err != nil && strings.Contains(err.Error(), "unknown key") {
			t.Errorf("%s: got %v, want the kind known", kind, err)
		}
	}
}

func TestAnUnsignedWebhookIsWarnedOf(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, `
organizations: [{admin_key: "${ANTHROPIC_ADMIN_KEY}"}]
receivers: [{name: a, webhook: {url: "https://example.com/hook"}}]
rules: [{alert: A, limit_change: {}}]
`)
	if len(c.Warnings) != 1 || !strings.HasPrefix(c.Warnings[0], "rules.yaml:3:32: webhook without secret") {
		t.Errorf("got warnings %q, want one about the missing secret", c.Warnings)
	}
}

func TestSecretFilesAreLookedAt(t *testing.T) {
	t.Parallel()
	const text = `
organizations: [{admin_key: "${ANTHROPIC_ADMIN_KEY}"}]
receivers: [{name: a, slack: {channel: "#ops", token_file: FILE}}]
rules: [{alert: A, limit_change: {}}]
`
	load := func(file string) (*Config, error) {
		return LoadBytes("rules.yaml", []byte(strings.Replace(text, "FILE", file, 1)), environment)
	}
	open := write(t, "token", "xoxb-test\n", 0o644)
	c, err := load(open)
	if err != nil || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "can be read by everybody") {
		t.Errorf("got %v, want a warning of a file for everybody", err)
	}
	for name, file := range map[string]string{
		"is empty":              write(t, "token", " \n", 0o600),
		"is not a file":         t.TempDir(),
		"is larger than 64 KiB": write(t, "token", strings.Repeat("x", maxSecret+1), 0o600),
	} {
		if _, err := load(file); err == nil || !strings.Contains(err.Error(), "rules.yaml:3:60: token_file: "+file+": "+name) {
			t.Errorf("got %v, want: %s", err, name)
		}
	}
	if os.Geteuid() != 0 { // root may read everything
		if _, err := load(write(t, "token", "x", 0o000)); err == nil {
			t.Error("got a file that may not be read accepted")
		}
	}
}

func TestDigestsGoWhereThereIsAPlaceForThem(t *testing.T) {
	t.Parallel()
	c, err := LoadBytes("rules.yaml", []byte(`
organizations: [{admin_key: k}]
schedule: {digest: "30 8 * * 1", timezone: Europe/Berlin}
rules: [{alert: LimitPressure, pressure: {}}]
receivers:
  - {name: console, console: {}}
  - {name: manager, console: {}, digest: true}
  - {name: am, alertmanager: {urls: ["http://alertmanager:9093"]}, digest: true}
route: {receiver: console, routes: [{receiver: am, matchers: ['severity="critical"']}]}
`), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	if c.Receivers[0].Digest || !c.Receivers[1].Digest || c.Receivers[2].Digest {
		t.Errorf("got %+v, want digests for the manager alone", c.Receivers)
	}
	want := []string{`rules.yaml:8:76: digest: "am" is told of alerts and of nothing else, so that no digest is sent`}
	if diff := cmp.Diff(want, c.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	monday := time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC)
	if got := c.Schedule.Digest.Next(monday.Add(-time.Hour)); !got.Equal(monday) {
		t.Errorf("got the next digest at %s, want %s", got, monday)
	}
}
