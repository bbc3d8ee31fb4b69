package notify

import (
	"bytes"
	"context"

	"github.com/slack-go/slack"
)

// showChart puts the chart of m, where it has one, into the thread of its card:
// https://docs.slack.dev/messaging/working-with-files. It says why it could not;
// empty: it is there. The message has arrived without it.
func (c slackCalls) showChart(ctx context.Context, m Message, card Receipt) string {
	if m.Chart == nil {
		return ""
	}
	_, err := c.call(ctx, "put the chart into the thread", func(api *slack.Client) error {
		_, err := api.UploadFileContext(ctx, slack.UploadFileParameters{
			Reader: bytes.NewReader(m.Chart.PNG), FileSize: len(m.Chart.PNG), Filename: "limit.png",
			Title: m.Chart.Title, AltTxt: clip(m.Chart.Text, 1000),
			Channel: card.Channel, ThreadTimestamp: card.ID,
		})
		return err
	})
	if err != nil {
		return err.Error()
	}
	return ""
}
