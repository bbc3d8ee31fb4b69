package config

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/notify/route"
)

// full says something in every section, with secrets and dollars.
const full = `
organizations:
  - {name: acme, admin_key: sk-ant-admin01-hush, settle: 7m}
  - {admin_key: "${OTHER_KEY}", base_url: "http://127.0.0.1:8080/", usage_source: usage_report}
schedule: {usage: "*/2 * * * *", timezone: Europe/Berlin}
storage: {path: "data/a$$$$b$${c}.db", retention: 30d}
rules:
  - {alert: P, pressure: {}}
  - {alert: T, threshold: {warning: 98%}, over: 7m, clear: 90%, match: {workspace: "*"}}
  - {alert: L, limit_change: {}}
  - {alert: S, stale: {warning: 15m}}
route:
  receiver: chat
  group_by: [alertname]
  routes: [{matchers: ['workspace=~"pay$"'], receiver: hook, group_by: []}]
receivers:
  - {name: chat, slack: {channel: "#ops", token: xoxb-hush}}
  - {name: hook, webhook: {url: "https://example.com/hush", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, headers: {X-Key: hush}}, pace: 0.5}
  - {name: mail, email: {to: ops@example.com, from: a@example.com, smarthost: smtp.example.com:587, username: u, password: hush}}
web: {listen: "0.0.0.0:9911", token: hush-hush-hush, external_url: https://alerter.example.com/}
heartbeat: {url: https://hc-ping.com/hush, every: 5m}
`

func TestShowHidesSecretsAndNothingElse(t *testing.T) {
	t.Parallel()
	got, err := mustLoad(t, full).Show()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/show.yaml", string(got))
	for _, secret := range []string{"hush", "MfKQ9r8", "sk-ant"} {
		if strings.Contains(string(got), secret) {
			t.Errorf("got %q in\n%s", secret, got)
		}
	}
}

func TestValuesAreShownWithoutSecretsAndWithPlainDollars(t *testing.T) {
	t.Parallel()
	values, err := mustLoad(t, full).ShowValues()
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hush", "MfKQ9r8", "sk-ant"} {
		if strings.Contains(string(b), secret) {
			t.Errorf("got %q in\n%s", secret, b)
		}
	}
	storage, _ := values["storage"].(map[string]any)
	if got, want := storage["path"], "data/a$$b${c}.db"; got != want {
		t.Errorf("got storage.path %v, want %s", got, want)
	}
}

func TestWhatIsShownCanBeLoadedAgain(t *testing.T) {
	t.Parallel()
	first := mustLoad(t, full)
	shown, err := first.Show()
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{
		"sk-ant-admin01-hush", "sk-ant-admin01-second", "xoxb-hush", "https://example.com/hush",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "hush", "hush", "hush-hush-hush", "https://hc-ping.com/hush",
	}
	text := string(shown)
	for _, s := range secrets {
		text = strings.Replace(text, "<secret>", s, 1)
	}
	second := mustLoad(t, text)
	again, err := second.Show()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(shown), string(again)); diff != "" {
		t.Errorf("shown once and twice (-once +twice):\n%s", diff)
	}
	if diff := cmp.Diff(first.Tree, second.Tree, cmpopts.EquateEmpty(), cmp.Comparer(route.Matcher.Equal)); diff != "" {
		t.Errorf("tree (-first +second):\n%s", diff)
	}
	a, errA := json.Marshal(first.Rules)
	b, errB := json.Marshal(second.Rules)
	if errA != nil || errB != nil || string(a) != string(b) {
		t.Errorf("got rules\n%s (%v), want\n%s (%v)", b, errB, a, errA)
	}
	if first.Storage != second.Storage || first.Storage.Path != "data/a$$b${c}.db" {
		t.Errorf("got storage %+v, want %+v", second.Storage, first.Storage)
	}
}

func TestNoErrorOrWarningHoldsASecret(t *testing.T) {
	t.Parallel()
	// Every section is broken beside its secret.
	broken := strings.NewReplacer(
		"settle: 7m", "settle: x", "sk-ant-admin01-hush", `"sk ant hush"`, "#ops\"", "#ops\", x: y", "https://example.com/hush", "hush://x",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "hush", "hush-hush-hush", "hush hush", "https://hc-ping.com/hush", "hush",
		"smtp.example.com:587", "nowhere", "X-Key: hush", `"X Key": "hu\nsh"`,
	).Replace(full)
	_, err := LoadBytes("rules.yaml", []byte(broken), environment)
	problems, _ := errors.AsType[Errors](err)
	if len(problems) < 8 || strings.Contains(err.Error(), "hush") {
		t.Errorf("got\n%v\nwant at least eight problems and no secret in them", err)
	}
	for _, w := range mustLoad(t, full).Warnings {
		if strings.Contains(w, "hush") {
			t.Errorf("got a secret in the warning %q", w)
		}
	}
}
