package notify

import (
	"net/http"
	"testing"

	"alerter/evaluate"
	"alerter/notify"
)

// amAlert is an alert as Alertmanager shows it.
type amAlert struct {
	Labels map[string]string `json:"labels"`
	Status struct {
		State string `json:"state"`
	} `json:"status"`
	GeneratorURL string `json:"generatorURL"`
}

// severities are those of the alerts that Alertmanager takes to fire.
func severities(t *testing.T, url string) (all []string) {
	t.Helper()
	var alerts []amAlert
	call(t, http.MethodGet, url+"/api/v2/alerts", nil, "", &alerts)
	for _, a := range alerts {
		if a.Labels["alertname"] != "LimitPressure" || a.GeneratorURL == "" || a.Labels["organization"] != "acme" {
			t.Errorf("got alert %+v, want ours with a link", a)
		}
		all = append(all, a.Labels["severity"])
	}
	return all
}

// Promise 4's exception: what fires is told again and again, and Alertmanager
// shows it as it is, one alert at a time, until it is over.
func TestAlertmanagerTakesOurPushAndShowsTheAlertAsItIs(t *testing.T) {
	t.Parallel()
	told := newRecorder(t)
	url := startAlertmanager(t, told.url)
	c := channel(t, "alertmanager", settings{"urls": []string{url}, "allow_private_networks": true})
	receivers := notify.Receivers{"am": {Kind: "alertmanager", Channel: c}}
	check := func(when string, want ...string) {
		t.Helper()
		got := severities(t, url)
		if len(got) != len(want) || len(want) > 0 && got[0] != want[0] {
			t.Errorf("%s: Alertmanager shows %q, want %q", when, got, want)
		}
	}
	messages := episode()
	send(t, c, messages[0])
	check("fired", "warning")
	if err := receivers.Mirror(t.Context(), "am", messages[0].Group, page); err != nil {
		t.Fatal(err)
	}
	check("told again", "warning")
	send(t, c, messages[1])
	check("escalated", "critical")
	worse := messages[1].Group[0]
	worse.Labels["severity"] = string(evaluate.Warning) // eased without a word
	if err := receivers.Mirror(t.Context(), "am", []notify.Alert{worse}, page); err != nil {
		t.Fatal(err)
	}
	check("eased", "warning")
	send(t, c, messages[2])
	check("resolved")
}
