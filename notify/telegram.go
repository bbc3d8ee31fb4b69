package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"time"

	"alerter/evaluate"
)

const (
	telegramAPI = "https://api.telegram.org"
	// telegramMaxText is a message's length after its entities are read:
	// https://core.telegram.org/bots/api#sendmessage
	telegramMaxText = 4096
	// telegramTitle is what of it the title may take.
	telegramTitle = 300
)

// TelegramSettings are those of a Telegram receiver: a bot and a chat it may write to.
type TelegramSettings struct {
	// Token is the bot's, as BotFather gave it: 123456:ABC…
	Token     Secret `yaml:"token,omitempty" json:"token,omitempty" jsonschema_description:"The bot's token, as BotFather gave it."`
	TokenFile string `yaml:"token_file,omitempty" json:"token_file,omitempty" jsonschema_description:"A file with the token, read at every use."`
	// Chat is the chat's number (negative for groups), or @name of a public channel.
	Chat string `yaml:"chat,omitempty" json:"chat,omitempty" jsonschema_description:"The chat's number (negative for groups), or @name of a public channel."`
	// Topic is a topic's number in a group with topics; 0: none.
	Topic int `yaml:"topic,omitempty" json:"topic,omitempty" jsonschema_description:"A topic's number, in a group with topics."`
	// APIURL is another server of the Bot API; empty: https://api.telegram.org.
	APIURL string `yaml:"api_url,omitempty" json:"api_url,omitempty" jsonschema_description:"Another server of the Bot API; default https://api.telegram.org."`
}

func (s *TelegramSettings) check() error {
	errs := []error{oneOf("token", s.Token, s.TokenFile, true)}
	if id, numeric := strconv.ParseInt(s.Chat, 10, 64); numeric != nil && (!strings.HasPrefix(s.Chat, "@") || len(s.Chat) < 2) || id == 0 && numeric == nil {
		errs = append(errs, errors.New("chat: want a chat's number, such as -1001234567890, or the @name of a public channel"))
	}
	if s.Topic < 0 {
		errs = append(errs, fmt.Errorf("topic: %d is negative", s.Topic))
	}
	return errors.Join(append(errs, checkURL("api_url", s.APIURL))...)
}

func (s *TelegramSettings) warnings() []string {
	return plainHTTP("telegram api_url", s.APIURL, "the token")
}

func (s *TelegramSettings) open(env Env) Channel {
	return &telegram{settings: *s, poster: newPoster(env)}
}

// telegram sends messages as a bot. Later messages of a thread answer its first.
type telegram struct {
	settings TelegramSettings
	poster   poster
}

// telegramMessage is the request: https://core.telegram.org/bots/api#sendmessage
type telegramMessage struct {
	Chat    string          `json:"chat_id"`
	Topic   int             `json:"message_thread_id,omitempty"`
	Text    string          `json:"text"`
	Format  string          `json:"parse_mode"`
	Quiet   bool            `json:"disable_notification,omitempty"`
	Preview telegramPreview `json:"link_preview_options"`
	Reply   *telegramReply  `json:"reply_parameters,omitempty"`
}

type telegramPreview struct {
	Disabled bool `json:"is_disabled"`
}

type telegramReply struct {
	ID int64 `json:"message_id"`
	// Anyway sends the message though the first one has been deleted.
	Anyway bool `json:"allow_sending_without_reply"`
}

// telegramAnswer is what the Bot API answers: https://core.telegram.org/bots/api#making-requests
type telegramAnswer struct {
	OK     bool `json:"ok"`
	Result struct {
		ID int64 `json:"message_id"`
	} `json:"result"`
	Parameters struct {
		RetryAfter float64 `json:"retry_after"` // seconds
	} `json:"parameters"`
}

// Send writes m into the chat.
func (t *telegram) Send(ctx context.Context, m Message) (Receipt, error) {
	const doing = "send to Telegram"
	token, err := readSecret("token", t.settings.Token, t.settings.TokenFile)
	if err != nil {
		return Receipt{}, fmt.Errorf("%s: %w", doing, err)
	}
	body, err := marshalJSON(t.message(m))
	if err != nil {
		return Receipt{}, Permanent(fmt.Errorf("%s: %w", doing, err))
	}
	to := strings.TrimRight(cmp.Or(t.settings.APIURL, telegramAPI), "/") + "/bot" + url.PathEscape(token) + "/sendMessage"
	answered, err := t.poster.post(ctx, letter{doing: doing, to: to, body: body, safe: newRedactor(to, token), wait: telegramWait})
	if err != nil {
		return Receipt{}, err
	}
	var a telegramAnswer
	if json.Unmarshal(answered, &a) != nil || a.Result.ID == 0 {
		return Receipt{}, nil // it has taken the message, and there is nothing to answer to
	}
	return Receipt{ID: strconv.FormatInt(a.Result.ID, 10), Channel: t.settings.Chat}, nil
}

// telegramWait reads how long the bot is to be quiet.
func telegramWait(body []byte) time.Duration {
	var a telegramAnswer
	if json.Unmarshal(body, &a) != nil {
		return 0
	}
	return seconds(a.Parameters.RetryAfter)
}

// message lays m out as the HTML that Telegram reads:
// https://core.telegram.org/bots/api#html-style
func (t *telegram) message(m Message) telegramMessage {
	title := symbolOf(toneOf(m)) + clip(m.Title, telegramTitle)
	foot := ""
	if link := messageLink(m); link != "" {
		foot = "\n\n<a href=\"" + html.EscapeString(link) + "\">Open</a>"
	}
	// Escapes count as one character each, so this is on the safe side.
	room := telegramMaxText - units(title) - units(foot) - 8
	out := telegramMessage{
		Chat: t.settings.Chat, Topic: t.settings.Topic, Format: "HTML",
		Text:    "<b>" + html.EscapeString(title) + "</b>\n\n" + fitted(outline(m), room, telegramRow) + foot,
		Quiet:   m.Reason == evaluate.ReasonResolved || m.Reason == evaluate.Eased || m.Reason == evaluate.ReasonAcknowledged,
		Preview: telegramPreview{Disabled: true},
	}
	if m.Receipt != nil && m.Receipt.Channel == t.settings.Chat {
		if id, err := strconv.ParseInt(m.Receipt.ID, 10, 64); err == nil {
			out.Reply = &telegramReply{ID: id, Anyway: true}
		}
	}
	return out
}

func telegramRow(r row) string {
	text := html.EscapeString(r.text)
	switch {
	case r.heading:
		return "<b>" + text + "</b>"
	case r.name != "":
		return strings.TrimRight("<b>"+html.EscapeString(r.name)+"</b> "+text, " ")
	}
	return text
}
