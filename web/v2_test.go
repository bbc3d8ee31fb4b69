package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
)

// quietWorld is a server with one alert that fires.
func quietWorld(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	a := evaluate.Alert{
		Fingerprint: "f1", Rule: "LimitPressure", Kind: "pressure", State: evaluate.Firing, Severity: evaluate.Warning, Worst: evaluate.Warning, FiredAt: t0.Truncate(time.Millisecond),
	}
	a.Labels.Organization, a.Labels.ModelGroup = "acme", "Opus"
	err := w.Store.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.PutGroups([]route.Group{{Receiver: "team", Key: "{}:{}", Members: []route.Member{{Alert: a, Heard: evaluate.Warning}}}}); err != nil {
			return err
		}
		return tx.PutAlerts([]evaluate.Alert{a})
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// call makes a call with a body and reads the JSON of its answer.
func (w *world) call(t testing.TB, verb, path, body string, into any) *httptest.ResponseRecorder {
	t.Helper()
	r := request(path, method(verb))
	r.Body = http.NoBody
	if body != "" {
		r = httptest.NewRequest(verb, "http://127.0.0.1:9911"+path, strings.NewReader(body))
		r.RemoteAddr = "127.0.0.1:5"
	}
	answer := w.ask(r)
	if into != nil {
		if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
			t.Fatalf("%s %s answered %d %s: %v", verb, path, answer.Code, answer.Body, err)
		}
	}
	return answer
}

// posted is a silence as Alertmanager's programs write it.
func posted(w *world, matcher string) string {
	return fmt.Sprintf(`{"matchers":[%s],"startsAt":%q,"endsAt":%q,"createdBy":"anna","comment":"load test"}`,
		matcher, w.now().Format(time.RFC3339), w.now().Add(time.Hour).Format(time.RFC3339))
}

func TestSilencesAreWrittenAsInAlertmanager(t *testing.T) {
	t.Parallel()
	w := quietWorld(t)
	var made struct{ SilenceID string }
	w.call(t, "POST", "/api/v2/silences", posted(w, `{"name":"severity","value":"warn.*","isRegex":true}`), &made)
	var alerts []v2Alert
	w.call(t, "GET", "/api/v2/alerts", "", &alerts)
	if len(alerts) != 1 || alerts[0].Status.State != "suppressed" || !cmp.Equal(alerts[0].Status.SilencedBy, []string{made.SilenceID}) ||
		!cmp.Equal(alerts[0].Receivers, []v2Receiver{{"team"}}) {
		t.Errorf("got alerts %+v, want one that %s silences and team knows of", alerts, made.SilenceID)
	}
	if _, empty := alerts[0].Labels["workspace"]; empty {
		t.Errorf("got labels %v, want none that is empty", alerts[0].Labels)
	}
	for _, query := range []string{"silenced=false", `filter=severity%3D%22critical%22`} {
		w.call(t, "GET", "/api/v2/alerts?"+query, "", &alerts)
		if len(alerts) != 0 {
			t.Errorf("%s: got %+v, want none", query, alerts)
		}
	}
	if page := w.call(t, "GET", "/", "", nil).Body.String(); !strings.Contains(page, "<p>Silenced by anna until ") {
		t.Error("got a page that does not say who silenced the alert")
	}
	checkMetric(t, w, `alerter_silences{state="active"}`, "1")
	checkMetric(t, w, `alerter_silences{state="pending"}`, "0")
	var mine struct {
		Alerts []Alert `json:"alerts"`
	}
	var one v2Silence
	w.call(t, "GET", "/api/v2/silence/"+made.SilenceID, "", &one)
	if m := one.Matchers[0]; one.Status.State != "active" || m.Name != "severity" || m.Value != "warn.*" || !m.IsRegex || !*m.IsEqual {
		t.Errorf("got silence %+v, want an active one of severity=~warn.*", one)
	}
	if answer := w.call(t, "DELETE", "/api/v2/silence/"+made.SilenceID, "", nil); answer.Code != 200 {
		t.Errorf("expire: got %d %s, want 200", answer.Code, answer.Body)
	}
	if answer := w.call(t, "DELETE", "/api/v2/silence/"+made.SilenceID, "", nil); answer.Code != 409 {
		t.Errorf("expire again: got %d %s, want 409", answer.Code, answer.Body)
	}
	var list []v2Silence
	w.call(t, "GET", "/api/v2/silences", "", &list)
	if len(list) != 1 || list[0].Status.State != "expired" {
		t.Errorf("got silences %+v, want one that is expired", list)
	}
	w.call(t, "GET", "/api/v1/alerts", "", &mine)
	if len(mine.Alerts) != 1 {
		t.Errorf("got %d alerts, want one", len(mine.Alerts))
	}
}

func TestSilencesThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	w := quietWorld(t)
	until := func(end string) string {
		return strings.Replace(posted(w, `{"name":"severity","value":"warning"}`), w.now().Add(time.Hour).Format(time.RFC3339), end, 1)
	}
	for name, body := range map[string]string{
		"no JSON": "{", "no matchers": posted(w, ""), "no such label": posted(w, `{"name":"colour","value":"red"}`),
		"everything": posted(w, `{"name":"workspace","value":".*","isRegex":true}`), "a broken expression": posted(w, `{"name":"severity","value":"(","isRegex":true}`),
		"over already": until("2020-01-01T00:00:00Z"), "an end in the year 10000": until("9999-12-31T23:59:59-01:00"),
	} {
		if answer := w.call(t, "POST", "/api/v2/silences", body, nil); answer.Code != 400 {
			t.Errorf("%s: got %d %s, want 400", name, answer.Code, answer.Body)
		}
	}
	for _, path := range []string{"/api/v2/silence/none"} {
		for _, verb := range []string{"GET", "DELETE"} {
			if answer := w.call(t, verb, path, "", nil); answer.Code != 404 {
				t.Errorf("%s %s: got %d %s, want 404", verb, path, answer.Code, answer.Body)
			}
		}
	}
	if answer := w.call(t, "GET", "/api/v2/alerts?filter=x", "", nil); answer.Code != 400 {
		t.Errorf("a filter that is none: got %d, want 400", answer.Code)
	}
}

func TestAnAlertIsAcknowledgedBySomebody(t *testing.T) {
	t.Parallel()
	w := quietWorld(t)
	if answer := w.call(t, "POST", "/api/v1/alerts/f1/ack", `{}`, nil); answer.Code != 400 {
		t.Errorf("by nobody: got %d %s, want 400", answer.Code, answer.Body)
	}
	if answer := w.call(t, "POST", "/api/v1/alerts/f2/ack", `{"by":"anna"}`, nil); answer.Code != 404 {
		t.Errorf("of an alert that does not fire: got %d %s, want 404", answer.Code, answer.Body)
	}
	var got acknowledgement
	w.call(t, "POST", "/api/v1/alerts/f1/ack", `{"by":"anna"}`, &got)
	if want := (acknowledgement{Fingerprint: "f1", By: "anna", At: w.now().UTC()}); !cmp.Equal(want, got) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestWritingAboutAlertsNeedsTheToken(t *testing.T) {
	t.Parallel()
	w := quietWorld(t)
	w.token = "s3cret"
	for _, c := range [][2]string{{"POST", "/api/v2/silences"}, {"DELETE", "/api/v2/silence/x"}, {"POST", "/api/v1/alerts/f1/ack"}} {
		if answer := w.call(t, c[0], c[1], "", nil); answer.Code != 401 {
			t.Errorf("%s %s: got %d, want 401", c[0], c[1], answer.Code)
		}
	}
}

func TestTheStatusIsAlertmanagers(t *testing.T) {
	t.Parallel()
	w := quietWorld(t)
	var got struct {
		Cluster     struct{ Status string }
		VersionInfo struct{ Version string }
	}
	w.call(t, "GET", "/api/v2/status", "", &got)
	if got.Cluster.Status != "disabled" || got.VersionInfo.Version != "1.2.3" {
		t.Errorf("got %+v, want a cluster that is disabled and version 1.2.3", got)
	}
}
