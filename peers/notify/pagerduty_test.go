package notify

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/PagerDuty/go-pagerduty"
)

// event reads the next delivery as PagerDuty's own client would have written it,
// and refuses what that does not know.
func event(t *testing.T, r *recorder) pagerduty.V2Event {
	t.Helper()
	d := r.next(t)
	var e pagerduty.V2Event
	read := json.NewDecoder(bytes.NewReader(d.body))
	read.DisallowUnknownFields()
	if err := read.Decode(&e); err != nil {
		t.Fatalf("read %s: %v", d.body, err)
	}
	return e
}

func TestPagerDutysClientKnowsEveryEvent(t *testing.T) {
	t.Parallel()
	r := newRecorder(t)
	c := channel(t, "pagerduty", settings{"routing_key": "0123456789abcdef0123456789abcdef", "url": r.url})
	var got []pagerduty.V2Event
	for _, m := range episode() {
		send(t, c, m)
		got = append(got, event(t, r))
	}
	for i, want := range []string{"trigger", "trigger", "resolve"} {
		if got[i].Action != want || got[i].DedupKey != got[0].DedupKey || got[i].RoutingKey == "" {
			t.Errorf("got event %d %q of incident %q, want %q of %q", i, got[i].Action, got[i].DedupKey, want, got[0].DedupKey)
		}
	}
	for i, want := range []string{"warning", "critical"} {
		if len(got[i].Links) != 1 || got[i].Client != "alerter" || got[i].ClientURL != page {
			t.Errorf("got links %v of event %d, sent by %s at %s, want one link, by us", got[i].Links, i, got[i].Client, got[i].ClientURL)
		}
		p := got[i].Payload
		if p != nil {
			details, _ := p.Details.(map[string]any)
			if _, err := time.Parse(time.RFC3339, p.Timestamp); err != nil || details["used"] != "965000" || details["rule"] == "" {
				t.Errorf("got details %v of event %d at %q, want what a person needs to know, and when", p.Details, i, p.Timestamp)
			}
		}
		if p == nil || p.Severity != want || p.Summary == "" || p.Source == "" || p.Component != "Claude Opus 5" {
			t.Errorf("got payload %+v of event %d, want a summary and severity %s", p, i, want)
		}
	}
}

func TestPagerDutysClientSendsWhatWeWouldForAnAcknowledgement(t *testing.T) {
	t.Parallel()
	ours, theirs := newRecorder(t), newRecorder(t)
	m := episode()[0]
	m.Items[0].Reason = "acknowledged"
	send(t, channel(t, "pagerduty", settings{"routing_key": "0123456789abcdef0123456789abcdef", "url": ours.url}), m)
	e := event(t, ours)
	client := pagerduty.NewClient("", pagerduty.WithV2EventsAPIEndpoint(theirs.url))
	// Its answer is not looked at: the recorder is no PagerDuty.
	_, _ = client.ManageEventWithContext(t.Context(), &e)
	if again := event(t, theirs); again.Action != "acknowledge" || again.DedupKey != e.DedupKey || again.RoutingKey != e.RoutingKey {
		t.Errorf("got %+v, want what we sent: %+v", again, e)
	}
}
