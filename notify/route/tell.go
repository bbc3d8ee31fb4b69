package route

import "alerter/evaluate"

// add takes in a new member and tells of it, if there is something to tell.
// Heard and Told of m are what the receiver was told elsewhere.
func (c *card) add(m Member) {
	it, tells := c.newsOf(&m)
	if m.Heard == evaluate.None && !tells {
		c.step.suppress(c, m.Alert.Fingerprint, SuppressedInfo)
		return
	}
	if tells {
		m = m.after(it)
		c.setItem(it)
	}
	c.own()
	c.Members = append(c.Members, m)
	c.news = c.news || c.mergeable()
	if c.Episode.IsZero() || c.fresh && m.Alert.FiredAt.Before(c.Episode) {
		c.Episode = m.Alert.FiredAt
	}
}

// update brings a firing member up to date and changes the open message by it.
func (c *card) update(i int, a *evaluate.Alert, routed bool) {
	was := c.Members[i]
	old, waits := c.item(episodeOf(a))
	m := c.before(was)
	m.Alert, m.Unrouted = *a, !routed
	it, tells := c.newsOf(&m)
	if !tells && m.Heard == evaluate.None {
		// It got better before anybody heard of it.
		c.remove(i)
		c.step.suppress(c, a.Fingerprint, SuppressedInfo)
		return
	}
	if !tells && waits && old.Reason == evaluate.Reminder && c.reminds(&m) {
		it, tells = old, true
		it.Severity = a.Severity
	}
	if !tells && m.Told.Rank() > a.Severity.Rank() && was.Alert.Severity.Rank() > a.Severity.Rank() {
		c.step.suppress(c, a.Fingerprint, SuppressedEased)
	}
	switch {
	case tells:
		m = m.after(it)
		// Worse than the message that waits says, and not the group's first one.
		c.urgent = c.urgent || waits && it.Severity.Rank() > old.Severity.Rank() && !c.PriorSent.IsZero()
		c.setItem(it)
	case waits:
		c.dropItem(old.episode())
	}
	if !m.same(&was) {
		c.put(i, m)
	}
}

// end tells the end of a member's episode to a receiver that heard of it.
func (c *card) end(i int, a *evaluate.Alert) {
	was := c.Members[i]
	m := c.before(was)
	switch {
	case m.Heard == evaluate.None:
		c.remove(i)
		c.step.suppress(c, a.Fingerprint, SuppressedUnsent)
	case !c.reachable:
		c.remove(i)
		c.step.suppress(c, a.Fingerprint, SuppressedReceiver)
	case !c.options.SendResolved:
		c.remove(i)
		c.step.suppress(c, a.Fingerprint, SuppressedResolved)
	default:
		reason := evaluate.ReasonResolved
		if a.State == evaluate.Withdrawn {
			reason = evaluate.ReasonWithdrawn
		}
		m.Alert = *a
		c.setItem(itemOf(&m, reason))
		c.put(i, m)
	}
}

// newsOf says what a member's alert, as it is, is news of.
func (c *card) newsOf(m *Member) (Item, bool) {
	rank := m.Alert.Severity.Rank()
	switch {
	case m.Heard == evaluate.None:
		return itemOf(m, evaluate.Fired), !m.Unrouted && c.sends(m.Alert.Severity)
	case rank > m.Heard.Rank() && !m.Unrouted:
		return itemOf(m, evaluate.Escalated), true
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

// isEnd reports whether r tells that an episode is over.
func isEnd(r evaluate.Reason) bool {
	return r == evaluate.ReasonResolved || r == evaluate.ReasonWithdrawn
}

// before is m as if the open message had not been decided.
func (c *card) before(m Member) Member {
	it, waits := c.item(episodeOf(&m.Alert))
	switch {
	case !waits || it.Reason == evaluate.Reminder:
	case it.Reason == evaluate.Fired:
		m.Heard, m.Told = evaluate.None, evaluate.None
	default:
		m.Told = it.From
	}
	return m
}

// after is m once it has been told.
func (m Member) after(it Item) Member {
	switch it.Reason {
	case evaluate.Fired, evaluate.Escalated:
		m.Heard, m.Told = it.Severity, it.Severity
	case evaluate.Eased:
		m.Told = it.Severity
	}
	return m
}

// same reports whether nothing that a message shows differs. Readings hold NaN
// for what is not known, which is never equal to itself: the times they are of
// stand for them.
func (m *Member) same(other *Member) bool {
	a, b := &m.Alert, &other.Alert
	return m.Heard == other.Heard && m.Told == other.Told && m.Unrouted == other.Unrouted &&
		a.State == b.State && a.Severity == b.Severity && a.Worst == b.Worst &&
		a.Labels == b.Labels && a.RepeatInterval == b.RepeatInterval &&
		a.Reading.To.Equal(b.Reading.To) && a.Reading.DataAsOf.Equal(b.Reading.DataAsOf)
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
	if ok && old.Reason == it.Reason && old.Severity == it.Severity && old.From == it.From {
		return
	}
	c.items[it.episode()], c.news = it, true
	c.urgent = c.urgent || it.Reason == evaluate.Escalated
}

// dropItem lets the open message say nothing of the episode.
func (c *card) dropItem(e episode) {
	if _, ok := c.item(e); ok {
		delete(c.items, e)
		c.news = true
	}
}
