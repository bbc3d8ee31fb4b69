package notify

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

// Slack's limits: https://docs.slack.dev/reference/block-kit/blocks. That on all
// text of a message is not documented; it has been seen near 13,200 characters.
const (
	slackMaxBlocks  = 50
	slackMaxHeader  = 150
	slackMaxSection = 3000
	slackMaxText    = 1500 // of the fallback
	slackBudget     = 10_000
)

// Of a group, so many alerts are told in full, and so many more in one line each.
const (
	slackFull  = 3 // of a message; of a card one, since its thread tells of each in full
	slackLines = 20
)

// slackEscape escapes the three characters that mean something in Slack's text,
// so that no name becomes a mention, a channel or a link, and cuts the result at
// most runes, never inside a character.
func slackEscape(s string, most int) string {
	var b strings.Builder
	used := 0
	for i, r := range s {
		piece := string(r)
		switch r {
		case '&':
			piece = "&amp;"
		case '<':
			piece = "&lt;"
		case '>':
			piece = "&gt;"
		}
		width := utf8.RuneCountInString(piece)
		last := i+utf8.RuneLen(r) >= len(s)
		if used+width > most || (!last && used+width > most-1) {
			b.WriteRune('…')
			break
		}
		b.WriteString(piece)
		used += width
	}
	return b.String()
}

// slackFallback is the message as text: the notification on the phone, and what
// screen readers say.
func slackFallback(m Message) string {
	title := slackEscape(m.Title, 300)
	body := strings.TrimSpace(plain{full: 1, lines: 10}.body(m))
	if body == "" {
		return title
	}
	return title + "\n" + slackEscape(body, slackMaxText-utf8.RuneCountInString(title)-1)
}

// slackCard gathers blocks within Slack's limits.
type slackCard struct {
	blocks []slack.Block
	left   int // runes
}

// slackLook is what differs between a message and a card.
type slackLook struct {
	full    int  // so many alerts are told in full
	buttons bool // there are some, and they are heard
}

// slackBlocks lays the message out.
func slackBlocks(m Message, look slackLook) []slack.Block {
	c := &slackCard{left: slackBudget - slackMaxText}
	c.header(symbolOf(toneOf(m)) + m.Title)
	for _, line := range messageLead(m) {
		c.section(slackEscape(line, slackMaxSection))
	}
	for _, s := range m.Sections {
		c.section(slackList(s.Heading, s.Lines))
	}
	full := min(len(m.Items), look.full)
	items, shared := shareAdvice(m.Items[:full])
	for i, item := range items {
		if i > 0 {
			c.add(slack.NewDividerBlock(), 0)
		}
		if look.buttons && len(m.Items) == 1 {
			item.Text.Link = "" // there is a button for it
		}
		c.item(item, len(m.Items) > 1)
	}
	c.section(slackList(forAll, shared))
	lines := min(len(m.Items), full+slackLines)
	if lines > full {
		c.add(slack.NewDividerBlock(), 0)
	}
	for _, item := range m.Items[full:lines] {
		c.section(slackTitle(item))
	}
	c.context(leftOut(m, len(m.Items)-lines))
	switch link := pageLink(m); {
	case look.buttons:
		c.buttons(m)
	case link != "":
		c.context(slackLink(link, "Open the status page"))
	}
	return c.blocks
}

// add takes a block of so many runes, if there is room for it.
func (c *slackCard) add(b slack.Block, runes int) {
	if len(c.blocks) >= slackMaxBlocks || runes > c.left {
		return
	}
	c.blocks = append(c.blocks, b)
	c.left -= runes
}

// header adds the title. It is plain text: nothing in it needs escaping.
func (c *slackCard) header(title string) {
	title = clip(title, slackMaxHeader)
	c.add(slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, title, false, false)), utf8.RuneCountInString(title))
}

// section adds text that is escaped already.
func (c *slackCard) section(text string) {
	if text == "" {
		return
	}
	// Verbatim: Slack looks for no links, channels or mentions in it by itself.
	object := slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
	c.add(slack.NewSectionBlock(object, nil, nil), utf8.RuneCountInString(text))
}

// context adds a line in small print, escaped already.
func (c *slackCard) context(text string) {
	if text == "" {
		return
	}
	object := slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
	c.add(slack.NewContextBlock("", object), utf8.RuneCountInString(text))
}

// item adds one alert in full.
func (c *slackCard) item(i Item, titled bool) {
	t := i.Text
	if titled {
		c.section(slackTitle(i))
	}
	c.section(slackEscape(strings.Join(t.Lead, " "), 1500))
	var facts []string
	for _, f := range t.Facts {
		facts = append(facts, fmt.Sprintf("*%s*  %s", slackEscape(f.Name, 40), slackEscape(f.Value, 400)))
	}
	c.section(strings.Join(facts, "\n"))
	c.section(slackList("Used by", consumerLines(t.Consumers)))
	c.section(slackList("To do", t.Advice))
	foot := ""
	if t.Rule != "" {
		foot = "Rule " + slackEscape(t.Rule, 300)
	}
	if t.Link != "" {
		foot = joinWords("  ·  ", foot, slackLink(t.Link, "Open"))
	}
	c.context(foot)
}

// slackTitle is an alert's title as a line of its own.
func slackTitle(i Item) string {
	title := symbolOf(toneFor(i.Reason, i.Alert.Severity)) + "*" + slackEscape(strings.ReplaceAll(i.Text.Title, "*", "∗"), 300) + "*"
	return joinWords("  ·  ", title, pick(i.Alert.Acknowledged, "acknowledged", ""), pick(i.Alert.Silenced, "silenced", ""))
}

// slackList is a small heading with a list under it; empty without entries.
func slackList(heading string, entries []string) string {
	if len(entries) == 0 {
		return ""
	}
	lines := []string{"*" + heading + "*"}
	for _, e := range entries {
		lines = append(lines, "• "+slackEscape(e, 400))
	}
	return strings.Join(lines, "\n")
}

// consumerLines writes each consumer in a line: 61 %  workspace prod.
func consumerLines(top []Fact) []string {
	var lines []string
	for _, c := range top {
		lines = append(lines, c.Name+"  "+c.Value)
	}
	return lines
}

// slackLink is a link with words for it. The address comes from the
// configuration; what would end the link early is encoded.
func slackLink(address, words string) string {
	safe := strings.NewReplacer("|", "%7C", ">", "%3E", "<", "%3C", "&", "&amp;", " ", "%20").Replace(address)
	return "<" + safe + "|" + words + ">"
}

// symbolOf stands in front of titles where colour cannot be set.
func symbolOf(t tone) string {
	switch t {
	case toneCritical:
		return "🔴 "
	case toneWarning:
		return "🟠 "
	case toneGood:
		return "🟢 "
	}
	return "⚪ "
}
