package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// slackApp is a bot that hears back by Socket Mode: it opens a connection to
// Slack, so that nothing of ours needs an address that Slack can reach.
// https://docs.slack.dev/apis/events-api/using-socket-mode
type slackApp struct {
	*slackBot

	mu     sync.Mutex
	groups map[string]slackGroup // by id
}

// slackGroup is who is in a user group, as of a time.
type slackGroup struct {
	users []string
	read  time.Time
}

const (
	slackGroupFresh = 5 * time.Minute
	slackFrame      = 1 << 20 // bytes of an envelope, which holds the card that was pressed
	slackPresses    = 100     // that may wait to be worked on while new ones are answered
)

// Listen yields what is pressed. Slack wants each envelope answered within three
// seconds, so they are answered here as they come, however long the work takes.
func (a *slackApp) Listen(ctx context.Context) iter.Seq2[*Press, error] {
	return func(yield func(*Press, error) bool) {
		bot, app, err := a.tokens()
		if err != nil {
			yield(nil, Permanent(fmt.Errorf("connect to Slack: %w", err)))
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		ear := &slackEar{app: a, safe: newRedactor(bot, app), heard: make(chan slackHeard, slackPresses)}
		ear.client = socketmode.New(slack.New(bot, append(a.options(a.plainClient()), slack.OptionAppLevelToken(app))...), socketmode.OptionReadLimit(slackFrame))
		var work sync.WaitGroup
		work.Go(func() { ear.keep(ctx) })
		work.Go(func() { ear.answer(ctx) })
		defer work.Wait()
		defer cancel() // comes first, and ends the work
		for {
			select {
			case <-ctx.Done():
				return
			case h := <-ear.heard:
				if !yield(h.press, h.err) || IsPermanent(h.err) {
					return
				}
			}
		}
	}
}

// tokens reads the bot's token and the app's.
func (a *slackApp) tokens() (bot, app string, err error) {
	bot, botErr := readSecret("token", a.settings.Token, a.settings.TokenFile)
	app, appErr := readSecret("app_token", a.settings.AppToken, a.settings.AppTokenFile)
	return bot, app, errors.Join(botErr, appErr)
}

// plainClient is an HTTP client for calls of which nobody watches the answers.
func (a *slackApp) plainClient() *http.Client {
	return &http.Client{Transport: slackTransport(func(req *http.Request) (*http.Response, error) {
		return (&exchange{wire: a.wire}).RoundTrip(req)
	})}
}

// slackTransport is a function as a transport.
type slackTransport func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f slackTransport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// slackHeard is one thing to yield.
type slackHeard struct {
	press *Press
	err   error
}

// slackEar is one connection, made again whenever Slack ends it.
type slackEar struct {
	app    *slackApp
	client *socketmode.Client
	safe   redactor
	heard  chan slackHeard
}

// tell hands h on, unless nobody listens any more.
func (e *slackEar) tell(ctx context.Context, press *Press, err error) {
	select {
	case e.heard <- slackHeard{press, err}:
	case <-ctx.Done():
	}
}

// keep keeps the connection, until ctx ends or Slack refuses the tokens.
func (e *slackEar) keep(ctx context.Context) {
	err := e.client.RunContext(ctx)
	if ctx.Err() == nil {
		e.tell(ctx, nil, &failure{error: e.failed(err), permanent: true, reason: ReasonAuthError})
	}
}

// failed is what went wrong, in words that are safe.
func (e *slackEar) failed(err error) error {
	said := e.safe.err(err)
	if refusal, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		said = errors.New("Slack says " + e.safe.text(refusal.Err))
	}
	return fmt.Errorf("connect to Slack: %w", said)
}

// answer answers every envelope and sorts out what came.
func (e *slackEar) answer(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-e.client.Events:
			e.sort(ctx, event)
		}
	}
}

func (e *slackEar) sort(ctx context.Context, event socketmode.Event) {
	if event.Request != nil && event.Request.EnvelopeID != "" {
		if err := e.client.AckCtx(ctx, event.Request.EnvelopeID, nil); err != nil {
			return // the connection ends, and Slack sends it again over the next one
		}
	}
	switch data := event.Data.(type) {
	case slack.InteractionCallback:
		for _, press := range e.presses(data) {
			e.tell(ctx, press, nil)
		}
	case *slack.ConnectionErrorEvent:
		if ctx.Err() == nil {
			e.tell(ctx, nil, e.failed(data.ErrorObj))
		}
	case *socketmode.ErrorWriteFailed:
		e.tell(ctx, nil, e.failed(data.Cause))
	case *socketmode.ErrorBadMessage:
		e.unreadable(ctx, data)
	default:
		if event.Type == socketmode.EventTypeHello {
			e.tell(ctx, nil, nil)
		}
	}
}

// unreadable answers an envelope that could not be read, lest Slack sends it
// again and again, and tells of it.
func (e *slackEar) unreadable(ctx context.Context, bad *socketmode.ErrorBadMessage) {
	var envelope socketmode.Request
	if json.Unmarshal(bad.Message, &envelope) == nil && envelope.EnvelopeID != "" {
		_ = e.client.AckCtx(ctx, envelope.EnvelopeID, nil) // or it comes again, and is answered then
	}
	e.tell(ctx, nil, fmt.Errorf("read what Slack sent: %w", e.safe.err(bad.Cause)))
}

// presses are those of our buttons, except the one that only opens the page.
func (e *slackEar) presses(data slack.InteractionCallback) []*Press {
	if data.Type != slack.InteractionTypeBlockActions {
		return nil
	}
	var all []*Press
	for _, pressed := range data.ActionCallback.BlockActions {
		button, ok := slackButtonOf(pressed.ActionID)
		asOf, err := time.Parse(time.RFC3339Nano, pressed.Value)
		if !ok || err != nil {
			continue
		}
		called := name(data.User.Name)
		if called == "" {
			called = name(data.User.ID)
		}
		all = append(all, &Press{
			Action: button.action, For: button.lasts, AsOf: asOf,
			Card:   Receipt{ID: data.Container.MessageTs, Channel: data.Container.ChannelID},
			UserID: data.User.ID, User: called,
			Reply: func(ctx context.Context, text string) error { return e.app.whisper(ctx, data.ResponseURL, text) },
		})
	}
	return all
}

// whisper tells the person who pressed something that nobody else sees. The
// address comes from Slack with the press, and is a secret.
func (a *slackApp) whisper(ctx context.Context, to, text string) error {
	seen := &exchange{wire: a.wire}
	err := slack.PostWebhookCustomHTTPContext(ctx, to, seen.client(), &slack.WebhookMessage{
		Text: slackEscape(text, slackMaxSection), ResponseType: slack.ResponseTypeEphemeral,
	})
	if err != nil {
		return seen.failed(ctx, "answer a press in Slack", err, newRedactor(to))
	}
	return nil
}

// Allows reports whether allowed_users names the person, or a group that the person is in.
func (a *slackApp) Allows(ctx context.Context, userID string) (bool, error) {
	var errs []error
	for _, allowed := range a.settings.AllowedUsers {
		switch {
		case allowed == slackEverybody || allowed == userID:
			return true, nil
		case strings.HasPrefix(allowed, "S"):
			users, err := a.members(ctx, allowed)
			if slices.Contains(users, userID) {
				return true, nil
			}
			errs = append(errs, err)
		}
	}
	return false, errors.Join(errs...)
}

// members are the users of a group, at most a few minutes old. That needs the
// scope usergroups:read.
func (a *slackApp) members(ctx context.Context, group string) ([]string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.wire.now()
	if known, ok := a.groups[group]; ok && at.Sub(known.read) < slackGroupFresh {
		return known.users, nil
	}
	bot, _, err := a.tokens()
	if err != nil {
		return nil, fmt.Errorf("read who is in a Slack user group: %w", err)
	}
	var users []string
	calls := slackCalls{bot: a.slackBot, token: bot}
	_, err = calls.call(ctx, "read who is in the Slack user group "+name(group), func(api *slack.Client) (err error) {
		users, err = api.GetUserGroupMembersContext(ctx, group)
		return err
	})
	if err != nil {
		return nil, err
	}
	if a.groups == nil {
		a.groups = map[string]slackGroup{}
	}
	a.groups[group] = slackGroup{users: users, read: at}
	return users, nil
}
