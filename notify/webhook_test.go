package notify

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"alerter/evaluate"
)

// webhookTo opens a webhook to a place, with more settings.
func webhookTo(t *testing.T, p *place, more map[string]any) Channel {
	t.Helper()
	set := map[string]any{"url": p.URL + "/hook", "allow_private_networks": true}
	for key, value := range more {
		set[key] = value
	}
	return open(t, "webhook", settingsOf(set), nil)
}

func TestSignatureIsTheKnownAnswer(t *testing.T) {
	t.Parallel()
	// From the specification's own test: https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/go/webhook_test.go
	h := http.Header{}
	err := sign(h, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`), []string{testWhsec})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := h.Get("webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got signature %s, want %s", got, want)
	}
}

func TestEverySecretSignsDuringRotation(t *testing.T) {
	t.Parallel()
	const (
		next  = "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
		third = "whsec_QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="
	)
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(testWhsec+"\n\n"+third+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newPlace(t, answer{code: 204})
	c := webhookTo(t, p, map[string]any{"secret_file": file, "secrets": []string{next}})
	if _, err := c.Send(t.Context(), samples()[0].m); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{testWhsec, third, next} {
		w, err := standardwebhooks.NewWebhook(key)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.VerifyIgnoringTimestamp(p.last(t).body, p.last(t).header); err != nil {
			t.Errorf("verify with one of three secrets: %v", err)
		}
	}
	// The file is read at every use.
	for _, bad := range []string{"whsec_too-short", testWhsec + "\nwhsec_too-short", "  \n"} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Send(t.Context(), samples()[0].m); err == nil || strings.Contains(err.Error(), "too-short") {
			t.Errorf("got %v after the file went bad, want an error without its content", err)
		}
	}
}

func TestWithoutSecretTheMessageIsNotSignedAndStillHasItsID(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 200})
	receipt, err := webhookTo(t, p, nil).Send(t.Context(), samples()[0].m)
	if err != nil {
		t.Fatal(err)
	}
	h := p.last(t).header
	if h.Get("Webhook-Signature") != "" || h.Get("Webhook-Id") != receipt.ID || h.Get("Webhook-Timestamp") != strconv.FormatInt(fixedNow().Unix(), 10) {
		t.Errorf("got headers %v, want id %s and the time of the attempt without a signature", h, receipt.ID)
	}
}

func TestRedirectsStayOnTheHostAndKeepTheMessage(t *testing.T) {
	t.Parallel()
	other := newPlace(t, answer{code: 200})
	for _, c := range []struct {
		code     int
		location string
		ok       bool
	}{
		{307, "/elsewhere", true},
		{308, "/elsewhere", true},
		{301, "/elsewhere", false},
		{302, "/elsewhere", false},
		{303, "/elsewhere", false},
		{307, other.URL + "/x", false},
	} {
		t.Run(strconv.Itoa(c.code)+c.location[:1], func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, answer{code: c.code, header: map[string]string{"Location": c.location}}, answer{code: 200})
			_, err := webhookTo(t, p, nil).Send(t.Context(), samples()[0].m)
			if c.ok != (err == nil) || (err != nil && !IsPermanent(err)) {
				t.Errorf("got %v, want success %v, else a permanent error", err, c.ok)
			}
			if c.ok && string(p.requests()[1].body) != string(p.requests()[0].body) {
				t.Error("got another body after the redirect, want the same")
			}
		})
	}
	t.Cleanup(func() {
		if n := len(other.requests()); n != 0 {
			t.Errorf("got %d requests at another host, want none", n)
		}
	})
}

func TestEndlessRedirectsEnd(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 307, header: map[string]string{"Location": "/again"}})
	_, err := webhookTo(t, p, nil).Send(t.Context(), samples()[0].m)
	if !IsPermanent(err) || len(p.requests()) > maxRedirects+1 {
		t.Errorf("got %v after %d requests, want a permanent error after at most %d", err, len(p.requests()), maxRedirects+1)
	}
}

func TestPrivateAddressesAreRefusedByDefault(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: 200})
	for _, host := range []string{p.URL, strings.Replace(p.URL, "127.0.0.1", "localhost", 1)} {
		c := open(t, "webhook", settingsOf(map[string]any{"url": host + "/" + testBearer}), nil)
		_, err := c.Send(t.Context(), samples()[0].m)
		wantNoSecret(t, err, []string{testBearer})
		if !IsPermanent(err) || !strings.Contains(err.Error(), "allow_private_networks") {
			t.Errorf("%s: got %v, want a permanent error that names the setting", host, err)
		}
	}
	if n := len(p.requests()); n != 0 {
		t.Errorf("got %d requests, want none", n)
	}
}

func TestGoneSaysSo(t *testing.T) {
	t.Parallel()
	_, err := webhookTo(t, newPlace(t, answer{code: 410}), nil).Send(t.Context(), samples()[0].m)
	if !IsPermanent(err) || !strings.Contains(err.Error(), "closed this address for good") {
		t.Errorf("got %v, want a permanent error that explains 410", err)
	}
}

func TestAShortHeaderValueDoesNotGarbleErrors(t *testing.T) {
	t.Parallel()
	c := webhookTo(t, newPlace(t, answer{code: 410}), map[string]any{"headers": map[string]string{"X-Level": "o"}})
	_, err := c.Send(t.Context(), samples()[0].m)
	if err == nil || !strings.HasPrefix(err.Error(), "post webhook to ") {
		t.Errorf("got %v, want words that can be read", err)
	}
}

func TestStandardTypesFollowTheReason(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"fired": "alert.firing", "escalated": "alert.escalated", "eased": "alert.eased", "reminder": "alert.reminder",
		"acknowledged": "alert.acknowledged", "unacknowledged": "alert.unacknowledged", "silence_ending": "alert.silence_ending", "flapping": "alert.firing",
		"resolved": "alert.resolved", "withdrawn": "alert.withdrawn", "growth": "alert.firing", "growth_over": "alert.resolved", "growth_reached": "alert.reminder",
		"limit_lowered": "limit.changed", "model_moved": "limit.changed",
		"stale": "alert.firing", "daily": "alert.firing", "group": "alert.firing",
		"system": "system.alert", "system_delivery": "system.alert", "system_job": "system.alert", "system_resolved": "system.alert",
		"mixed": "alert.escalated", "summary": "alert.escalated", "test": "test.ping", "digest": "digest", "digest_quiet": "digest",
	}
	got := map[string]string{}
	for _, s := range samples() {
		got[s.name] = standardType(s.m)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("types differ (-want +got):\n%s", diff)
	}
}

func TestStandardBodySaysHowManyAlertsItLeftOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ n, most, wantAtLeast int }{{1, 0, 1}, {500, 0, 5}, {500, 3, 3}, {2, 10, 2}} {
		body, err := standardBody(many(c.n), c.most)
		if err != nil {
			t.Fatal(err)
		}
		var m standardMessage
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		if shown := len(m.Data.Alerts); shown < c.wantAtLeast || shown+m.Data.TruncatedAlerts != c.n || len(body) > maxStandardBody {
			t.Errorf("%d alerts: got %d shown and %d left out in %d bytes", c.n, shown, m.Data.TruncatedAlerts, len(body))
		}
	}
}

func TestAlertmanagerBodyCutsTheGroupAndKeepsItsStatus(t *testing.T) {
	t.Parallel()
	over, fires := resolvedAlert(), criticalAlert()
	over.Fingerprint, over.Labels.ModelGroup = "00", "A first in order"
	m := Compose(routed(evaluate.Fired, over, fires), page)
	body, err := alertmanagerBody(m, 1)
	if err != nil {
		t.Fatal(err)
	}
	var got alertmanagerMessage
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Alerts) != 1 || got.TruncatedAlerts != 1 || got.Status != amFiring || got.Alerts[0].Status != amResolved {
		t.Errorf("got %d alerts, %d cut, status %s, first %s; want 1, 1, firing, resolved", len(got.Alerts), got.TruncatedAlerts, got.Status, got.Alerts[0].Status)
	}
}

func TestAnAlertThatEndedAndFiredAgainIsToldTwiceAndCountedOnce(t *testing.T) {
	t.Parallel()
	ended, again := resolvedAlert(), pressureAlert()
	m := routed(evaluate.Fired, ended, again)
	m.Items[0].Reason = evaluate.ReasonResolved
	composed := Compose(m, page)
	var states []string
	for _, i := range composed.Items {
		states = append(states, string(i.Reason)+" "+string(i.Alert.State))
	}
	if diff := cmp.Diff([]string{"fired firing", "resolved resolved"}, states); diff != "" {
		t.Errorf("items differ (-want +got):\n%s", diff)
	}
	body, err := alertmanagerBody(composed, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got alertmanagerMessage
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Alerts) != 1 || got.Alerts[0].Status != amFiring || !got.Alerts[0].StartsAt.Equal(again.FiredAt) {
		t.Errorf("got %+v, want only the episode that fires", got.Alerts)
	}
}

func TestAlertmanagerReasonsAreItsOwnWords(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"fired": "first notification", "escalated": "new alerts added", "eased": "new alerts added", "reminder": "repeat interval elapsed",
		"acknowledged": "unknown", "unacknowledged": "first notification", "silence_ending": "unknown", "flapping": "first notification",
		"resolved": "all alerts resolved", "withdrawn": "all alerts resolved", "growth": "first notification", "growth_over": "all alerts resolved", "growth_reached": "repeat interval elapsed",
		"limit_lowered": "first notification",
		"model_moved":   "first notification", "stale": "first notification", "daily": "first notification", "group": "first notification",
		"system": "first notification", "system_delivery": "first notification", "system_job": "first notification", "system_resolved": "all alerts resolved",
		"mixed": "new alerts added", "summary": "new alerts added", "test": "first notification",
	}
	got := map[string]string{}
	for _, s := range samples() {
		if s.m.Kind == KindDigest {
			continue // is not sent in this format
		}
		body, err := alertmanagerBody(s.m, 0)
		if err != nil {
			t.Fatal(err)
		}
		var m alertmanagerMessage
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		got[s.name] = m.NotificationReason
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reasons differ (-want +got):\n%s", diff)
	}
}

func FuzzWebhookBodiesStayValidAndSigned(f *testing.F) {
	for _, called := range awkward {
		f.Add(called)
	}
	f.Fuzz(func(t *testing.T, called string) {
		m := named(called)
		for _, format := range []string{formatStandard, formatAlertmanager} {
			w := &webhook{settings: WebhookSettings{Format: format}}
			body, err := w.body(m)
			if err != nil {
				t.Fatalf("write %s: %v", format, err)
			}
			if !json.Valid(body) {
				t.Fatalf("got invalid JSON for %q", called)
			}
			if format == formatStandard && len(body) > maxStandardBody {
				t.Fatalf("got %d bytes", len(body))
			}
			h := http.Header{}
			if err := sign(h, webhookID(m.Key), fixedNow(), body, []string{testWhsec}); err != nil {
				t.Fatal(err)
			}
			verify, err := standardwebhooks.NewWebhook(testWhsec)
			if err != nil {
				t.Fatal(err)
			}
			if err := verify.VerifyIgnoringTimestamp(body, h); err != nil {
				t.Fatalf("verify: %v", err)
			}
		}
	})
}
