package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"alerter/evaluate"
)

// Unsent is a message that its receiver has not said it has taken in.
type Unsent struct {
	Message
	// MayBeHeard: an attempt was made whose end is not known, so that the receiver
	// may have it all the same.
	MayBeHeard bool
	// DueAt is when it was to be sent, for [Summarize].
	DueAt time.Time
}

// Merge puts as many messages of one card as possible, from the first on and in
// the order they were decided in, into one that says of each alert the newest.
// It returns that, under the name of the last of them, and how many they are.
//
// What has begun and ended meanwhile is told as its end, with a word that it could
// not be told before. An alert that came and went several times is told as it is
// at last, with the number of times. A message ends where that would leave a
// receiver with an incident open: the end of an episode that it may have heard of
// is told before the next one of the same alert begins.
func Merge(list []Unsent) (Message, int) {
	m := newMerge(list[0])
	n := 1
	for n < len(list) && m.takes(list[n].Message) {
		m.add(list[n])
		n++
	}
	if n == 1 {
		return list[0].Message, 1
	}
	return m.message(), n
}

// merge is several messages on their way into one.
type merge struct {
	kind  MessageKind
	last  Message
	items []mergedItem
	heard []string // keys of those that may have been
}

// mergedItem is an item and what is known of its episode's beginning.
type mergedItem struct {
	Item
	// unheard: that it fired is among what is merged, and has not been heard.
	unheard bool
	// begins: that it fired is among what is merged.
	begins bool
}

func newMerge(u Unsent) *merge {
	m := &merge{kind: u.Kind}
	m.add(u)
	return m
}

// first is an item as it is in a message of its own.
func first(it Item, mayBeHeard bool) mergedItem {
	begins := it.Reason == evaluate.Fired
	return mergedItem{Item: it, begins: begins, unheard: begins && !mayBeHeard || it.Late}
}

// takes reports whether the next message can be told together with those before.
func (m *merge) takes(next Message) bool {
	switch {
	case !merges(m.kind) || !merges(next.Kind):
		return false
	case m.kind == KindUpdate || next.Kind == KindUpdate:
		return true // it is no news, and shows how everything is
	case m.kind != next.Kind:
		return false
	}
	for _, it := range next.Items {
		for _, had := range m.items {
			if had.Alert.Fingerprint == it.Alert.Fingerprint && !had.yields(it) {
				return false
			}
		}
	}
	return true
}

// merges reports whether messages of the kind say how alerts are, so that a newer
// one can say it for an older one too.
func merges(k MessageKind) bool { return k == KindAlert || k == KindSystem || k == KindUpdate }

// yields reports whether the item can be left out for a newer one of its alert.
func (it mergedItem) yields(newer Item) bool {
	if !sameEpisode(it.Alert, newer.Alert) {
		// Its end must be told, unless nobody knows of its beginning.
		return isOver(it.Reason) && it.unheard && newer.Reason == evaluate.Fired
	}
	if isOver(it.Reason) {
		return false
	}
	return isOver(newer.Reason) || isLevel(it.Reason) && isLevel(newer.Reason)
}

// add lets the next message say what it has to say in the place of what was said.
func (m *merge) add(u Unsent) {
	if m.heard = append(m.heard, u.Merged...); u.MayBeHeard {
		m.heard = append(m.heard, u.Key)
	}
	if m.last = u.Message; u.Kind == KindUpdate {
		return
	}
	m.kind = u.Kind
	for _, it := range u.Items {
		merged := first(it, u.MayBeHeard)
		m.items = slices.DeleteFunc(m.items, func(had mergedItem) bool {
			if had.Alert.Fingerprint != it.Alert.Fingerprint {
				return false
			}
			merged = merged.after(had)
			return true
		})
		merged.Text.Lead = slices.Clone(merged.Text.Lead)
		for _, line := range missed(merged.Item) {
			if !slices.Contains(merged.Text.Lead, line) { // it was merged before
				merged.Text.Lead = append(merged.Text.Lead, line)
			}
		}
		m.items = append(m.items, merged)
	}
}

// after is the item in the place of an earlier one of its alert.
func (it mergedItem) after(had mergedItem) mergedItem {
	switch {
	case !sameEpisode(had.Alert, it.Alert):
		it.Missed = had.Missed + 1
	case isOver(it.Reason):
		it.unheard, it.Late, it.Missed = had.unheard, had.unheard, had.Missed
	case had.begins:
		// Whoever may not have heard that it fires is told that it does.
		it.Text.Title = strings.Replace(it.Text.Title, bracket(it.Reason, it.Alert.Severity), bracket(evaluate.Fired, it.Alert.Severity), 1)
		it.Reason, it.begins, it.unheard, it.Missed = evaluate.Fired, true, had.unheard, had.Missed
	}
	return it
}

// message is what has been merged.
func (m *merge) message() Message {
	out := m.last
	out.Kind, out.Items, out.Group, out.Merged = m.kind, nil, slices.Clone(m.last.Group), m.heard
	for _, it := range m.items {
		out.Items = append(out.Items, it.Item)
		if !slices.ContainsFunc(out.Group, func(a Alert) bool { return a.Fingerprint == it.Alert.Fingerprint && sameEpisode(a, it.Alert) }) {
			out.Group = append(out.Group, it.Alert)
		}
	}
	slices.SortFunc(out.Group, func(x, y Alert) int {
		return cmp.Or(cmp.Compare(x.Fingerprint, y.Fingerprint), firedAt(x).Compare(firedAt(y)))
	})
	return out.retitled()
}

// retitled puts the items in order, gravest first, and the title over them.
func (m Message) retitled() Message {
	if len(m.Items) == 0 {
		return m
	}
	slices.SortStableFunc(m.Items, func(x, y Item) int {
		return cmp.Or(
			-cmp.Compare(gravity(x.Reason), gravity(y.Reason)),
			-cmp.Compare(x.Alert.Severity.Rank(), y.Alert.Severity.Rank()),
			cmp.Compare(x.Alert.Fingerprint, y.Alert.Fingerprint),
		)
	})
	m.Reason = m.Items[0].Reason
	m.Title, m.Subject = titles(m)
	return m
}

// Without is m without the items about some alerts, and whether anything is left.
func (m Message) Without(prints []evaluate.Fingerprint) (Message, bool) {
	gone := func(a Alert) bool { return slices.Contains(prints, a.Fingerprint) }
	m.Items = slices.DeleteFunc(slices.Clone(m.Items), func(it Item) bool { return gone(it.Alert) })
	m.Group = slices.DeleteFunc(slices.Clone(m.Group), gone)
	return m.retitled(), len(m.Items) > 0
}

// missed says what the receiver could not be told in time.
func missed(it Item) []string {
	var said []string
	if it.Missed > 0 {
		said = append(said, fmt.Sprintf("Before that it fired and ended %s, which could not be told in time.", plural(it.Missed, "time")))
	}
	if it.Late {
		said = append(said, "It could not be told while it fired.")
	}
	return said
}

// isLevel reports whether the reason says that an alert fires, and how badly.
func isLevel(r evaluate.Reason) bool {
	switch r {
	case evaluate.Fired, evaluate.Escalated, evaluate.Eased, evaluate.Reminder:
		return true
	}
	return false
}

// isOver reports whether the reason says that an episode has ended.
func isOver(r evaluate.Reason) bool {
	return r == evaluate.ReasonResolved || r == evaluate.ReasonWithdrawn
}

// sameEpisode reports whether both are one firing of one alert; it is for two of
// one fingerprint.
func sameEpisode(x, y Alert) bool { return firedAt(x).Equal(firedAt(y)) }

// firedAt is when the episode began; zero where it is not known.
func firedAt(a Alert) time.Time {
	if a.FiredAt == nil {
		return time.Time{}
	}
	return *a.FiredAt
}
