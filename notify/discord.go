package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Discord's limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits
const (
	discordMaxTitle       = 256
	discordMaxDescription = 4096
)

// DiscordSettings are those of a Discord receiver: a webhook of a channel.
type DiscordSettings struct {
	// WebhookURL is a secret in itself.
	WebhookURL     Secret `yaml:"webhook_url,omitempty" json:"webhook_url,omitempty" jsonschema_description:"The address of the channel's webhook."`
	WebhookURLFile string `yaml:"webhook_url_file,omitempty" json:"webhook_url_file,omitempty" jsonschema_description:"A file with the address, read at every use."`
}

func (s *DiscordSettings) check() error {
	return errors.Join(oneOf("webhook_url", s.WebhookURL, s.WebhookURLFile, true), checkURL("webhook_url", string(s.WebhookURL)))
}

func (s *DiscordSettings) warnings() []string {
	return plainHTTP("discord webhook_url", string(s.WebhookURL), "the address")
}

func (s *DiscordSettings) open(env Env) Channel {
	return &discord{settings: *s, poster: newPoster(env)}
}

// discord posts messages as embeds.
type discord struct {
	settings DiscordSettings
	poster   poster
}

// discordMessage is the request: https://discord.com/developers/docs/resources/webhook#execute-webhook
type discordMessage struct {
	Embeds   []discordEmbed  `json:"embeds"`
	Mentions discordMentions `json:"allowed_mentions"`
}

// discordMentions allows none, whatever a name contains.
type discordMentions struct {
	Parse []string `json:"parse"`
}

type discordEmbed struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`
	Colour      int    `json:"color"`
	Timestamp   string `json:"timestamp"`
}

// Send posts m.
func (d *discord) Send(ctx context.Context, m Message) (Receipt, error) {
	const doing = "post to Discord"
	address, err := readSecret("webhook_url", d.settings.WebhookURL, d.settings.WebhookURLFile)
	if err != nil {
		return Receipt{}, fmt.Errorf("%s: %w", doing, err)
	}
	to, err := parseURL("webhook_url", address)
	if err != nil {
		return Receipt{}, fmt.Errorf("%s: %w", doing, err)
	}
	body, err := marshalJSON(discordBody(m))
	if err != nil {
		return Receipt{}, Permanent(fmt.Errorf("%s: %w", doing, err))
	}
	// Only an answer that was waited for says whether the message was taken in.
	query := to.Query()
	query.Set("wait", "true")
	to.RawQuery = query.Encode()
	answered, err := d.poster.post(ctx, letter{doing: doing, to: to.String(), body: body, safe: discordSecrets(to, address), wait: discordWait})
	if err != nil {
		return Receipt{}, err
	}
	var posted struct {
		ID      string `json:"id"`
		Channel string `json:"channel_id"`
	}
	if json.Unmarshal(answered, &posted) != nil {
		return Receipt{}, nil // it has taken the message
	}
	return Receipt{ID: posted.ID, Channel: posted.Channel}, nil
}

// discordSecrets are the address as configured and as used, and its last part,
// the token.
func discordSecrets(to *url.URL, address string) redactor {
	return newRedactor(to.String(), address, to.Path[strings.LastIndex(to.Path, "/")+1:])
}

// discordWait reads how long to wait, which the body says more exactly than the
// header: https://discord.com/developers/docs/topics/rate-limits
func discordWait(body []byte) time.Duration {
	var a struct {
		RetryAfter float64 `json:"retry_after"` // seconds
	}
	if json.Unmarshal(body, &a) != nil {
		return 0
	}
	return seconds(a.RetryAfter)
}

func discordBody(m Message) discordMessage {
	return discordMessage{
		Embeds: []discordEmbed{{
			Title:       clip(discordEscape(symbolOf(toneOf(m))+clip(m.Title, discordMaxTitle/2)), discordMaxTitle),
			Description: fitted(outline(m), discordMaxDescription, discordRow),
			URL:         messageLink(m),
			Colour:      discordColour(toneOf(m)),
			Timestamp:   m.At.UTC().Format(time.RFC3339),
		}},
		Mentions: discordMentions{Parse: []string{}},
	}
}

func discordRow(r row) string {
	text := discordEscape(r.text)
	switch {
	case r.heading:
		return "**" + text + "**"
	case r.name != "":
		return strings.TrimRight("**"+discordEscape(r.name)+"** "+text, " ")
	}
	return text
}

// discordMarks are the characters that mean something anywhere in Discord's
// Markdown; discordLineMarks do where a line begins.
const (
	discordMarks     = "\\*_~`|>[]<:@"
	discordLineMarks = "-#"
)

// discordEscape makes every character of a line stand for itself.
func discordEscape(s string) string {
	var b strings.Builder
	for i, r := range s {
		if strings.ContainsRune(discordMarks, r) || i == 0 && strings.ContainsRune(discordLineMarks, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// discordColour is a tone as 24 bits of red, green and blue.
func discordColour(t tone) int {
	switch t {
	case toneCritical:
		return 0xd93025
	case toneWarning:
		return 0xf29900
	case toneGood:
		return 0x1e8e3e
	}
	return 0x80868b
}
