package notify

import (
	"context"
	"sync"

	"alerter/evaluate"
)

// pagerAction is what an on-call service is to do with one alert.
type pagerAction string

const (
	pagerTrigger     pagerAction = "trigger"
	pagerAcknowledge pagerAction = "acknowledge"
	pagerResolve     pagerAction = "resolve"
)

// pagerEvent is one alert for an on-call service.
type pagerEvent struct {
	action pagerAction
	// incident is the same for all events of one episode, whatever its severity.
	incident string
	reason   evaluate.Reason
	alert    Alert
	text     Text
}

// pagerEvents are what a message comes to: one event for each alert, gravest
// first. What is over as soon as it is told, such as a changed limit or a test,
// is triggered and resolved at once, so that nobody has to close it.
func pagerEvents(m Message) []pagerEvent {
	if m.Kind == KindTest {
		return pagerTest(m)
	}
	var events []pagerEvent
	for _, it := range m.Items {
		if it.Reason == evaluate.SilenceEnding {
			continue // what still fires then is told when the silence ends
		}
		e := pagerEvent{action: pagerActionOf(it.Reason), incident: incidentOf(it.Alert), reason: it.Reason, alert: it.Alert, text: it.Text}
		events = append(events, e)
		if e.action == pagerTrigger && isMomentary(it.Alert) {
			e.action = pagerResolve
			events = append(events, e)
		}
	}
	return events
}

// isMomentary reports whether an alert was over when it fired.
func isMomentary(a Alert) bool {
	return a.FiredAt != nil && a.ResolvedAt != nil && a.ResolvedAt.Equal(*a.FiredAt)
}

// incidentOf names an episode: not by its severity, so that an alert that gets
// worse stays one incident.
func incidentOf(a Alert) string {
	began := ""
	if a.FiredAt != nil {
		began = a.FiredAt.UTC().Format("20060102T150405.000Z")
	}
	return "alerter-" + string(a.Fingerprint) + "-" + began
}

func pagerActionOf(r evaluate.Reason) pagerAction {
	switch r {
	case evaluate.ReasonResolved, evaluate.ReasonWithdrawn:
		return pagerResolve
	case evaluate.ReasonAcknowledged:
		return pagerAcknowledge
	}
	return pagerTrigger
}

func pagerTest(m Message) []pagerEvent {
	e := pagerEvent{
		action: pagerTrigger, incident: "alerter-" + shortHash("pager", m.Key),
		alert: Alert{Labels: map[string]string{"alertname": "Test"}, Annotations: map[string]string{"summary": m.Title}, Severity: evaluate.Info},
		text:  Text{Title: m.Title, Lead: messageLead(m)},
	}
	over := e
	over.action = pagerResolve
	return []pagerEvent{e, over}
}

// where is what an alert is about, for fields that hold a name.
func (e pagerEvent) where() string {
	for _, label := range []string{"workspace", "organization"} {
		if e.alert.Labels[label] != "" {
			return name(e.alert.Labels[label])
		}
	}
	return "alerter"
}

// summary is the alert in one line, numbers first.
func (e pagerEvent) summary() string {
	if s := e.alert.Annotations["summary"]; s != "" {
		return s
	}
	return e.text.Title
}

// details are what is known of the alert, for people who look at the incident.
func (e pagerEvent) details() map[string]string {
	all := map[string]string{"reason": string(e.reason), "fingerprint": string(e.alert.Fingerprint)}
	for _, from := range []map[string]string{e.alert.Labels, e.alert.Annotations} {
		for key, value := range from {
			all[key] = clip(value, 2000)
		}
	}
	return withoutEmpty(all)
}

// progress remembers how many requests of the message under way have been taken
// in, so that a large one goes on where it stopped instead of beginning again. It
// forgets with the process: a repeat changes nothing, since incidents have keys.
type progress struct {
	mu   sync.Mutex
	key  string // the message's
	done int
}

// send posts the letters of a message one after the other.
func (p *progress) send(ctx context.Context, to poster, key string, letters []letter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.key != key {
		p.key, p.done = key, 0
	}
	for p.done < len(letters) {
		if _, err := to.post(ctx, letters[p.done]); err != nil {
			if p.done > 0 {
				return &failure{error: err, partly: true}
			}
			return err
		}
		p.done++
	}
	p.key, p.done = "", 0
	return nil
}
