package route

import (
	"slices"
	"time"

	"alerter/evaluate"
)

// add takes in a new member and tells of it, if there is something to tell.
// Heard and Told of m are what the receiver was told elsewhere.
func (c *card) add(m Member) {
	if !isOver(&m.Alert) {
		c.flapMemory(&m)
		if m.Heard == evaluate.None {
			c.noteChange(&m)
		}
	}
	c.mark(&m)
	it, tells := c.tell(&m)
	if !tells && !m.known() && (m.Held == "" || isOver(&m.Alert)) {
		if m.Held == "" {
			c.suppress(&m.Alert, SuppressedInfo)
		}
		return
	}
	if tells {
		m = c.told(m, it)
		c.setItem(it)
	}
	c.shows = c.shows || m.known()
	c.join(m)
}

// join makes m a member.
func (c *card) join(m Member) {
	c.own()
	c.Members = append(c.Members, m)
	c.news = c.news || c.mergeable()
	if c.Episode.IsZero() || c.fresh && m.Alert.FiredAt.Before(c.Episode) {
		c.Episode = m.Alert.FiredAt
	}
}

// update brings a firing member up to date and changes the open message by it.
func (c *card) update(i int, a *evaluate.Alert, routed bool) {
	if c.seen == nil {
		c.seen = map[int]bool{}
	}
	c.seen[i] = true
	was := c.Members[i]
	old, waits := c.item(episodeOf(a))
	m := c.before(was)
	m.Alert, m.Unrouted = *a, !routed
	if a.Severity != was.Alert.Severity {
		c.noteChange(&m)
	}
	c.mark(&m)
	it, tells := c.tell(&m)
	if !tells && !m.known() && m.Held == "" {
		// It got better before anybody heard of it.
		c.remove(i)
		c.suppress(a, SuppressedInfo)
		return
	}
	if !tells && waits && old.Reason == evaluate.Reminder && c.reminds(&m) {
		if held := c.hold(&m); held != "" {
			c.keepBack(&m, held)
		} else {
			it, tells = old, true
			it.Severity = a.Severity
		}
	}
	if !tells && m.Told.Rank() > a.Severity.Rank() && was.Alert.Severity.Rank() > a.Severity.Rank() {
		c.suppress(a, SuppressedEased)
	}
	switch {
	case tells:
		m = c.told(m, it)
		// Worse than the message that waits says, and not the group's first one.
		c.urgent = c.urgent || waits && it.Severity.Rank() > old.Severity.Rank() && !c.PriorSent.IsZero()
		c.setItem(it)
	case waits:
		c.dropItem(old.episode())
	}
	if !m.same(&was) {
		c.put(i, m)
	}
	c.shows = c.shows || !tells && !m.looks(&was)
}

// end tells the end of a member's episode to a receiver that heard of it.
func (c *card) end(i int, a *evaluate.Alert) {
	m := c.before(c.Members[i])
	m.Alert, m.Held = *a, ""
	m.SilencedUntil, m.SilencedBy, m.AckedAt, m.AckedBy = time.Time{}, "", time.Time{}, ""
	c.noteChange(&m)
	switch {
	case !m.known():
		c.endQuietly(i, m, SuppressedUnsent)
	case !c.reachable:
		c.endQuietly(i, m, SuppressedReceiver)
	case !c.options.SendResolved:
		c.endQuietly(i, m, SuppressedResolved)
	default:
		reason := evaluate.ReasonResolved
		if a.State == evaluate.Withdrawn {
			reason = evaluate.ReasonWithdrawn
		}
		c.setItem(itemOf(&m, reason))
		c.put(i, m)
	}
}

// endQuietly leaves a member out whose end is not told, or keeps it as one that
// has ended while its changes count.
func (c *card) endQuietly(i int, m Member, reason string) {
	c.suppress(&m.Alert, reason)
	if c.kept(&m).IsZero() {
		c.remove(i)
		return
	}
	c.dropItem(episodeOf(&m.Alert))
	c.put(i, m)
}

// newsOf says what a member's alert, as it is, is news of.
func (c *card) newsOf(m *Member) (Item, bool) {
	rank := m.Alert.Severity.Rank()
	switch {
	case m.Heard == evaluate.None:
		return itemOf(m, evaluate.Fired), !m.Unrouted && c.sends(m.Alert.Severity)
	case rank > m.Heard.Rank() && !m.Unrouted:
		return itemOf(m, evaluate.Escalated), true
	case !m.AckedAt.IsZero() && !m.AckTold.Equal(m.AckedAt) && c.at.After(m.HeardAt) && !c.sentNow():
		// Not in the step in which the alert itself is told, or goes: to a pager, this
		// is a message of its own.
		it := itemOf(m, evaluate.ReasonAcknowledged)
		it.By = m.AckedBy
		return it, true
	case rank < m.Told.Rank() && c.NotifyEased:
		return itemOf(m, evaluate.Eased), true
	}
	return Item{}, false
}

// sends reports whether the route sends alerts of that severity.
func (c *card) sends(s evaluate.Severity) bool {
	return s.Rank() > evaluate.Info.Rank() || s == evaluate.Info && c.NotifyInfo
}

// itemOf is what m's alert is, told for a reason.
func itemOf(m *Member, reason evaluate.Reason) Item {
	return Item{
		Fingerprint: m.Alert.Fingerprint, FiredAt: m.Alert.FiredAt,
		Reason: reason, Severity: m.Alert.Severity, From: m.Told,
	}
}

// saysItFires reports whether it tells that an alert began to fire, or still fires.
func saysItFires(it Item) bool {
	return it.Reason == evaluate.Fired || it.Reason == evaluate.Reminder
}

// isWorse reports whether it tells that something is worse than the receiver knew.
func isWorse(it Item) bool {
	return it.Reason == evaluate.Fired || it.Reason == evaluate.Escalated
}

// isGood reports whether r asks nobody to do anything.
func isGood(r evaluate.Reason) bool {
	return r == evaluate.Eased || r == evaluate.ReasonAcknowledged || isEnd(r)
}

// isEnd reports whether r tells that an episode is over.
func isEnd(r evaluate.Reason) bool {
	return r == evaluate.ReasonResolved || r == evaluate.ReasonWithdrawn
}

// before is m as if the open message had not been decided.
func (c *card) before(m Member) Member {
	it, waits := c.item(episodeOf(&m.Alert))
	switch {
	case !waits:
	case it.Reason == evaluate.Fired:
		m.Heard, m.Told = evaluate.None, evaluate.None
	case it.Reason == evaluate.SilenceEnding:
		m.Foretold = time.Time{}
	case it.Reason == evaluate.ReasonAcknowledged:
		m.AckTold, m.Told = time.Time{}, it.From
	default:
		m.Told = it.From
	}
	if it.Flapping {
		m.FlapTold = it.FlapFrom
	}
	return m
}

// told is m once it has been told.
func (c *card) told(m Member, it Item) Member {
	switch it.Reason {
	case evaluate.Fired, evaluate.Escalated, evaluate.Unacknowledged:
		if old, waits := c.item(it.episode()); !waits || old.Severity != it.Severity {
			m.HeardAt = c.at
		}
		m.Heard, m.Told = it.Severity, it.Severity
	case evaluate.Eased, evaluate.Reminder:
		m.Told = it.Severity
	case evaluate.ReasonAcknowledged:
		m.AckTold, m.Told = m.AckedAt, it.Severity // it says how bad it is now
	case evaluate.SilenceEnding:
		m.Foretold = it.Until
	}
	if it.Flapping && it.Severity.Rank() > m.FlapTold.Rank() {
		m.FlapTold = it.Severity
	}
	return m
}

// known reports whether the receiver knows of the episode, or will by a message
// that is decided: it hears the end too.
func (m *Member) known() bool { return m.Heard != evaluate.None || !m.Foretold.IsZero() }

// same reports whether nothing that a message shows differs. Readings hold NaN
// for what is not known, which is never equal to itself: the times they are of
// stand for them.
func (m *Member) same(other *Member) bool {
	a, b := &m.Alert, &other.Alert
	return m.Heard == other.Heard && m.Told == other.Told && m.Unrouted == other.Unrouted && m.looks(other) &&
		m.HeardAt.Equal(other.HeardAt) && m.Held == other.Held && m.Foretold.Equal(other.Foretold) &&
		m.AckTold.Equal(other.AckTold) && m.Passed == other.Passed && m.FlapTold == other.FlapTold &&
		slices.EqualFunc(m.Changes, other.Changes, time.Time.Equal) &&
		a.State == b.State && a.Worst == b.Worst &&
		a.Labels == b.Labels && a.RepeatInterval == b.RepeatInterval &&
		a.Reading.To.Equal(b.Reading.To) && a.Reading.DataAsOf.Equal(b.Reading.DataAsOf)
}

// looks reports whether a card shows the same of both, but for the reading.
func (m *Member) looks(other *Member) bool {
	return m.Alert.Severity == other.Alert.Severity && m.SilencedUntil.Equal(other.SilencedUntil) && m.SilencedBy == other.SilencedBy &&
		m.AckedAt.Equal(other.AckedAt) && m.AckedBy == other.AckedBy
}

// load reads the items of the message that waits, once.
func (c *card) load() {
	if c.items != nil {
		return
	}
	c.items = map[episode]Item{}
	if c.mergeable() {
		for _, it := range c.Waiting.Items {
			c.items[it.episode()] = it
		}
	}
}

// item is what the open message says of an episode.
func (c *card) item(e episode) (Item, bool) {
	c.load()
	it, ok := c.items[e]
	return it, ok
}

// setItem lets the open message say it.
func (c *card) setItem(it Item) {
	old, ok := c.item(it.episode())
	if ok && old.Reason == it.Reason && old.Severity == it.Severity && old.From == it.From && old.Flapping == it.Flapping && old.Until.Equal(it.Until) {
		return
	}
	c.items[it.episode()], c.news = it, true
	// An acknowledgement goes at once, so that nobody else begins with the same.
	c.urgent = c.urgent || it.Reason == evaluate.Escalated || it.Reason == evaluate.ReasonAcknowledged
}

// dropItem lets the open message say nothing of the episode.
func (c *card) dropItem(e episode) {
	if it, ok := c.item(e); ok {
		delete(c.items, e)
		c.news, c.dropped = true, append(c.dropped, it)
	}
}
