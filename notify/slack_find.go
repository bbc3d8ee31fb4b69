package notify

import (
	"context"
	"regexp"
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

// findInChannel looks whether m stands in the channel already. Zero: it does not,
// or looking is not allowed: then a message may come twice, which is better than
// not at all.
func (c slackCalls) findInChannel(ctx context.Context, m Message) (Receipt, error) {
	channel, err := c.channelID(ctx)
	if err != nil || channel == "" {
		return Receipt{}, err
	}
	history := slack.GetConversationHistoryParameters{
		ChannelID: channel, Oldest: slackSince(m), Limit: slackPage, IncludeAllMetadata: true,
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
			return Receipt{}, err
		}
		if ts := slackTS(answer.Messages, m); ts != "" {
			return Receipt{ID: ts, Channel: channel}, nil
		}
		if history.Cursor = answer.ResponseMetaData.NextCursor; history.Cursor == "" {
			break
		}
	}
	return Receipt{}, nil
}

// findInThread looks whether m stands in the thread of its card already.
func (c slackCalls) findInThread(ctx context.Context, m Message) (bool, error) {
	replies := slack.GetConversationRepliesParameters{
		ChannelID: m.Receipt.Channel, Timestamp: m.Receipt.ID, Oldest: slackSince(m), Limit: slackPage, IncludeAllMetadata: true,
	}
	for range slackPages {
		var messages []slack.Message
		err := c.look(ctx, "look for the message in a thread of Slack channel "+name(replies.ChannelID), func(api *slack.Client) (err error) {
			messages, _, replies.Cursor, err = api.GetConversationRepliesContext(ctx, &replies)
			return err
		})
		if err != nil || slackTS(messages, m) != "" {
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

// slackSince is from when on m may have arrived, in seconds as Slack writes them.
func slackSince(m Message) string {
	return strconv.FormatInt(m.At.Add(-slackLookBack).Unix(), 10) + ".000000"
}

// slackTS is the ts of m among messages; empty where it is not.
func slackTS(messages []slack.Message, m Message) string {
	for _, got := range messages {
		if got.Metadata.EventType == slackEvent && got.Metadata.EventPayload["key"] == clip(m.Key, 200) {
			return got.Timestamp
		}
	}
	return ""
}
