package notify

import (
	"fmt"
	"strings"
)

// plain says how much of a message is written as text.
type plain struct {
	full  int // so many items in full, the rest in one line each
	lines int // so many items in all, the rest as a count
}

// factWidth is the column the values of facts begin in.
const factWidth = 11

// body writes the message without its title.
func (p plain) body(m Message) string {
	var b strings.Builder
	for _, line := range messageLead(m) {
		fmt.Fprintln(&b, line)
	}
	for _, s := range m.Sections {
		fmt.Fprintf(&b, "\n%s\n- %s\n", s.Heading, strings.Join(s.Lines, "\n- "))
	}
	full, lines := min(p.full, len(m.Items)), min(p.lines, len(m.Items))
	items, shared := shareAdvice(m.Items[:full])
	for i, item := range items {
		if i > 0 {
			b.WriteByte('\n')
		}
		if len(m.Items) > 1 {
			fmt.Fprintln(&b, item.Text.Title)
		}
		writeText(&b, item.Text)
	}
	if len(shared) > 0 {
		fmt.Fprintf(&b, "\n%s\n- %s\n", forAll, strings.Join(shared, "\n- "))
	}
	if lines > full {
		b.WriteByte('\n')
	}
	for _, item := range m.Items[full:max(lines, full)] {
		fmt.Fprintln(&b, item.Text.Title)
	}
	if rest := leftOut(m, len(m.Items)-max(lines, full)); rest != "" {
		fmt.Fprintf(&b, "\n%s\n", rest)
	}
	if link := pageLink(m); link != "" {
		fmt.Fprintf(&b, "\n%-*s%s\n", factWidth, "Open", link)
	}
	return b.String()
}

// messageLead is what the message itself says, beside its items.
func messageLead(m Message) []string {
	switch m.Kind {
	case KindTest:
		return []string{"If you can read this, the receiver " + name(m.Receiver) + " works.", "Sent at " + moment(m.At) + "."}
	case KindDigest:
		return m.Digest.lead(m.At)
	case KindSystem:
		return []string{"This is about the alerter itself, not about your load."}
	}
	return m.summaryLead()
}

// pageLink is the link at the end of a message: the page, where the items do not
// each carry a link of their own.
func pageLink(m Message) string {
	if len(m.Items) == 1 {
		return ""
	}
	return m.ExternalURL
}

// writeText writes one alert in the order it is read.
func writeText(b *strings.Builder, t Text) {
	for _, s := range t.Lead {
		fmt.Fprintln(b, s)
	}
	for _, f := range t.Facts {
		writeFact(b, f.Name, f.Value)
	}
	for i, c := range t.Consumers {
		writeFact(b, pick(i == 0, "Used by", ""), fmt.Sprintf("%-5s %s", c.Name, c.Value))
	}
	for i, a := range t.Advice {
		writeFact(b, pick(i == 0, "To do", ""), "- "+a)
	}
	if t.Rule != "" {
		writeFact(b, "Rule", t.Rule)
	}
	if t.Link != "" {
		writeFact(b, "Open", t.Link)
	}
}

// writeFact writes a name and a value in two columns.
func writeFact(b *strings.Builder, name, value string) {
	fmt.Fprintf(b, "%-*s%s\n", factWidth, name, value)
}
