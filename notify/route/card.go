package route

import (
	"iter"
	"slices"
	"sort"
	"time"

	"alerter/evaluate"
)

// card is a group at work in one step.
type card struct {
	Group
	step      *step
	at        time.Time
	options   ReceiverOptions
	reachable bool // the receiver is in the file
	stored    bool // it was handed in
	fresh     bool // it had no members before the step
	changed   bool // it must be written

	known int          // Members[:known] were there before the step, sorted
	owned bool         // Members is a copy that may be changed
	gone  map[int]bool // members to leave out
	seen  map[int]bool // members that this step has brought up to date

	// items are those of the message that is open to more, by episode; nil
	// until they are asked for.
	items     map[episode]Item
	dropped   []Item        // what was taken out of them
	news      bool          // the items, or the alerts around them, are not as they were sent
	urgent    bool          // something got worse
	wait      time.Duration // the route's GroupWait
	notBefore time.Time     // when the next message would have gone, had not a part of it gone at once
	due       time.Time     // when another group would have told what is told here now; zero: none would

	parted    *Message // told at once, before what this step decides
	message   *Message // decided, or changed, in this step
	cancelled string   // the key of a message that nobody has to hear any more

	shows   bool     // something changed that is no news, and that a card shows
	edited  *Message // the update of this step
	outdone string   // the key of an update that a message of this step says more than
}

// settle forgets what has gone out: the waiting message whose time is past, and
// members whose end was told. At that very time both stay, so that the same
// step again finds them, but no more is merged.
func (c *card) settle() {
	c.unwind()
	if c.Waiting != nil && c.at.After(c.Waiting.SendAt) {
		c.Waiting, c.changed = nil, true
	}
	c.forget()
	if c.known = len(c.Members); c.known == 0 {
		// It was over: what comes now is a new run, with a thread and a group_wait of its own.
		c.fresh, c.Episode, c.Waiting = true, time.Time{}, nil
		c.LastSent, c.PriorSent, c.ToldAt, c.PriorToldAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		c.Reminders, c.PriorReminders, c.ShownAt, c.Shown, c.UpdateKey = 0, 0, time.Time{}, time.Time{}, ""
	}
}

// unwind takes for now what lies ahead though it has happened, lest messages and
// reminders wait until it comes: by a clock that was set back since, or by a message
// that went before its time.
func (c *card) unwind() {
	if c.Waiting != nil && c.Waiting.At.After(c.at) {
		c.news, c.urgent = true, true // it goes at once
	}
	if c.Waiting == nil && c.LastSent.After(c.at) {
		c.LastSent, c.changed = c.at, true
	}
	for _, told := range []*time.Time{&c.ToldAt, &c.PriorToldAt} {
		if told.After(c.at) {
			*told, c.changed = c.at, true
		}
	}
}

// forget leaves out members that have ended, if the newest message has gone: it,
// or one before it, told their end.
func (c *card) forget() {
	if !c.at.After(c.LastSent) {
		return
	}
	for i := range c.Members {
		if m := &c.Members[i]; isOver(&m.Alert) && !c.at.Before(c.kept(m)) {
			c.remove(i)
		}
	}
	c.compact()
}

// mergeable reports whether a message waits that can still be changed.
func (c *card) mergeable() bool { return c.Waiting != nil && c.at.Before(c.Waiting.SendAt) }

// retime takes over the route's timers.
func (c *card) retime(n *Node) {
	c.wait = n.GroupWait
	if c.GroupInterval == n.GroupInterval && c.RepeatInterval == n.RepeatInterval &&
		c.NotifyInfo == n.NotifyInfo && c.NotifyEased == n.NotifyEased && c.equal(&n.Terms) {
		return
	}
	c.GroupInterval, c.RepeatInterval = n.GroupInterval, n.RepeatInterval
	c.NotifyInfo, c.NotifyEased, c.Terms = n.NotifyInfo, n.NotifyEased, n.Terms
	c.changed = true
}

// inherit lets a new group, or one that has told nothing yet, go on where the group
// its first alerts come from stopped, so that a reminder is not due at once.
func (c *card) inherit(m memory) {
	if (c.fresh || c.LastSent.IsZero()) && m.sent.After(c.LastSent) {
		c.LastSent, c.ToldAt = m.sent, m.toldAt
	}
	// Nothing has gone out of it yet, and what waits may be cancelled.
	if c.mergeable() && c.PriorSent.IsZero() {
		c.PriorSent, c.PriorToldAt = m.sent, m.toldAt
	}
}

// hurry lets what is told of an alert go no later than the group it was in before
// would have told it. An alert that goes back and forth between two groups would
// else wait for ever.
func (c *card) hurry(a *evaluate.Alert, due time.Time) {
	if _, tells := c.item(episodeOf(a)); !tells || due.IsZero() {
		return
	}
	if c.due.IsZero() || due.Before(c.due) {
		c.due = due
	}
}

// lastGone is LastSent and ToldAt without the message that can still be changed.
func (c *card) lastGone() (sent, toldAt time.Time) {
	if c.mergeable() {
		return c.PriorSent, c.PriorToldAt
	}
	return c.LastSent, c.ToldAt
}

// find returns where the episode of a is among the members from before the step.
func (c *card) find(a *evaluate.Alert) (int, bool) {
	i := sort.Search(c.known, func(i int) bool {
		m := &c.Members[i].Alert
		return compareEpisodes(m.Fingerprint, m.FiredAt, a.Fingerprint, a.FiredAt) >= 0
	})
	found := i < c.known && episodeOf(&c.Members[i].Alert) == episodeOf(a) && !c.gone[i]
	return i, found
}

// episodes yields where the alert's episodes are among the members from before
// the step.
func (c *card) episodes(print evaluate.Fingerprint) iter.Seq[int] {
	return func(yield func(int) bool) {
		i := sort.Search(c.known, func(i int) bool { return c.Members[i].Alert.Fingerprint >= print })
		for ; i < c.known && c.Members[i].Alert.Fingerprint == print; i++ {
			if !c.gone[i] && !yield(i) {
				return
			}
		}
	}
}

// own makes Members a copy, once: the caller's stay as they are.
func (c *card) own() {
	if !c.owned {
		c.Members, c.owned = slices.Clone(c.Members), true
	}
	c.changed = true
}

// put replaces member i.
func (c *card) put(i int, m Member) {
	c.own()
	c.Members[i] = m
	// What waits repeats the whole group.
	c.news = c.news || c.mergeable()
}

// remove leaves member i out, and what the open message says of it.
func (c *card) remove(i int) {
	if c.gone == nil {
		c.gone = map[int]bool{}
	}
	c.gone[i], c.changed = true, true
	c.dropItem(episodeOf(&c.Members[i].Alert))
	c.news = c.news || c.mergeable()
}

// compact makes Members what they are after all removals and additions.
func (c *card) compact() {
	if len(c.gone) > 0 {
		kept := make([]Member, 0, len(c.Members)-len(c.gone))
		for i := range c.Members {
			if !c.gone[i] {
				kept = append(kept, c.Members[i])
			}
		}
		c.Members, c.owned, c.gone = kept, true, nil
	}
	if !slices.IsSortedFunc(c.Members, compareMembers) {
		c.own()
		slices.SortFunc(c.Members, compareMembers)
	}
}
