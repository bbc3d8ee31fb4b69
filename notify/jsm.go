package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"alerter/evaluate"
)

const (
	jsmURL = "https://api.atlassian.com/jsm/ops/integration"
	jsmAPI = "/v2/alerts"
	// The limits of an alert's fields, in characters: https://docs.opsgenie.com/docs/alert-api
	jsmMaxMessage     = 130
	jsmMaxDescription = 15_000
)

// JSMSettings are those of a receiver in Jira Service Management Operations, or
// in Opsgenie, which speaks the same.
type JSMSettings struct {
	// APIKey is that of an API integration.
	APIKey     Secret `yaml:"api_key,omitempty" json:"api_key,omitempty" jsonschema_description:"The key of an API integration."`
	APIKeyFile string `yaml:"api_key_file,omitempty" json:"api_key_file,omitempty" jsonschema_description:"A file with the key, read at every use."`
	// URL is another host: https://api.opsgenie.com or https://api.eu.opsgenie.com for Opsgenie.
	URL string `yaml:"url,omitempty" json:"url,omitempty" jsonschema_description:"Another host: https://api.opsgenie.com or https://api.eu.opsgenie.com for Opsgenie; default https://api.atlassian.com/jsm/ops/integration."`
}

func (s *JSMSettings) check() error {
	return errors.Join(oneOf("api_key", s.APIKey, s.APIKeyFile, true), checkURL("url", s.URL))
}

func (s *JSMSettings) warnings() []string { return plainHTTP("jsm url", s.URL, "the API key") }

func (*JSMSettings) onlyAlerts() bool { return true }

func (s *JSMSettings) open(env Env) Channel { return &jsm{settings: *s, poster: newPoster(env)} }

// jsm creates, acknowledges and closes alerts by their alias.
type jsm struct {
	settings JSMSettings
	poster   poster
	progress progress
}

// jsmCreate is the request that creates an alert, or counts it once more while
// it is open: https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v1/api-group-integration-events/
type jsmCreate struct {
	Message     string            `json:"message"`
	Alias       string            `json:"alias"`
	Description string            `json:"description"`
	Priority    string            `json:"priority"`
	Source      string            `json:"source"`
	Entity      string            `json:"entity"`
	Tags        []string          `json:"tags"`
	Details     map[string]string `json:"details"`
}

// jsmNote goes with what happens to an alert there is.
type jsmNote struct {
	Source string `json:"source"`
	Note   string `json:"note"`
}

// Send does for each alert of m what there is to do. An alias takes the same
// request twice for one, so a repeat does no harm.
func (j *jsm) Send(ctx context.Context, m Message) (Receipt, error) {
	const doing = "send to JSM"
	key, err := readSecret("api_key", j.settings.APIKey, j.settings.APIKeyFile)
	if err != nil {
		return Receipt{}, fmt.Errorf("%s: %w", doing, err)
	}
	base := endpoint(cmp.Or(j.settings.URL, jsmURL), jsmAPI)
	var letters []letter
	for _, e := range pagerEvents(m) {
		for _, r := range jsmRequests(e) {
			body, err := marshalJSON(r.body)
			if err != nil {
				return Receipt{}, Permanent(fmt.Errorf("%s: %w", doing, err))
			}
			header := http.Header{"Authorization": {"GenieKey " + key}}
			letters = append(letters, letter{doing: doing, to: base + r.path, header: header, body: body, safe: newRedactor(key)})
		}
	}
	return Receipt{}, j.progress.send(ctx, j.poster, m.Key, letters)
}

// jsmRequest is one request below the address of all alerts.
type jsmRequest struct {
	path string
	body any
}

// jsmRequests are what an event comes to. An open alert keeps its priority
// however often it is created, so that a change is written into a note.
func jsmRequests(e pagerEvent) []jsmRequest {
	byAlias := func(do string) jsmRequest {
		path := "/" + url.PathEscape(e.incident) + "/" + do + "?identifierType=alias"
		return jsmRequest{path: path, body: jsmNote{Source: "alerter", Note: clip(e.story(), jsmMaxDescription)}}
	}
	switch {
	case e.action == pagerResolve:
		return []jsmRequest{byAlias("close")}
	case e.action == pagerAcknowledge:
		return []jsmRequest{byAlias("acknowledge")}
	case e.reason == evaluate.Escalated, e.reason == evaluate.Eased:
		return []jsmRequest{{body: jsmCreateOf(e)}, byAlias("notes")}
	}
	return []jsmRequest{{body: jsmCreateOf(e)}}
}

// story is the alert in full.
func (e pagerEvent) story() string {
	var b strings.Builder
	fmt.Fprintln(&b, e.text.Title)
	writeText(&b, e.text)
	return strings.TrimSpace(b.String())
}

func jsmCreateOf(e pagerEvent) jsmCreate {
	out := jsmCreate{
		Message: clip(e.summary(), jsmMaxMessage), Alias: e.incident, Description: clip(e.story(), jsmMaxDescription),
		Priority: jsmPriority(e.alert.Severity), Source: "alerter", Entity: e.where(),
		Tags: []string{}, Details: e.details(),
	}
	for _, label := range []string{"alertname", "severity"} {
		if value := e.alert.Labels[label]; value != "" {
			out.Tags = append(out.Tags, clip(name(value), 50))
		}
	}
	return out
}

// jsmPriority is P1 (highest) to P5.
func jsmPriority(s evaluate.Severity) string {
	switch s {
	case evaluate.Critical:
		return "P1"
	case evaluate.Warning:
		return "P3"
	}
	return "P5"
}
