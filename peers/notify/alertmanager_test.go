package notify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify"
)

// alertmanagerConfig groups as our message is grouped.
const alertmanagerConfig = `
route:
  receiver: team
  group_by: [alertname, organization, model_group]
  group_wait: 500ms
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: team
    webhook_configs: [{url: %q, send_resolved: true}]
`

// notAlike are the fields in which the two differ on purpose: newer ones that
// Debian's version does not send yet, and the fingerprint, which we make from ids.
var notAlike = []string{"routeLabels", "notification_reason"}

func TestWebhookEqualsAlertmanagersFieldByField(t *testing.T) {
	t.Parallel()
	theirs, ours := newRecorder(t), newRecorder(t)
	url := startAlertmanager(t, theirs.url)
	c := channel(t, "webhook", settings{"url": ours.url, "format": "alertmanager", "allow_private_networks": true})

	at := time.Now().UTC().Truncate(time.Second)
	began := at.Add(-10 * time.Minute)
	organization := pressure("", "5f0c8a7d21b3e946", began)
	workspace := pressure(`pay<ments> & "co"`, "0a4be77c9d61f208", began.Add(30*time.Second))

	both := composed(evaluate.Fired, at, organization, workspace)
	compare(t, "two that fire", url, both, theirs, c, ours)

	ended := composed(evaluate.ReasonResolved, at, organization, over(workspace, at))
	compare(t, "one of two over", url, ended, theirs, c, ours)

	all := composed(evaluate.ReasonResolved, at, over(organization, at))
	compare(t, "the last one over", url, all, theirs, c, ours)
}

// startAlertmanager starts Debian's Alertmanager, which sends to a recorder.
func startAlertmanager(t *testing.T, to string) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "alertmanager.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, alertmanagerConfig, to), 0o600); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	start(t, []string{port}, program(t, "/usr/bin/prometheus-alertmanager"),
		"--config.file="+config, "--storage.path="+t.TempDir(), "--cluster.listen-address=",
		"--web.listen-address=127.0.0.1:"+port, "--web.external-url="+page, "--web.route-prefix=/")
	return "http://127.0.0.1:" + port
}

// compare gives Alertmanager the message's group as alerts, sends the message
// ourselves, and compares what the two recorders got.
func compare(t *testing.T, name, url string, m notify.Message, theirs *recorder, c notify.Channel, ours *recorder) {
	t.Helper()
	body, err := json.Marshal(postable(m.Group))
	if err != nil {
		t.Fatal(err)
	}
	call(t, http.MethodPost, url+"/api/v2/alerts", http.Header{"Content-Type": {"application/json"}}, string(body), nil)
	want := alike(t, theirs.next(t))
	send(t, c, m)
	got := alike(t, ours.next(t))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: the webhook differs from Alertmanager's (-theirs +ours):\n%s", name, diff)
	}
}

// postable writes alerts as Alertmanager's API takes them.
func postable(alerts []notify.Alert) []map[string]any {
	var out []map[string]any
	for _, a := range alerts {
		p := map[string]any{
			"labels": a.Labels, "annotations": a.Annotations, "startsAt": a.FiredAt,
			"generatorURL": page + "/#" + string(a.Fingerprint),
		}
		if a.ResolvedAt != nil {
			p["endsAt"] = a.ResolvedAt
		}
		out = append(out, p)
	}
	return out
}

// alike reads a webhook message without the fields in which the two differ.
func alike(t *testing.T, d delivery) map[string]any {
	t.Helper()
	if got := d.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("got content type %q, want application/json", got)
	}
	var m map[string]any
	if err := json.Unmarshal(d.body, &m); err != nil {
		t.Fatal(err)
	}
	for _, field := range notAlike {
		delete(m, field)
	}
	alerts, _ := m["alerts"].([]any)
	for _, a := range alerts {
		fields, ok := a.(map[string]any)
		if !ok || fields["fingerprint"] == "" {
			t.Fatalf("got alert %v, want fields with a fingerprint", a)
		}
		delete(fields, "fingerprint")
	}
	return m
}
