package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"alerter/evaluate"
)

// slackBot posts through the Web API. The first message of an episode is a card
// in the channel, what follows is said in its thread.
type slackBot struct {
	settings SlackSettings
	wire     slackWire
}

// slackEvent names our messages in Slack's metadata, by which they can be found again.
const slackEvent = "alerter_message"

// Send posts m, into the thread of m.Receipt where there is one.
func (s *slackBot) Send(ctx context.Context, m Message) (Receipt, error) {
	token, err := readSecret("token", s.settings.Token, s.settings.TokenFile)
	if err != nil {
		return Receipt{}, fmt.Errorf("post to Slack: %w", err)
	}
	form := slackForm{blocks: true, thread: m.Receipt != nil && m.Receipt.ID != ""}
	for {
		receipt, code, err := s.post(ctx, token, form, m)
		// A message without its thread or its layout is better than none. Each
		// turn gives up one of them, so there are three at most.
		simpler, ok := form.without(code)
		if err == nil || !ok {
			return receipt, err
		}
		form = simpler
	}
}

// post posts m once, in one form. The code is Slack's word for a refusal.
func (s *slackBot) post(ctx context.Context, token string, form slackForm, m Message) (Receipt, string, error) {
	seen := &exchange{wire: s.wire}
	options := []slack.Option{slack.OptionHTTPClient(seen.client())}
	if s.settings.APIURL != "" {
		options = append(options, slack.OptionAPIURL(strings.TrimRight(s.settings.APIURL, "/")+"/"))
	}
	channel := strings.TrimSpace(s.settings.Channel)
	if form.thread && m.Receipt.Channel != "" {
		channel = m.Receipt.Channel
	}
	at, ts, err := slack.New(token, options...).PostMessageContext(ctx, channel, form.options(m)...)
	if err == nil {
		return Receipt{ID: ts, Channel: at}, "", nil
	}
	code := ""
	if refusal, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		code = refusal.Err
	}
	doing := "post to Slack channel " + name(channel)
	return Receipt{}, code, seen.failed(ctx, doing, err, newRedactor(token))
}

// slackForm is the form in which a message is posted.
type slackForm struct {
	blocks bool
	thread bool
}

// options are the message in this form.
func (f slackForm) options(m Message) []slack.MsgOption {
	options := []slack.MsgOption{
		slack.MsgOptionText(slackFallback(m), false),
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{
			EventType:    slackEvent,
			EventPayload: map[string]any{"key": clip(m.Key, 200), "reason": string(m.Reason), "kind": string(m.Kind)},
		}),
	}
	if f.blocks {
		options = append(options, slack.MsgOptionBlocks(slackBlocks(m)...))
	}
	if f.thread {
		options = append(options, slack.MsgOptionTS(m.Receipt.ID))
		if m.Reason == evaluate.Escalated { // what got worse must not hide in a thread
			options = append(options, slack.MsgOptionBroadcast())
		}
	}
	return options
}

// without returns a form that may pass where this one was refused with code, and
// reports whether there is one.
func (f slackForm) without(code string) (slackForm, bool) {
	switch code {
	case "message_not_found", "thread_not_found", "cannot_reply_to_message", "channel_not_found",
		"restricted_action_non_threadable_channel", "restricted_action_thread_locked":
		ok := f.thread
		f.thread = false
		return f, ok
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long":
		ok := f.blocks
		f.blocks = false
		return f, ok
	}
	return f, false
}
