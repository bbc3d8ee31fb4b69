package notify

import (
	"encoding/json"
	"html/template"
	"regexp"
	"strings"
	"testing"
)

// slackBlock is what our cards use of Block Kit: https://docs.slack.dev/reference/block-kit/blocks
type slackBlock struct {
	Type     string      `json:"type"`
	Text     slackText   `json:"text"`
	Fields   []slackText `json:"fields"`
	Elements []slackElement
}

// slackText is text, plain or in Slack's own markup.
type slackText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// slackElement is a button, whose text is an object, or text.
type slackElement struct {
	Text  any    `json:"text"`
	Style string `json:"style"`
}

// Words are on the element.
func (e slackElement) Words() template.HTML {
	if text, ok := e.Text.(map[string]any); ok {
		words, _ := text["text"].(string)
		return template.HTML(template.HTMLEscapeString(words))
	}
	words, _ := e.Text.(string)
	return slackText{"mrkdwn", words}.Shown()
}

// What our cards use of Slack's markup, in which &, < and > are escaped already:
// https://docs.slack.dev/messaging/formatting-message-text
var (
	slackLink = regexp.MustCompile(`<(https?://[^|>]+)\|([^>]+)>`)
	slackBold = regexp.MustCompile(`(^|[^\w*])\*([^*\n]+)\*`)
)

// slackDots are the signs of our titles, drawn, since not every machine has a font for them.
var slackDots = strings.NewReplacer(
	"🔴", `<i class="dot" style="background:#dd2e44"></i>`, "🟠", `<i class="dot" style="background:#f4900c"></i>`,
	"🟢", `<i class="dot" style="background:#78b159"></i>`, "⚪", `<i class="dot" style="background:#e6e7e8"></i>`,
)

// Shown is the text as Slack shows it.
func (s slackText) Shown() template.HTML {
	text := s.Text
	if s.Type == "mrkdwn" {
		text = slackLink.ReplaceAllString(text, `<a href="$1">$2</a>`)
		text = slackBold.ReplaceAllString(text, `$1<b>$2</b>`)
	} else {
		text = template.HTMLEscapeString(text)
	}
	return template.HTML(slackDots.Replace(strings.ReplaceAll(text, "\n", "<br>")))
}

// slackPage shows a message with its thread about as Slack does.
var slackPage = template.Must(template.New("slack").Parse(`<!doctype html><meta charset="utf-8"><style>
* { box-sizing: border-box }
body { margin: 0; padding: 14px 20px; background: #fff; color: #1d1c1d; font: 15px/1.4667 Lato, "Noto Sans", "DejaVu Sans", sans-serif }
.message { display: flex; gap: 8px } .said { min-width: 0; flex: 1 }
.face { width: 36px; height: 36px; flex: none; border-radius: 8px; background: #4a154b; color: #fff; font-weight: 700; text-align: center; line-height: 36px }
.name { font-weight: 900 } .app { margin-left: 4px; padding: 0 3px; border-radius: 2px; background: #ddd; font-size: 10px }
h1 { margin: 6px 0; font-size: 18px; line-height: 1.33 } .section { margin: 4px 0 8px } .context, .edited { margin: 4px 0; color: #616061; font-size: 13px }
a { color: #1264a3; text-decoration: none } hr { border: 0; border-top: 1px solid #ddd; margin: 10px 0 }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 16px }
.button { display: inline-block; margin: 4px 8px 4px 0; padding: 4px 12px; border: 1px solid #bbb; border-radius: 4px; font-size: 13px; font-weight: 700 }
.primary { border-color: #007a5a; background: #007a5a; color: #fff }
.dot { display: inline-block; width: .85em; height: .85em; border-radius: 50% }
.thread { margin: 8px 0 0; padding: 6px 0 0 12px; border-left: 3px solid #ddd; font-size: 14px } .thread div { margin: 2px 0 }
</style>
<div class="message"><div class="face">A</div><div class="said"><span class="name">alerter</span><span class="app">APP</span>
{{range .Blocks}}
{{if eq .Type "header"}}<h1>{{.Text.Shown}}</h1>
{{else if eq .Type "section"}}{{if .Text.Text}}<div class="section">{{.Text.Shown}}</div>{{end}}{{if .Fields}}<div class="fields">{{range .Fields}}<div>{{.Shown}}</div>{{end}}</div>{{end}}
{{else if eq .Type "context"}}<div class="context">{{range .Elements}}{{.Words}} {{end}}</div>
{{else if eq .Type "actions"}}<div>{{range .Elements}}<span class="button {{.Style}}">{{.Words}}</span>{{end}}</div>
{{else if eq .Type "divider"}}<hr>
{{else}}<b>a block of type {{.Type}} that this page does not know</b>{{end}}
{{end}}
<div class="edited">(edited)</div>
<div class="thread">{{range .Replies}}<div>{{.}}</div>{{end}}</div>
</div></div>`))

// showSlack is the page of a card and its thread, as Slack gave them back.
func showSlack(t *testing.T, thread []slackMessage) string {
	t.Helper()
	var shown struct {
		Blocks  []slackBlock
		Replies []template.HTML
	}
	b, err := json.Marshal(thread[0].Blocks)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &shown.Blocks); err != nil {
		t.Fatal(err)
	}
	for _, m := range thread[1:] {
		title, _, _ := strings.Cut(m.Text, "\n")
		shown.Replies = append(shown.Replies, slackText{"mrkdwn", title}.Shown())
	}
	var page strings.Builder
	if err := slackPage.Execute(&page, shown); err != nil {
		t.Fatal(err)
	}
	return page.String()
}
