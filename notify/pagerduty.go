package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"alerter/evaluate"
)

const (
	pagerDutyURL = "https://events.pagerduty.com"
	pagerDutyAPI = "/v2/enqueue"
	// pagerDutyMaxSummary is in characters: https://developer.pagerduty.com/docs/send-alert-event
	pagerDutyMaxSummary = 1024
)

// PagerDutySettings are those of a PagerDuty receiver: a service's integration
// of the kind Events API v2.
type PagerDutySettings struct {
	// RoutingKey is the integration's key, 32 characters.
	RoutingKey     Secret `yaml:"routing_key,omitempty" json:"routing_key,omitempty" jsonschema_description:"The integration key of a service's Events API v2 integration, 32 characters."`
	RoutingKeyFile string `yaml:"routing_key_file,omitempty" json:"routing_key_file,omitempty" jsonschema_description:"A file with the key, read at every use."`
	// URL is another host; empty: https://events.pagerduty.com.
	URL string `yaml:"url,omitempty" json:"url,omitempty" jsonschema_description:"Another host, such as https://events.eu.pagerduty.com; default https://events.pagerduty.com."`
}

func (s *PagerDutySettings) check() error {
	errs := []error{oneOf("routing_key", s.RoutingKey, s.RoutingKeyFile, true)}
	if s.RoutingKey != "" && len(s.RoutingKey) != 32 {
		errs = append(errs, fmt.Errorf("routing_key: it has %s, an integration key of the Events API v2 has 32", plural(len(s.RoutingKey), "character")))
	}
	return errors.Join(append(errs, checkURL("url", s.URL))...)
}

func (s *PagerDutySettings) warnings() []string {
	return plainHTTP("pagerduty url", s.URL, "the routing key")
}

func (*PagerDutySettings) onlyAlerts() bool { return true }

func (s *PagerDutySettings) open(env Env) Channel {
	return &pagerDuty{settings: *s, poster: newPoster(env)}
}

// pagerDuty opens, acknowledges and resolves incidents.
type pagerDuty struct {
	settings PagerDutySettings
	poster   poster
	progress progress
}

// pagerDutyEvent is one request: https://developer.pagerduty.com/docs/send-alert-event
type pagerDutyEvent struct {
	RoutingKey string            `json:"routing_key"`
	Action     pagerAction       `json:"event_action"`
	DedupKey   string            `json:"dedup_key"`
	Payload    *pagerDutyPayload `json:"payload,omitempty"` // of a trigger
	Client     string            `json:"client,omitempty"`
	ClientURL  string            `json:"client_url,omitempty"`
	Links      []pagerDutyLink   `json:"links,omitempty"`
}

type pagerDutyPayload struct {
	Summary   string            `json:"summary"`
	Source    string            `json:"source"`
	Severity  string            `json:"severity"`
	Timestamp string            `json:"timestamp"`
	Component string            `json:"component,omitempty"` // the model group
	Group     string            `json:"group,omitempty"`     // the workspace
	Class     string            `json:"class,omitempty"`     // the limiter
	Details   map[string]string `json:"custom_details"`
}

type pagerDutyLink struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

// Send makes one event of each alert of m. PagerDuty takes the same event twice
// for one, so a repeat does no harm.
func (p *pagerDuty) Send(ctx context.Context, m Message) (Receipt, error) {
	const doing = "send to PagerDuty"
	key, err := readSecret("routing_key", p.settings.RoutingKey, p.settings.RoutingKeyFile)
	if err != nil {
		return Receipt{}, fmt.Errorf("%s: %w", doing, err)
	}
	to := endpoint(cmp.Or(p.settings.URL, pagerDutyURL), pagerDutyAPI)
	var letters []letter
	for _, e := range pagerEvents(m) {
		body, err := marshalJSON(pagerDutyBody(key, m, e))
		if err != nil {
			return Receipt{}, Permanent(fmt.Errorf("%s: %w", doing, err))
		}
		letters = append(letters, letter{doing: doing, to: to, body: body, safe: newRedactor(key)})
	}
	return Receipt{}, p.progress.send(ctx, p.poster, m.Key, letters)
}

func pagerDutyBody(key string, m Message, e pagerEvent) pagerDutyEvent {
	out := pagerDutyEvent{RoutingKey: key, Action: e.action, DedupKey: e.incident}
	if e.action != pagerTrigger {
		return out
	}
	out.Client, out.ClientURL = "alerter", m.ExternalURL
	out.Payload = &pagerDutyPayload{
		Summary: clip(e.summary(), pagerDutyMaxSummary), Source: e.where(), Severity: pagerDutySeverity(e.alert.Severity),
		Timestamp: m.At.UTC().Format(time.RFC3339),
		Component: name(e.alert.Labels["model_group"]), Group: name(e.alert.Labels["workspace"]), Class: name(e.alert.Labels["limiter"]),
		Details: e.details(),
	}
	if e.text.Link != "" {
		out.Links = []pagerDutyLink{{Href: e.text.Link, Text: "Open the alert"}}
	}
	return out
}

// pagerDutySeverity is one of PagerDuty's critical, error, warning and info.
func pagerDutySeverity(s evaluate.Severity) string {
	if s == evaluate.None {
		return string(evaluate.Info)
	}
	return string(s)
}
