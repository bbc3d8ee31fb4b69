package notify

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/wneessen/go-mail"
)

// emailPlain is how much of a group a mail tells.
var emailPlain = plain{full: 10, lines: 60}

// chartID is what the page calls the chart, which comes with the mail:
// https://www.rfc-editor.org/rfc/rfc2392
const chartID = "chart@alerter"

//go:embed email.html
var emailPage string

// emailTemplate lays out the HTML part. Everything in it is escaped by html/template.
var emailTemplate = template.Must(template.New("email").Parse(emailPage))

// letter writes m as a mail: text that is complete by itself, and the same laid out.
func (e *email) letter(m Message, id string) (*mail.Msg, error) {
	letter := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := letter.From(e.settings.From); err != nil {
		return nil, err
	}
	if err := letter.EnvelopeFrom(bareAddress(e.envelopeFrom())); err != nil {
		return nil, err
	}
	if err := letter.To(e.settings.To...); err != nil {
		return nil, err
	}
	if m.Chart == nil {
		// With a chart there are parts within parts, which the library would give one
		// boundary. It then takes random ones.
		letter.SetBoundary("alerter_" + shortHash("boundary", m.Key))
	}
	letter.SetDateWithValue(e.now().UTC())
	e.headers(letter, m, id)

	page, err := emailHTML(m)
	if err != nil {
		return nil, err
	}
	letter.SetBodyString(mail.TypeTextPlain, emailText(m))
	letter.AddAlternativeString(mail.TypeTextHTML, page)
	if m.Chart == nil {
		return letter, nil
	}
	return letter, letter.EmbedReader("chart.png", bytes.NewReader(m.Chart.PNG), mail.WithFileContentID("<"+chartID+">"), mail.WithFileContentType("image/png"))
}

// headers sets what mail programs and rules go by.
func (e *email) headers(letter *mail.Msg, m Message, id string) {
	letter.Subject(headerValue(clip(m.Subject, 200)))
	set := func(h mail.Header, value string) {
		if value = headerValue(value); value != "" {
			letter.SetGenHeader(h, value)
		}
	}
	letter.SetMessageIDWithValue(strings.Trim(id, "<>"))
	if m.Receipt != nil && m.Receipt.ID != "" {
		root := headerValue(m.Receipt.ID)
		letter.SetGenHeaderPreformatted(mail.HeaderInReplyTo, root)
		letter.SetGenHeaderPreformatted(mail.HeaderReferences, root)
	}
	set("Auto-Submitted", "auto-generated") // https://www.rfc-editor.org/rfc/rfc3834
	set("List-Id", "<alerts."+e.domain+">") // https://www.rfc-editor.org/rfc/rfc2919
	set(mail.HeaderXAutoResponseSuppress, "All")
	set(mail.HeaderUserAgent, e.agent)
	set("X-Alerter-Status", emailStatus(m))
	set("X-Alerter-Reason", string(m.Reason))
	set("X-Alerter-Severity", string(worst(m)))
	if len(m.Items) == 0 {
		return
	}
	set("X-Alerter-Rule", shared(m, func(i Item) string { return name(i.Alert.Labels["alertname"]) }))
	set("X-Alerter-Scope", shared(m, func(i Item) string {
		return joinWords("/", name(i.Alert.Labels["organization"]), name(i.Alert.Labels["workspace"]))
	}))
}

// emailStatus is firing, resolved, test or digest.
func emailStatus(m Message) string {
	switch {
	case m.Kind == KindTest, m.Kind == KindDigest:
		return string(m.Kind)
	case isOver(m.Reason):
		return "resolved"
	}
	return "firing"
}

// shared is what all items have in common, empty where they differ.
func shared(m Message, of func(Item) string) string {
	first := of(m.Items[0])
	for _, i := range m.Items[1:] {
		if of(i) != first {
			return ""
		}
	}
	return first
}

// headerValue makes text fit for a header: one line, whatever was in it.
func headerValue(s string) string {
	return strings.Join(strings.Fields(strings.Map(visible, s)), " ")
}

// emailText is the text part.
func emailText(m Message) string {
	text := m.Title + "\n\n" + emailPlain.body(m)
	return strings.TrimRight(text, "\n") + "\n\n-- \nSent by alerter to " + name(m.Receiver) + ".\n"
}

// emailView is what the HTML part shows.
type emailView struct {
	Message
	Tone  string // the colour of the bar
	Lead  []string
	Full  []Item
	ToDo  []string // what all of them ask for, and the heading above it
	All   string
	Lines []Item
	Rest  string // how many more there are, empty for none
	Page  string
	Alone bool         // one item: its title is the message's
	Image template.URL // where the chart is; empty: there is none
}

// emailHTML is the HTML part.
func emailHTML(m Message) (string, error) {
	full := min(len(m.Items), emailPlain.full)
	lines := min(len(m.Items), emailPlain.lines)
	told, shared := shareAdvice(m.Items[:full])
	view := emailView{
		Message: m, Tone: toneColour(toneOf(m)), Lead: messageLead(m), Full: told, ToDo: shared, All: forAll,
		Lines: m.Items[full:lines], Rest: leftOut(m, len(m.Items)-lines), Page: pageLink(m), Alone: len(m.Items) == 1,
	}
	if m.Chart != nil {
		view.Image = "cid:" + chartID
	}
	var b bytes.Buffer
	if err := emailTemplate.Execute(&b, view); err != nil {
		return "", fmt.Errorf("lay out mail: %w", err)
	}
	return b.String(), nil
}

// toneColour is readable on white and on black.
func toneColour(t tone) string {
	switch t {
	case toneCritical:
		return "#d1242f"
	case toneWarning:
		return "#bf6a02"
	case toneGood:
		return "#1a7f37"
	}
	return "#6e7781"
}
