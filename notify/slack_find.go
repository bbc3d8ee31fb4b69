package notify

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// slackEvent names our messages in Slack's metadata, by which they are found again.
const slackEvent = "alerter_message"

// How far a message is looked for that may have arrived: from somewhat before it
// was decided, since two clocks are never the same, and not for ever.
const (
	slackLookBack  = 5 * time.Minute
	slackPage      = 200 // what Slack recommends at most
	slackPages     = 5
	slackNamePages = 10
)

// slackID is what Slack's channel ids look like.
var slackID = regexp.MustCompile(`^[CDG][A-Z0-9]{6,}$`)

// target is the configured channel.
func (s *slackBot) target() string { return strings.TrimSpace(s.settings.Channel) }

// learn remembers the id of the configured channel.
func (s *slackBot) learn(called, id string) {
	if called == s.target() && slackID.MatchString(id) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.channel = id
	}
}

// channelID is the id of the configured channel, which reading needs; empty where
// it cannot be found out.
func (c slackCalls) channelID(ctx context.Context) (string, error) {
	called := c.bot.target()
	if slackID.MatchString(called) {
		return called, nil
	}
	c.bot.mu.Lock()
	known := c.bot.channel
	c.bot.mu.Unlock()
	if known != "" {
		return known, nil
	}
	list := slack.GetConversationsParameters{Types: []string{"public_channel"}, ExcludeArchived: true, Limit: slackPage}
	for range slackNamePages {
		var channels []slack.Channel
		err := c.look(ctx, "list the channels of Slack", func(api *slack.Client) (err error) {
			channels, list.Cursor, err = api.GetConversationsContext(ctx, &list)
			return err
		})
		if err != nil {
			return "", err
		}
		for _, ch := range channels {
			if ch.Name == strings.TrimPrefix(called, "#") {
				c.bot.learn(called, ch.ID)
				return ch.ID, nil
			}
		}
		if list.Cursor == "" {
			break
		}
	}
	return "", nil
}

// findCard looks whether m, or a message that it took in, stands in the channel
// already, if an attempt before this one may have posted it. It returns under
// which key; empty: it does not, or looking is not allowed. Then a message may come
// twice, which is better than not at all.
func (c slackCalls) findCard(ctx context.Context, m Message) (card Receipt, key string, err error) {
	if !m.Again {
		return Receipt{}, "", nil
	}
	since, keys := slackSince(m.At), []string{m.Key}
	if len(m.Merged) > 0 {
		since, keys = slackSince(m.Episode), append(keys, m.Merged...)
	}
	channel, err := c.channelID(ctx)
	if err != nil || channel == "" {
		return Receipt{}, "", err
	}
	history := slack.GetConversationHistoryParameters{
		ChannelID: channel, Oldest: since, Limit: slackPage, IncludeAllMetadata: true,
	}
	for range slackPages {
		answer := &slack.GetConversationHistoryResponse{}
		err := c.look(ctx, "look for the message in Slack channel "+name(channel), func(api *slack.Client) error {
			got, err := api.GetConversationHistoryContext(ctx, &history)
			if err == nil {
				answer = got
			}
			return err
		})
		if err != nil {
			return Receipt{}, "", err
		}
		if ts, key := slackTS(answer.Messages, keys); ts != "" {
			return Receipt{ID: ts, Channel: channel}, key, nil
		}
		if history.Cursor = answer.ResponseMetaData.NextCursor; history.Cursor == "" {
			break
		}
	}
	return Receipt{}, "", nil
}

// findInThread looks whether m stands in the thread of a card already.
func (c slackCalls) findInThread(ctx context.Context, m Message, card Receipt) (bool, error) {
	replies := slack.GetConversationRepliesParameters{
		ChannelID: card.Channel, Timestamp: card.ID, Oldest: slackSince(m.At), Limit: slackPage, IncludeAllMetadata: true,
	}
	for range slackPages {
		var messages []slack.Message
		err := c.look(ctx, "look for the message in a thread of Slack channel "+name(replies.ChannelID), func(api *slack.Client) (err error) {
			messages, _, replies.Cursor, err = api.GetConversationRepliesContext(ctx, &replies)
			return err
		})
		messages = slices.DeleteFunc(messages, func(got slack.Message) bool { return got.Timestamp == card.ID }) // the card itself comes along
		ts, _ := slackTS(messages, []string{m.Key})
		if err != nil || ts != "" {
			return err == nil, err
		}
		if replies.Cursor == "" {
			break
		}
	}
	return false, nil
}

// look reads. That Slack refuses it, as without the scope channels:history or
// outside the channel, is no error: nothing was found.
func (c slackCalls) look(ctx context.Context, doing string, do func(*slack.Client) error) error {
	code, err := c.call(ctx, doing, do)
	reason, _ := slackRefusal(code)
	if IsPermanent(err) || code != "" && reason != ReasonRateLimited && reason != ReasonServerError {
		return nil
	}
	return err
}

// slackSince is from when on a message of that time may have arrived, in seconds
// as Slack writes them.
func slackSince(at time.Time) string {
	return strconv.FormatInt(at.Add(-slackLookBack).Unix(), 10) + ".000000"
}

// slackTS is the ts of the first of messages that has one of the keys, and which;
// empty where none has.
func slackTS(messages []slack.Message, keys []string) (ts, key string) {
	for _, got := range messages {
		key, _ := got.Metadata.EventPayload["key"].(string)
		if got.Metadata.EventType == slackEvent && slices.Contains(keys, key) {
			return got.Timestamp, key
		}
	}
	return "", ""
}
