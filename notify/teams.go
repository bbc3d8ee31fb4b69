package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// teamsMaxBody keeps a message under the 28 kB that Teams takes:
// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#rate-limiting-for-connectors
const teamsMaxBody = 27_000

// TeamsSettings are those of a Microsoft Teams receiver: a workflow that posts
// what its webhook gets into a channel or chat.
type TeamsSettings struct {
	// WebhookURL is the workflow's address, a secret in itself: its query holds
	// the signature.
	WebhookURL     Secret `yaml:"webhook_url,omitempty" json:"webhook_url,omitempty" jsonschema_description:"The address of a workflow made from the template Post to a channel when a webhook request is received."`
	WebhookURLFile string `yaml:"webhook_url_file,omitempty" json:"webhook_url_file,omitempty" jsonschema_description:"A file with the address, read at every use."`
}

func (s *TeamsSettings) check() error {
	return errors.Join(oneOf("webhook_url", s.WebhookURL, s.WebhookURLFile, true), checkURL("webhook_url", string(s.WebhookURL)))
}

func (s *TeamsSettings) warnings() []string {
	return plainHTTP("teams webhook_url", string(s.WebhookURL), "the address")
}

func (s *TeamsSettings) open(env Env) Channel {
	return &teams{settings: *s, poster: newPoster(env)}
}

// teams posts messages as Adaptive Cards.
type teams struct {
	settings TeamsSettings
	poster   poster
}

// Send posts m. The workflow gives no receipt, so every message stands by itself.
func (t *teams) Send(ctx context.Context, m Message) (Receipt, error) {
	const doing = "post to Teams"
	address, err := readSecret("webhook_url", t.settings.WebhookURL, t.settings.WebhookURLFile)
	if err != nil {
		return Receipt{}, fmt.Errorf("%s: %w", doing, err)
	}
	to, err := parseURL("webhook_url", address)
	if err != nil {
		return Receipt{}, fmt.Errorf("%s: %w", doing, err)
	}
	body, err := teamsBody(m)
	if err != nil {
		return Receipt{}, Permanent(fmt.Errorf("%s: %w", doing, err))
	}
	secrets := []string{address}
	for _, values := range to.Query() {
		secrets = append(secrets, values...)
	}
	_, err = t.poster.post(ctx, letter{doing: doing, to: to.String(), body: body, safe: newRedactor(secrets...)})
	return Receipt{}, err
}

// teamsBody writes as many rows as fit.
func teamsBody(m Message) ([]byte, error) {
	rows := outline(m)
	for {
		body, err := marshalJSON(teamsMessageOf(m, rows))
		if err != nil || len(body) <= teamsMaxBody || len(rows) == 0 {
			return body, err
		}
		rows = append(rows[:len(rows)*3/4:len(rows)*3/4], row{text: "…"})
		if len(rows) <= 2 {
			rows = nil
		}
	}
}

// teamsMessage is what a workflow takes: one Adaptive Card as an attachment.
// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#send-adaptive-cards-using-an-incoming-webhook
type teamsMessage struct {
	Type        string            `json:"type"`
	Attachments []teamsAttachment `json:"attachments"`
}

type teamsAttachment struct {
	ContentType string    `json:"contentType"`
	Content     teamsCard `json:"content"`
}

// teamsCard is an Adaptive Card: https://adaptivecards.io/explorer/AdaptiveCard.html
type teamsCard struct {
	Schema  string         `json:"$schema"`
	Type    string         `json:"type"`
	Version string         `json:"version"`
	Teams   teamsWidth     `json:"msteams"`
	Summary string         `json:"fallbackText"`
	Body    []teamsElement `json:"body"`
	Actions []teamsAction  `json:"actions,omitempty"`
}

type teamsWidth struct {
	Width string `json:"width"`
}

// teamsElement is a Container, or a RichTextBlock, whose text is no Markdown: a
// name in it is never anything else.
type teamsElement struct {
	Type      string         `json:"type"`
	Style     string         `json:"style,omitempty"`
	Bleed     bool           `json:"bleed,omitempty"`
	Separator bool           `json:"separator,omitempty"`
	Spacing   string         `json:"spacing,omitempty"`
	Items     []teamsElement `json:"items,omitempty"`
	Inlines   []teamsRun     `json:"inlines,omitempty"`
}

type teamsRun struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Weight string `json:"weight,omitempty"`
	Size   string `json:"size,omitempty"`
}

type teamsAction struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

func teamsMessageOf(m Message, rows []row) teamsMessage {
	title := symbolOf(toneOf(m)) + clip(m.Title, 300)
	card := teamsCard{
		Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4",
		Teams: teamsWidth{Width: "Full"}, Summary: title,
		Body: []teamsElement{{
			Type: "Container", Style: teamsStyle(toneOf(m)), Bleed: true,
			Items: []teamsElement{teamsText(teamsRun{Text: title, Weight: "Bolder", Size: "Medium"})},
		}},
	}
	parted := true // below the title there is a wider space
	for _, r := range rows {
		if r == (row{}) {
			parted = true
			continue
		}
		line := teamsRow(r)
		if parted {
			line.Spacing, parted = "Medium", false
		}
		card.Body = append(card.Body, line)
	}
	if link := messageLink(m); link != "" {
		card.Actions = []teamsAction{{Type: "Action.OpenUrl", Title: "Open", URL: link}}
	}
	return teamsMessage{Type: "message", Attachments: []teamsAttachment{{ContentType: "application/vnd.microsoft.card.adaptive", Content: card}}}
}

// teamsText is one line.
func teamsText(runs ...teamsRun) teamsElement {
	for i := range runs {
		runs[i].Type = "TextRun"
	}
	return teamsElement{Type: "RichTextBlock", Spacing: "Small", Inlines: runs}
}

func teamsRow(r row) teamsElement {
	text := clip(r.text, 500)
	switch {
	case r.heading:
		line := teamsText(teamsRun{Text: text, Weight: "Bolder"})
		line.Separator = true
		return line
	case r.name != "" && text == "":
		return teamsText(teamsRun{Text: clip(r.name, 80), Weight: "Bolder"})
	case r.name != "":
		return teamsText(teamsRun{Text: clip(r.name, 80) + "  ", Weight: "Bolder"}, teamsRun{Text: text})
	}
	return teamsText(teamsRun{Text: strings.TrimSpace(text)})
}

// teamsStyle is the colour behind the title.
func teamsStyle(t tone) string {
	switch t {
	case toneCritical:
		return "attention"
	case toneWarning:
		return "warning"
	case toneGood:
		return "good"
	}
	return "emphasis"
}
