package route

import (
	"slices"
	"time"

	"alerter/evaluate"
)

// How long a message is worth delivering after its SendAt. One of several
// reasons counts as long as its longest.
const (
	// UsefulFor is how long bad news is worth waking somebody for; longer where
	// the next reminder is further away.
	UsefulFor = time.Hour
	// EndUsefulFor is how long good news is worth closing an incident with.
	EndUsefulFor = 24 * time.Hour
)

// Alert returns the alert that an item of m is about.
func (m Message) Alert(it Item) (evaluate.Alert, bool) {
	i, ok := slices.BinarySearchFunc(m.Alerts, it, func(a evaluate.Alert, it Item) int {
		return compareEpisodes(a.Fingerprint, a.FiredAt, it.Fingerprint, it.FiredAt)
	})
	if !ok {
		return evaluate.Alert{}, false
	}
	return m.Alerts[i], true
}

// decide writes the message that the items make, new or in place of the one
// that waits, and lets it wait until its time.
func (c *card) decide() {
	m := Message{Receiver: c.Receiver, GroupKey: c.Key, GroupLabels: c.Labels, Episode: c.Episode}
	for _, it := range c.items {
		m.Items = append(m.Items, it)
	}
	slices.SortFunc(m.Items, compareItems)
	m.Reason = m.Items[0].Reason
	if c.mergeable() {
		m.Key, m.At, m.SendAt = c.Waiting.Key, c.Waiting.At, c.sooner(c.Waiting.SendAt)
	} else {
		m.At, m.SendAt = c.at, c.sendAt()
		m.Key = messageKey(m)
		c.PriorSent, c.PriorToldAt, c.PriorReminders = c.LastSent, c.ToldAt, c.Reminders
	}
	m.NotAfter = m.SendAt.Add(c.usefulFor(m.Items))
	waiting := m
	c.Waiting, c.LastSent, c.changed = &waiting, m.SendAt, true
	c.count(&m)
	m.Alerts, m.Standings = c.alerts(), c.standings()
	m.System = m.Alerts[0].Kind == evaluate.KindSystem
	waiting.System = m.System
	c.message = &m
}

// count starts the repeat interval anew where m tells that something fires, and
// lets it grow with each reminder since something was news.
func (c *card) count(m *Message) {
	c.ToldAt, c.Reminders = c.PriorToldAt, c.PriorReminders
	if slices.ContainsFunc(m.Items, saysItFires) {
		c.ToldAt = m.At
		if c.at.Before(m.At) { // the clock was set back
			c.ToldAt = c.at
		}
	}
	switch {
	case slices.ContainsFunc(m.Items, isWorse):
		c.Reminders = 0
	case slices.ContainsFunc(m.Items, func(it Item) bool { return it.Reason == evaluate.Reminder }):
		c.Reminders++
	}
}

// sendAt is when a message that is decided now may go.
func (c *card) sendAt() time.Time {
	switch {
	case !c.notBefore.IsZero():
		return c.sooner(c.notBefore)
	case c.LastSent.IsZero():
		return c.sooner(c.at.Add(c.wait))
	}
	return c.sooner(c.LastSent.Add(c.GroupInterval))
}

// sooner is that moment, or an earlier one for what is not to wait so long; not
// before now.
func (c *card) sooner(next time.Time) time.Time {
	if !c.due.IsZero() && c.due.Before(next) {
		next = c.due
	}
	if c.urgent || next.Before(c.at) {
		return c.at
	}
	return next
}

// sentNow reports whether a message of the group goes, or went, at this very moment.
func (c *card) sentNow() bool { return c.at.Equal(c.LastSent) || c.at.Equal(c.PriorSent) }

// sendNow lets the open message go at once; what is decided later in this step
// is a message of its own, at the time the two would have gone together.
func (c *card) sendNow() {
	c.review() // what waits may be held back by now
	next := c.sendAt()
	if c.mergeable() {
		next = c.Waiting.SendAt
	}
	c.urgent = true
	c.decide()
	c.parted, c.message = c.message, nil
	c.items, c.Waiting = map[episode]Item{}, nil
	c.news, c.urgent, c.notBefore = false, false, next
}

// alerts are the group's as they are now: firing if the receiver heard of them,
// and ended if the open message tells of it.
func (c *card) alerts() []evaluate.Alert {
	list := make([]evaluate.Alert, 0, len(c.Members))
	for i := range c.Members {
		a := &c.Members[i].Alert
		if c.gone[i] {
			continue
		}
		if _, told := c.item(episodeOf(a)); told || !isOver(a) && c.Members[i].known() {
			list = append(list, *a)
		}
	}
	return list
}

// usefulFor is how long after its SendAt a message with these items, sorted, is worth sending.
func (c *card) usefulFor(items []Item) time.Duration {
	var longest time.Duration
	if !isGood(items[0].Reason) {
		longest = max(UsefulFor, c.repeat())
	}
	if isGood(items[len(items)-1].Reason) {
		longest = max(longest, EndUsefulFor)
	}
	return longest
}

// finish decides what is left to decide and brings the group in order.
func (c *card) finish() {
	c.unwind() // by the interval that holds now, and what was inherited: else the same step again would
	c.compact()
	c.load()
	if c.news && len(c.items) == 0 && c.mergeable() {
		c.cancel()
	}
	c.remind()
	if c.news && len(c.items) > 0 {
		c.decide()
	}
	c.forget() // the route may dampen flapping no more
	c.edit()
	if next := c.next(); !next.Equal(c.Next) {
		c.Next, c.changed = next, true
	}
	// A group that nothing came of never was.
	c.changed = c.changed && (c.stored || len(c.Members) > 0)
}

// cancel takes the waiting message back, as if it had never been decided. What it
// would have shown beside its news a card shows now.
func (c *card) cancel() {
	c.cancelled = c.Waiting.Key
	c.Waiting, c.LastSent, c.ToldAt, c.Reminders = nil, c.PriorSent, c.PriorToldAt, c.PriorReminders
	c.news, c.shows, c.changed = false, true, true
	c.unwind() // what was before it may be of a longer interval
	c.forget()
}
