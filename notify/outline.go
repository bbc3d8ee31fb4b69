package notify

import "unicode/utf16"

// Of a group, so many alerts are outlined in full, and so many in all.
const (
	outlineFull  = 3
	outlineLines = 20
)

// row is one line of an outline: text, with a name in front of it where it is a
// fact. A row without either parts what comes before it from what comes after.
type row struct {
	heading bool
	name    string
	text    string
}

// outline is the message without its title as rows, most important first, for
// channels that lay out lines of text and may have to leave the last ones out.
func outline(m Message) []row {
	var rows []row
	for _, line := range messageLead(m) {
		rows = append(rows, row{text: line})
	}
	for _, s := range m.Sections {
		rows = append(rows, row{}, row{heading: true, text: s.Heading})
		for _, line := range s.Lines {
			rows = append(rows, row{text: "• " + line})
		}
	}
	full := min(len(m.Items), outlineFull)
	if m.Summary != nil {
		full = min(full, 1) // it is there for the list
	}
	items, shared := shareAdvice(m.Items[:full])
	for i, item := range items {
		if i > 0 {
			rows = append(rows, row{})
		}
		if len(m.Items) > 1 {
			rows = append(rows, row{heading: true, text: item.Text.Title})
		}
		rows = append(rows, outlineText(item.Text)...)
	}
	if len(shared) > 0 {
		rows = append(rows, row{}, row{heading: true, text: forAll})
	}
	for _, a := range shared {
		rows = append(rows, row{text: "• " + a})
	}
	lines := min(len(m.Items), outlineLines)
	if lines > full {
		rows = append(rows, row{})
	}
	for _, item := range m.Items[full:lines] {
		rows = append(rows, row{text: item.Text.Title})
	}
	if rest := leftOut(m, len(m.Items)-lines); rest != "" {
		rows = append(rows, row{text: rest})
	}
	return rows
}

// outlineText is one alert. Its link is left to the channel.
func outlineText(t Text) []row {
	var rows []row
	for _, s := range t.Lead {
		rows = append(rows, row{text: s})
	}
	for _, f := range t.Facts {
		rows = append(rows, row{name: f.Name, text: f.Value})
	}
	rows = append(rows, outlineList("Used by", consumerLines(t.Consumers))...)
	rows = append(rows, outlineList("To do", t.Advice)...)
	if t.Rule != "" {
		rows = append(rows, row{name: "Rule", text: t.Rule})
	}
	return rows
}

// outlineList is a name and what stands under it; nothing for an empty list.
func outlineList(called string, entries []string) []row {
	if len(entries) == 0 {
		return nil
	}
	rows := []row{{name: called}}
	for _, e := range entries {
		rows = append(rows, row{text: "• " + e})
	}
	return rows
}

// messageLink is where the status page shows what the message is about; empty
// without a page.
func messageLink(m Message) string {
	if len(m.Items) == 1 {
		return m.Items[0].Text.Link
	}
	return m.ExternalURL
}

// fitted writes rows until the next one would take the text over so many UTF-16
// units, which is how most chats count; the last line then says that more was
// left out. write makes a row's line, escaped, of values of at most 500 runes.
func fitted(rows []row, most int, write func(row) string) string {
	const more = "\n…"
	text, used := "", 0
	for _, r := range rows {
		r.name, r.text = clip(r.name, 80), clip(r.text, 500)
		line := write(r) + "\n"
		width := units(line)
		if used+width > most-units(more) {
			return text + more[1:]
		}
		text, used = text+line, used+width
	}
	if text == "" {
		return ""
	}
	return text[:len(text)-1]
}

// units is the length of s in UTF-16.
func units(s string) int { return len(utf16.Encode([]rune(s))) }
