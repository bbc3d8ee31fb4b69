package notify

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"
)

// slackWebhook posts to an incoming webhook. Slack gives no receipt for it, so
// every message stands by itself.
type slackWebhook struct {
	settings SlackSettings
	wire     slackWire
}

// chartless: only a bot may upload files.
func (*slackWebhook) chartless() {}

// Send posts m.
func (s *slackWebhook) Send(ctx context.Context, m Message) (Receipt, error) {
	to, err := readSecret("webhook_url", s.settings.WebhookURL, s.settings.WebhookURLFile)
	if err != nil {
		return Receipt{}, fmt.Errorf("post to Slack webhook: %w", err)
	}
	if _, err := parseURL("webhook_url", to); err != nil {
		return Receipt{}, fmt.Errorf("post to Slack webhook: %w", err)
	}
	no := false
	body := &slack.WebhookMessage{
		Text:        slackFallback(m),
		Blocks:      &slack.Blocks{BlockSet: slackBlocks(m, slackLook{full: slackFull})},
		UnfurlLinks: &no,
		UnfurlMedia: &no,
	}
	seen := &exchange{wire: s.wire}
	if err := slack.PostWebhookCustomHTTPContext(ctx, to, seen.client(), body); err != nil {
		return Receipt{}, seen.failed(ctx, "post to Slack webhook", err, newRedactor(to))
	}
	return Receipt{}, nil
}
