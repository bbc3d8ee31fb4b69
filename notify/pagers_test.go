package notify

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"alerter/evaluate"
)

// wantPagerLimits checks what on-call services take at most.
func wantPagerLimits(t *testing.T, kind string, raw []byte) {
	t.Helper()
	pretty(t, raw)
	if len(raw) > 512_000 {
		t.Errorf("got %d bytes, want at most 512 kB", len(raw))
	}
	if kind == "jsm" {
		var e jsmCreate
		read(t, raw, &e)
		if utf8.RuneCountInString(e.Message) > 130 || utf8.RuneCountInString(e.Description) > 15_000 {
			t.Errorf("got a message of %d and a description of %d characters, want at most 130 and 15,000", utf8.RuneCountInString(e.Message), utf8.RuneCountInString(e.Description))
		}
		return
	}
	var e pagerDutyEvent
	read(t, raw, &e)
	if len(e.DedupKey) > 255 || e.Payload != nil && utf8.RuneCountInString(e.Payload.Summary) > 1024 {
		t.Errorf("got a key of %d and a summary of %d, want at most 255 and 1024", len(e.DedupKey), utf8.RuneCountInString(e.Payload.Summary))
	}
}

func TestAnEpisodeIsOneIncidentWhateverItsSeverity(t *testing.T) {
	t.Parallel()
	p := newPlace(t, answer{code: http.StatusAccepted})
	c := open(t, "pagerduty", settingsOf(map[string]any{"routing_key": testRouting, "url": p.URL}), nil)
	warning, critical := easedAlert(), easedAlert()
	critical.Severity = evaluate.Critical
	over := resolvedAlert()
	next := pressureAlert() // a later episode of the same alert
	for i, m := range []Message{
		Compose(routed(evaluate.Fired, warning), page), Compose(routed(evaluate.Escalated, critical), page),
		Compose(routed(evaluate.ReasonAcknowledged, critical), page), Compose(routed(evaluate.ReasonResolved, over), page),
		Compose(routed(evaluate.Fired, next), page),
	} {
		m.Key = fmt.Sprint(i)
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	var keys, actions []string
	for _, r := range p.requests() {
		var e pagerDutyEvent
		read(t, r.body, &e)
		keys, actions = append(keys, e.DedupKey), append(actions, string(e.Action))
	}
	if got, want := strings.Join(actions, " "), "trigger trigger acknowledge resolve trigger"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if keys[0] != keys[1] || keys[0] != keys[2] || keys[0] != keys[3] || keys[4] == keys[0] {
		t.Errorf("got keys %q, want one for the first four and another for the next episode", keys)
	}
}

func TestWhatIsOverAtOnceLeavesNoOpenIncident(t *testing.T) {
	t.Parallel()
	changed := loweredAlert()
	changed.State, changed.ResolvedAt = evaluate.Resolved, changed.FiredAt
	for name, m := range map[string]Message{"changed limit": Compose(routed(evaluate.Fired, changed), page), "test": TestMessage("team", "test-1", page, noon)} {
		events := pagerEvents(m)
		if len(events) != 2 || events[0].action != pagerTrigger || events[1].action != pagerResolve || events[0].incident != events[1].incident {
			t.Errorf("%s: got %+v, want one incident triggered and resolved", name, events)
		}
	}
}

func TestALargeMessageGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"pagerduty", "jsm"} {
		p := newPlace(t, answer{code: 202}, answer{code: 202}, answer{code: 429, header: map[string]string{"Retry-After": "30"}}, answer{code: 202})
		c := open(t, kind, settingsOf(map[string]map[string]any{
			"pagerduty": {"routing_key": testRouting, "url": p.URL}, "jsm": {"api_key": testBearer, "url": p.URL + "/v2/alerts/"},
		}[kind]), nil)
		m := many(5)
		if _, err := c.Send(t.Context(), m); IsPermanent(err) || err == nil {
			t.Fatalf("%s: got %v, want an error to retry", kind, err)
		}
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		seen := map[string]int{}
		for _, r := range p.requests() {
			seen[string(r.body)]++
			if kind == "jsm" && r.path != "/v2/alerts" {
				t.Errorf("got a request to %s, want /v2/alerts", r.path)
			}
		}
		if len(p.requests()) != 6 || len(seen) != 5 {
			t.Errorf("%s: got %d requests of %d events, want 6 of 5: only the refused one twice", kind, len(p.requests()), len(seen))
		}
	}
}
