package notify

import (
	"slices"
	"time"

	"alerter/notify/route"
)

// Summary marks a message that tells of several cards at once, since too many waited
// to be told one by one. [Summarize] makes one.
type Summary struct {
	// From and To are when the first and the last of the messages it tells were due.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Summarizes reports whether a receiver of this kind may be told of many cards in one
// message. Where each alert is an incident of its own it may not.
func Summarizes(kind string) bool { return kinds[kind].summary }

// Summarize puts messages of several cards, in the order they were decided in, into
// one that says of each alert the newest, as [Merge] does for one card. It returns
// which of the list it tells. What cannot be told together with what came before it
// waits, with all that follows it on its card. Updates of a card are told with its
// news, and not by themselves. The first message is told however long it is; fits
// reports whether the next one may join it, nil: all may.
func Summarize(list []Unsent, at time.Time, fits func(Message) bool) (Message, []bool) {
	s := summing{merge: merge{kind: KindAlert}, at: at, waits: map[string]bool{}}
	told, last := make([]bool, len(list)), map[string]int{}
	for i, u := range list {
		switch {
		case u.Kind == KindUpdate:
		case s.take(u, fits):
			told[i], last[u.GroupKey] = true, i
		default:
			s.waits[u.GroupKey] = true
		}
	}
	for i, u := range list {
		if u.Kind == KindUpdate {
			newest, tells := last[u.GroupKey]
			told[i] = tells && (i < newest || !s.waits[u.GroupKey])
		}
	}
	return s.message(), told
}

// summing is several cards' messages on their way into one.
type summing struct {
	merge
	at    time.Time
	span  Summary
	waits map[string]bool // keys of groups that what follows is not told of
	full  bool
}

// take lets the message be told with those before, if it can.
func (s *summing) take(u Unsent, fits func(Message) bool) bool {
	if s.full || s.waits[u.GroupKey] || !s.takes(u.Message) {
		return false
	}
	u.Items = slices.Clone(u.Items)
	for i := range u.Items {
		if u.Items[i].GroupKey == "" {
			u.Items[i].GroupKey = u.GroupKey
		}
	}
	before := *s
	if fits != nil {
		s.items = slices.Clone(s.items)
	}
	s.add(u)
	s.cover(u)
	if fits != nil && len(before.items) > 0 && !fits(s.message()) {
		*s, s.full = before, true
		return false
	}
	return true
}

// cover notes when the message was due.
func (s *summing) cover(u Unsent) {
	due := Summary{From: u.DueAt, To: u.DueAt}
	if u.Summary != nil {
		due = *u.Summary
	}
	if s.span.From.IsZero() || due.From.Before(s.span.From) {
		s.span.From = due.From
	}
	if due.To.After(s.span.To) {
		s.span.To = due.To
	}
}

// message is what has been taken. Its key is made from the last one's, which is taken
// but once.
func (s *summing) message() Message {
	span := s.span
	out := Message{
		Key: route.SummaryKey + "/" + s.last.Key, Kind: KindAlert, Receiver: s.last.Receiver,
		GroupKey: route.SummaryKey, GroupLabels: map[string]string{}, Episode: s.at, At: s.at,
		ExternalURL: s.last.ExternalURL, Summary: &span, Group: []Alert{},
	}
	for _, it := range s.items {
		out.Items = append(out.Items, it.Item)
	}
	return out.retitled()
}

// groups is how many groups a summary tells of.
func (m Message) groups() int {
	seen := map[string]bool{}
	for _, it := range m.Items {
		seen[it.GroupKey] = true
	}
	return len(seen)
}

// summaryLead says what a summary is, and why it is one.
func (m Message) summaryLead() []string {
	if m.Summary == nil || len(m.Items) < 2 {
		return nil
	}
	why := "they had to wait, the first of them since " + clock(m.Summary.From, m.At)
	switch {
	case !m.FailingSince.IsZero():
		why = "nothing could be delivered to " + name(m.Receiver) + " from " + clock(m.FailingSince, m.At) + " on"
	case m.Summary.To.Sub(m.Summary.From) < time.Minute:
		why = "they were due at the same time, at " + clock(m.Summary.From, m.At)
	}
	return []string{plural(len(m.Items), "alert") + " of " + plural(m.groups(), "group") + ", told together because " + why + "."}
}

// Update is the message that brings the card of m up to date and tells nothing, for a
// receiver that hears the news of m from a summary. It is false where m has no card.
func (m Message) Update() (Message, bool) {
	if m.Card == nil {
		return Message{}, false
	}
	m.Key += "/card"
	m.Kind, m.Reason, m.Items, m.Subject, m.Merged = KindUpdate, "", []Item{}, "", nil
	m.Title = groupName(m)
	return m, true
}

// leftOut says how many alerts of m there was no room for, and where they are; empty
// where there was room for all.
func leftOut(m Message, n int) string {
	if n <= 0 {
		return ""
	}
	said := "and " + plural(n, "more alert")
	switch {
	case m.Summary == nil:
		return said + " in this group"
	case m.ExternalURL != "":
		return said + "; the status page lists all that fire"
	}
	return said + "; alerter alerts lists all that fire"
}
