package notify

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"
)

// theirsOf is what Debian's Alertmanager tells, by the clock.
func theirsOf(t *testing.T, s scenario) []string {
	t.Helper()
	var mu sync.Mutex
	var said []string
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		line := webhookSays(t, body)
		mu.Lock()
		defer mu.Unlock()
		said = append(said, line)
	}))
	t.Cleanup(hook.Close)
	url := startRouting(t, s.routes, hook.URL)
	play(t, s, url)
	mu.Lock()
	defer mu.Unlock()
	out := slices.Clone(said)
	sort.SliceStable(out, func(i, j int) bool { return receiverOf(out[i]) < receiverOf(out[j]) })
	if len(out) == 0 {
		return nil
	}
	return out
}

// webhookSays is a webhook message in our words.
func webhookSays(t *testing.T, body []byte) string {
	var m struct {
		Receiver string `json:"receiver"`
		Alerts   []struct {
			Status string            `json:"status"`
			Labels map[string]string `json:"labels"`
		} `json:"alerts"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		t.Errorf("read %s: %v", body, err)
	}
	var alerts []string
	for _, a := range m.Alerts {
		alerts = append(alerts, told(a.Labels, a.Status))
	}
	slices.Sort(alerts)
	return m.Receiver + ": " + strings.Join(alerts, ", ")
}

// startRouting starts Alertmanager with the routes; its receivers post to hook.
func startRouting(t *testing.T, routes, hook string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(routes + "\nreceivers:\n")
	for _, name := range []string{"team", "mail", "pager", "quiet"} {
		fmt.Fprintf(&b, "  - {name: %s, webhook_configs: [{url: %q, send_resolved: %t}]}\n", name, hook, name != "quiet")
	}
	file := filepath.Join(t.TempDir(), "alertmanager.yml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	start(t, []string{port}, program(t, "/usr/bin/prometheus-alertmanager"),
		"--config.file="+file, "--storage.path="+t.TempDir(), "--cluster.listen-address=", "--web.listen-address=127.0.0.1:"+port)
	return "http://127.0.0.1:" + port
}

// play makes the events happen at their seconds, and repeats what fires in
// between, as Prometheus does.
func play(t *testing.T, s scenario, url string) {
	t.Helper()
	fires := map[string]map[string]string{} // labels by name and workspace
	silence := ""
	every := time.NewTicker(second)
	defer every.Stop()
	for at := 0; at <= s.lasts; at++ {
		for _, e := range s.events {
			if e.at == at {
				silence = happens(t, url, e, fires, silence)
			}
		}
		for _, labels := range fires {
			post(t, url, labels, time.Now().Add(time.Minute))
		}
		<-every.C
	}
}

// happens makes an event at Alertmanager, and returns the silence there is.
func happens(t *testing.T, url string, e happening, fires map[string]map[string]string, silence string) string {
	t.Helper()
	switch {
	case e.silence != "":
		return addSilence(t, url, e.silence)
	case e.expire:
		call(t, http.MethodDelete, url+"/api/v2/silence/"+silence, nil, "", nil)
		return ""
	case e.over != "":
		name, _, workspace := split(e.over, false)
		post(t, url, fires[name+workspace], time.Now())
		delete(fires, name+workspace)
		return silence
	}
	name, severity, workspace := split(e.fire, true)
	if old := fires[name+workspace]; old != nil { // another severity: the old alert is over
		post(t, url, old, time.Now())
	}
	fires[name+workspace] = labelsOf(name, severity, workspace)
	return silence
}

func post(t *testing.T, url string, labels map[string]string, ends time.Time) {
	t.Helper()
	body, err := json.Marshal([]map[string]any{{"labels": labels, "endsAt": ends}})
	if err != nil {
		t.Fatal(err)
	}
	call(t, http.MethodPost, url+"/api/v2/alerts", http.Header{"Content-Type": {"application/json"}}, string(body), nil)
}

// addSilence silences what a matcher name="value" accepts, for an hour.
func addSilence(t *testing.T, url, matcher string) string {
	t.Helper()
	name, value, _ := strings.Cut(matcher, "=")
	body, err := json.Marshal(map[string]any{
		"matchers": []map[string]any{{"name": name, "value": strings.Trim(value, `"`), "isRegex": false, "isEqual": true}},
		"startsAt": time.Now().UTC(), "endsAt": time.Now().UTC().Add(time.Hour), "createdBy": "test", "comment": "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	var made struct {
		ID string `json:"silenceID"`
	}
	call(t, http.MethodPost, url+"/api/v2/silences", http.Header{"Content-Type": {"application/json"}}, string(body), &made)
	return made.ID
}
