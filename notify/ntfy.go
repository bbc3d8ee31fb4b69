package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"alerter/evaluate"
)

const (
	ntfyServer = "https://ntfy.sh"
	// ntfyMaxMessage is where a message becomes an attachment, in bytes:
	// https://docs.ntfy.sh/publish/#limitations
	ntfyMaxMessage = 4096
	ntfyMaxTitle   = 250
)

// NtfySettings are those of an ntfy receiver: a topic of a server.
type NtfySettings struct {
	// URL is the server; empty: https://ntfy.sh.
	URL string `yaml:"url,omitempty" json:"url,omitempty" jsonschema_description:"The server; default https://ntfy.sh."`
	// Topic is as good as a password where the server has no access control.
	Topic     Secret `yaml:"topic,omitempty" json:"topic,omitempty" jsonschema_description:"The topic. On a server without access control it is as good as a password."`
	TopicFile string `yaml:"topic_file,omitempty" json:"topic_file,omitempty" jsonschema_description:"A file with the topic, read at every use."`
	// Token is an access token, tk_…; empty: none is needed.
	Token     Secret `yaml:"token,omitempty" json:"token,omitempty" jsonschema_description:"An access token, tk_…, for a protected topic."`
	TokenFile string `yaml:"token_file,omitempty" json:"token_file,omitempty" jsonschema_description:"A file with the token, read at every use."`
}

func (s *NtfySettings) check() error {
	errs := []error{
		oneOf("topic", s.Topic, s.TopicFile, true),
		oneOf("token", s.Token, s.TokenFile, false),
		checkURL("url", s.URL),
	}
	if strings.ContainsAny(string(s.Topic), "/ \t\r\n") {
		errs = append(errs, errors.New("topic: only its name, without the server's address"))
	}
	return errors.Join(errs...)
}

func (s *NtfySettings) warnings() []string {
	return plainHTTP("ntfy url", s.URL, "the topic and the messages")
}

func (s *NtfySettings) open(env Env) Channel {
	return &ntfy{settings: *s, poster: newPoster(env)}
}

// ntfy publishes messages to a topic.
type ntfy struct {
	settings NtfySettings
	poster   poster
}

// ntfyMessage is the request: https://docs.ntfy.sh/publish/#publish-as-json
type ntfyMessage struct {
	Topic    string       `json:"topic"`
	Title    string       `json:"title"`
	Message  string       `json:"message"`
	Priority int          `json:"priority"` // 1 (least) to 5
	Tags     []string     `json:"tags"`     // names of emojis are shown as such
	Click    string       `json:"click,omitempty"`
	Actions  []ntfyAction `json:"actions,omitempty"`
}

type ntfyAction struct {
	Action string `json:"action"`
	Label  string `json:"label"`
	URL    string `json:"url"`
}

// Send publishes m.
func (n *ntfy) Send(ctx context.Context, m Message) (Receipt, error) {
	const doing = "publish to ntfy"
	topic, err := readSecret("topic", n.settings.Topic, n.settings.TopicFile)
	if err != nil {
		return Receipt{}, fmt.Errorf("%s: %w", doing, err)
	}
	token, err := readSecret("token", n.settings.Token, n.settings.TokenFile)
	if err != nil {
		return Receipt{}, fmt.Errorf("%s: %w", doing, err)
	}
	body, err := marshalJSON(ntfyBody(topic, m))
	if err != nil {
		return Receipt{}, Permanent(fmt.Errorf("%s: %w", doing, err))
	}
	header := make(http.Header)
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	l := letter{doing: doing, to: cmp.Or(n.settings.URL, ntfyServer), header: header, body: body, safe: newRedactor(topic, token)}
	answered, err := n.poster.post(ctx, l)
	if err != nil {
		return Receipt{}, err
	}
	var published struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(answered, &published) != nil {
		return Receipt{}, nil // it has taken the message
	}
	return Receipt{ID: published.ID}, nil
}

func ntfyBody(topic string, m Message) ntfyMessage {
	out := ntfyMessage{
		Topic: topic, Title: clip(m.Title, ntfyMaxTitle), Priority: ntfyPriority(m), Tags: ntfyTags(m),
		Message: clipBytes(strings.TrimSpace(plain{full: 1, lines: outlineLines}.body(m)), ntfyMaxMessage),
	}
	if link := messageLink(m); link != "" {
		out.Click = link
		out.Actions = []ntfyAction{{Action: "view", Label: "Open", URL: link}}
	}
	return out
}

// ntfyPriority lets a phone ring long for what is critical, and not at all for
// what is over: https://docs.ntfy.sh/publish/#message-priority
func ntfyPriority(m Message) int {
	switch toneOf(m) {
	case toneCritical:
		return 5
	case toneWarning:
		if m.Reason == evaluate.Eased {
			return 3
		}
		return 4
	case toneGood:
		return 2
	}
	return 3
}

// ntfyTags is the emoji in front of the title, and the words to filter by.
func ntfyTags(m Message) []string {
	emoji := map[tone]string{toneCritical: "red_circle", toneWarning: "orange_circle", toneGood: "green_circle", toneNeutral: "white_circle"}
	tags := []string{emoji[toneOf(m)]}
	if m.Reason != "" {
		tags = append(tags, string(m.Reason))
	}
	if s := worst(m); s != evaluate.None {
		tags = append(tags, string(s))
	}
	return tags
}

// clipBytes cuts s to at most n bytes, never inside a character.
func clipBytes(s string, n int) string {
	const more = "…"
	if len(s) <= n {
		return s
	}
	cut := n - len(more)
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + more
}
