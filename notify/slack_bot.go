package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/slack-go/slack"

	"alerter/evaluate"
)

// slackBot posts through the Web API. The first message of an episode is a card
// in the channel that is edited as things change; what happened is said in its
// thread.
type slackBot struct {
	settings SlackSettings
	wire     slackWire

	mu      sync.Mutex
	channel string // the id of the channel, once Slack has told it
}

// edits marks the bot as a channel that edits its messages.
func (s *slackBot) edits() {}

// Send brings the card of m up to date and says in its thread what is new. Where
// there is none, or it cannot be edited any more, it posts the card.
func (s *slackBot) Send(ctx context.Context, m Message) (Receipt, error) {
	token, err := readSecret("token", s.settings.Token, s.settings.TokenFile)
	if err != nil {
		return Receipt{}, fmt.Errorf("post to Slack: %w", err)
	}
	calls := slackCalls{bot: s, token: token}
	if m.Summary != nil {
		return calls.summarize(ctx, m)
	}
	if m.Receipt == nil || m.Receipt.ID == "" {
		if m.Kind == KindUpdate && len(m.Merged) == 0 {
			return Receipt{}, nil // there is nothing to bring up to date, and nothing new to tell
		}
		card, key, err := calls.findCard(ctx, m)
		switch {
		case err != nil:
			return Receipt{}, err
		case key == "" && m.Kind == KindUpdate:
			return Receipt{}, nil // what might have arrived did not
		case key == "":
			return calls.begin(ctx, m)
		case key == m.Key:
			return calls.finish(ctx, m, card)
		}
		m.Receipt = &card // of a message that this one took in
	}
	code, err := calls.edit(ctx, m)
	switch {
	case err != nil && !slackUneditable(code):
		return Receipt{}, err
	case m.Kind == KindUpdate:
		return *m.Receipt, nil // what cannot be edited is posted anew when there is something to tell
	case err != nil:
		return calls.anew(ctx, m)
	}
	return calls.reply(ctx, m, *m.Receipt, isWorse(m.Reason))
}

// slackUneditable reports whether a refusal of chat.update means that this
// message cannot be edited, now or later:
// https://docs.slack.dev/reference/methods/chat.update#errors
func slackUneditable(code string) bool {
	switch code {
	case "message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found", "not_in_channel",
		"is_inactive", "is_archived", "block_mismatch", "external_channel_migrating":
		return true
	}
	return false
}

// cardLook is what cards look like.
func (s *slackBot) cardLook() slackLook {
	return slackLook{full: cardFull, buttons: s.settings.hears()}
}

// begin posts the card of m into the channel. A card tells of one alert in full:
// of several, its thread does.
func (c slackCalls) begin(ctx context.Context, m Message) (Receipt, error) {
	card, err := c.post(ctx, slackForm{message: m.Card.message(m), key: m.Key, channel: c.bot.target(), blocks: true, look: c.bot.cardLook()})
	if err != nil {
		return Receipt{}, err
	}
	if len(m.Items) <= cardFull {
		card.Without = c.showChart(ctx, m, card)
		return card, nil
	}
	m.Again = false // it has just begun
	told, err := c.reply(ctx, m, card, false)
	if err != nil {
		told.Without = err.Error() // the card has the news
	}
	return told, nil
}

// summarize posts a summary, which is nobody's card: it has no buttons and is not
// edited.
func (c slackCalls) summarize(ctx context.Context, m Message) (Receipt, error) {
	if found, key, err := c.findCard(ctx, m); err != nil || key != "" {
		return found, err
	}
	return c.post(ctx, slackForm{message: m, key: m.Key, channel: c.bot.target(), blocks: true, look: slackLook{full: slackFull}})
}

// anew posts a card in the place of one that cannot be edited any more.
func (c slackCalls) anew(ctx context.Context, m Message) (Receipt, error) {
	card, key, err := c.findCard(ctx, m)
	switch {
	case err != nil:
		return Receipt{}, err
	case key == m.Key:
		card, err = c.finish(ctx, m, card)
	default:
		card, err = c.begin(ctx, m)
	}
	card.Anew = true
	return card, err
}

// finish completes what an attempt before this one began: the card stands.
func (c slackCalls) finish(ctx context.Context, m Message, card Receipt) (Receipt, error) {
	if len(m.Items) > cardFull {
		return c.reply(ctx, m, card, false)
	}
	return card, nil
}

// edit makes the card show how things are. The code is Slack's word for a refusal.
func (c slackCalls) edit(ctx context.Context, m Message) (string, error) {
	if m.Replayed {
		return "", nil // the card may be further than what the message knows
	}
	f := slackForm{message: m.Card.message(m), channel: m.Receipt.Channel, blocks: true, look: c.bot.cardLook()}
	doing := "edit the card in Slack channel " + name(f.channel)
	for {
		code, err := c.call(ctx, doing, func(api *slack.Client) error {
			_, _, _, err := api.UpdateMessageContext(ctx, f.channel, m.Receipt.ID, f.options()...)
			return err
		})
		simpler, ok := f.without(code)
		if err == nil || !ok {
			return code, err
		}
		f = simpler
	}
}

// reply says in the card's thread what is new, and in the channel too where it must
// not hide in a thread, unless an attempt before has.
func (c slackCalls) reply(ctx context.Context, m Message, card Receipt, broadcast bool) (Receipt, error) {
	if m.Again {
		found, err := c.findInThread(ctx, m, card)
		if err != nil || found {
			return card, err
		}
	}
	_, err := c.post(ctx, slackForm{
		message: m, key: m.Key, channel: card.Channel, thread: card.ID, broadcast: broadcast,
		blocks: true, look: slackLook{full: slackFull},
	})
	if err == nil {
		card.Without = c.showChart(ctx, m, card)
	}
	return card, err
}

// post posts a message in the best form that Slack takes.
func (c slackCalls) post(ctx context.Context, f slackForm) (Receipt, error) {
	for {
		var receipt Receipt
		code, err := c.call(ctx, "post to Slack channel "+name(f.channel), func(api *slack.Client) (err error) {
			receipt.Channel, receipt.ID, err = api.PostMessageContext(ctx, f.channel, f.options()...)
			return err
		})
		if err == nil {
			c.bot.learn(f.channel, receipt.Channel)
			return receipt, nil
		}
		// A message without its thread or its layout is better than none. Each
		// turn gives up one of them, so there are three at most.
		simpler, ok := f.without(code)
		if !ok {
			return Receipt{}, err
		}
		f = simpler
	}
}

// slackForm is the form in which a message is posted.
type slackForm struct {
	message   Message
	key       string // by which it can be found again; empty for an edit
	channel   string
	thread    string // the ts of its card; empty: none
	broadcast bool   // from a thread into the channel, too
	blocks    bool
	look      slackLook // of the blocks
}

// options are the message in this form.
func (f slackForm) options() []slack.MsgOption {
	options := []slack.MsgOption{
		slack.MsgOptionText(slackFallback(f.message), false),
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
	}
	if f.key != "" {
		options = append(options, slack.MsgOptionMetadata(slack.SlackMetadata{
			EventType:    slackEvent,
			EventPayload: map[string]any{"key": f.key, "reason": string(f.message.Reason), "kind": string(f.message.Kind)},
		}))
	}
	if f.blocks {
		options = append(options, slack.MsgOptionBlocks(slackBlocks(f.message, f.look)...))
	}
	if f.thread != "" {
		options = append(options, slack.MsgOptionTS(f.thread))
		if f.broadcast {
			options = append(options, slack.MsgOptionBroadcast())
		}
	}
	return options
}

// isWorse reports whether a message of this reason says that things are worse than
// its thread has said before.
func isWorse(r evaluate.Reason) bool {
	return r == evaluate.Escalated || r == evaluate.Fired || r == evaluate.Unacknowledged
}

// without returns a form that may pass where this one was refused with code, and
// reports whether there is one.
func (f slackForm) without(code string) (slackForm, bool) {
	switch code {
	case "message_not_found", "thread_not_found", "cannot_reply_to_message", "channel_not_found",
		"restricted_action_non_threadable_channel", "restricted_action_thread_locked":
		ok := f.thread != ""
		f.thread = ""
		return f, ok
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long":
		ok := f.blocks
		f.blocks = false
		return f, ok
	}
	return f, false
}

// slackCalls are the calls of one delivery.
type slackCalls struct {
	bot   *slackBot
	token string
}

// options lets the library reach the Web API by client.
func (s *slackBot) options(client *http.Client) []slack.Option {
	options := []slack.Option{slack.OptionHTTPClient(client)}
	if at := s.settings.APIURL; at != "" {
		options = append(options, slack.OptionAPIURL(strings.TrimRight(at, "/")+"/"))
	}
	return options
}

// call does one thing through the Web API. The code is Slack's word for a refusal.
func (c slackCalls) call(ctx context.Context, doing string, do func(*slack.Client) error) (code string, err error) {
	seen := &exchange{wire: c.bot.wire}
	if err = do(slack.New(c.token, c.bot.options(seen.client())...)); err == nil {
		return "", nil
	}
	if refusal, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		code = refusal.Err
	}
	return code, seen.failed(ctx, doing, err, newRedactor(c.token))
}
