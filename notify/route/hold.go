package route

import "alerter/evaluate"

// mark notes on a member what people have done about its alert.
func (c *card) mark(m *Member) {
	now := c.step.quiet.standing(&m.Alert)
	m.SilencedUntil, m.SilencedBy = now.SilencedUntil, now.SilencedBy
	m.AckedAt, m.AckedBy = now.AcknowledgedAt, now.AcknowledgedBy
}

// hold is why nothing may be told of a member now; empty if it may.
func (c *card) hold(m *Member) string {
	if !m.SilencedUntil.IsZero() {
		return SuppressedSilence
	}
	return c.holdBeside(m)
}

// holdBeside is what holds a member back beside a silence.
func (c *card) holdBeside(m *Member) string {
	switch {
	case c.step.quiet.inhibitor(&m.Alert) != "":
		return SuppressedInhibition
	case len(c.step.router.tree.MutedBy(&c.Terms, c.at)) > 0:
		return SuppressedMuted
	case c.calm(m):
		return SuppressedFlapping
	}
	return ""
}

// keepBack holds a member back for a reason, which is counted once.
func (c *card) keepBack(m *Member, reason string) {
	if m.Held != reason {
		c.suppress(&m.Alert, reason)
	}
	m.Held = reason
}

// tell is what of a member may be told now. What is news and may not be told
// holds the member back until it may.
func (c *card) tell(m *Member) (Item, bool) {
	it, tells := c.newsOf(m)
	held := ""
	if tells && it.Reason != evaluate.ReasonAcknowledged {
		held = c.hold(m)
	}
	if held != "" {
		c.keepBack(m, held)
		return c.silenceEnding(m)
	}
	if !tells {
		// A reminder may be held back, of which there is no news.
		if m.Held != "" && m.Held != c.hold(m) {
			m.Held = ""
		}
		return c.silenceEnding(m)
	}
	m.Held = ""
	if it.Reason != evaluate.ReasonAcknowledged && c.flaps(m) {
		it.Flapping, it.FlapFrom = true, m.FlapTold
	}
	return it, true
}

// silenceEnding tells shortly before a silence ends that its alert still fires, once.
func (c *card) silenceEnding(m *Member) (Item, bool) {
	s, silenced := c.step.quiet.silence(&m.Alert)
	if !silenced || isOver(&m.Alert) || c.at.Before(s.EndsAt.Add(-SilenceNotice)) || s.EndsAt.Sub(s.StartsAt) < 2*SilenceNotice ||
		m.Foretold.Equal(s.EndsAt) || !m.AckedAt.IsZero() || m.Unrouted || !c.reachable ||
		!c.sends(m.Alert.Severity) || c.holdBeside(m) != "" || c.step.quiet.goesOn(&m.Alert, s.EndsAt) {
		return Item{}, false
	}
	it := itemOf(m, evaluate.SilenceEnding)
	it.Until = s.EndsAt
	return it, true
}

// review looks again at the members that something keeps quiet, or did, though
// nothing happened to their alerts.
func (c *card) review() {
	for i := range c.known {
		m := &c.Members[i]
		if c.gone[i] || c.seen[i] || isOver(&m.Alert) {
			continue
		}
		if m.quiet() || c.step.quiet.any() && c.step.quiet.concerns(&m.Alert) {
			a := m.Alert
			c.update(i, &a, !m.Unrouted)
		}
	}
}

// quiet reports whether something keeps the member quiet, or did when it was last
// looked at.
func (m *Member) quiet() bool {
	return m.Held != "" || !m.SilencedUntil.IsZero() || !m.AckedAt.IsZero()
}

// owed reports whether the member must be looked at in each step: time, or a
// person, may let something be told of it.
func (m *Member) owed() bool {
	return m.Held != "" || !m.SilencedUntil.IsZero() ||
		!m.AckedAt.IsZero() && m.Heard != evaluate.None && !m.AckTold.Equal(m.AckedAt)
}
