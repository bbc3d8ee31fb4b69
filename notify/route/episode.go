package route

import (
	"slices"
	"time"

	"alerter/evaluate"
)

// end ends the episodes that the change says are over, in every group that has
// them. An earlier episode of the same alert is over too, though its notice
// never came.
func (s *step) end(ch change) {
	for _, c := range s.holders[ch.alert.Fingerprint] {
		for i := range c.episodes(ch.alert.Fingerprint) {
			m := c.Members[i].Alert
			switch {
			case isOver(&m):
			case m.FiredAt.Equal(ch.alert.FiredAt):
				if isOver(ch.alert) {
					c.end(i, ch.alert)
				}
			case s.earlier(&m, ch.alert):
				m.State, m.ResolvedAt = evaluate.Resolved, s.at
				c.end(i, &m)
			}
		}
	}
}

// earlier reports whether m is of an episode before a's: it began before it, or it
// began at a time that has not come, by a clock that was set back since.
func (s *step) earlier(m, a *evaluate.Alert) bool {
	return m.FiredAt.Before(a.FiredAt) || m.FiredAt.After(s.at) && !m.FiredAt.Equal(a.FiredAt)
}

// part lets a message go at once that tells the end of an earlier episode of
// an alert which fires again.
func (s *step) part(ch change) {
	if isOver(ch.alert) {
		return
	}
	for _, c := range s.holders[ch.alert.Fingerprint] {
		for i := range c.episodes(ch.alert.Fingerprint) {
			m := &c.Members[i].Alert
			it, waits := c.item(episodeOf(m))
			if waits && isEnd(it.Reason) && s.earlier(m, ch.alert) {
				c.sendNow()
				break
			}
		}
	}
}

// momentary tells of what fired and ended at once. It stays a member, though
// not a firing one, until its message has gone, so that it is told once.
func (s *step) momentary(a *evaluate.Alert, targets []target) {
	for _, t := range targets {
		c := s.open(t)
		if _, known := c.find(a); !known {
			c.add(Member{Alert: *a})
		}
	}
}

// firing brings every group that has the episode up to date, and every group it
// belongs in.
func (s *step) firing(a *evaluate.Alert, targets []target) {
	if s.outdated(a) {
		return
	}
	moved := s.leave(a, targets)
	for _, t := range targets {
		c := s.open(t)
		switch i, known := c.find(a); {
		case !known:
			m := moved[t.ref.Receiver]
			c.inherit(m)
			m.Alert, m.Unrouted = *a, false
			c.add(m.Member)
			c.hurry(a, m.due)
		case !isOver(&c.Members[i].Alert):
			c.update(i, a, true)
		}
	}
}

// outdated reports whether a group knows of a later episode: the notice is late,
// and the end of what it tells of has been told.
func (s *step) outdated(a *evaluate.Alert) bool {
	for _, c := range s.holders[a.Fingerprint] {
		for i := range c.episodes(a.Fingerprint) {
			if m := &c.Members[i].Alert; m.FiredAt.After(a.FiredAt) && !s.earlier(m, a) {
				return true
			}
		}
	}
	return false
}

// memory is what a receiver was told of an episode by a group that the alert leaves.
type memory struct {
	Member
	// LastSent and ToldAt of the group, of what has gone; zero where that told nothing of it.
	sent, toldAt time.Time
	due          time.Time // when it would have told what is news; zero: nothing
}

// leave goes through the groups that have the episode and that a does not
// belong in any more. Where the receiver was told nothing, or hears of it in
// another of its groups from now on, the group forgets it; what it was told is
// returned by receiver. Else the group keeps it until its end.
func (s *step) leave(a *evaluate.Alert, targets []target) map[string]memory {
	var moved map[string]memory
	for _, c := range s.holders[a.Fingerprint] {
		i, known := c.find(a)
		if !known || isOver(&c.Members[i].Alert) || hasTarget(targets, c.Ref()) {
			continue
		}
		m := c.before(c.Members[i])
		stays := slices.ContainsFunc(targets, func(t target) bool { return t.ref.Receiver == c.Receiver })
		switch {
		case stays:
			if moved == nil {
				moved = map[string]memory{}
			}
			moved[c.Receiver] = c.remember(m).or(moved[c.Receiver])
			c.shows = c.shows || m.known()
			c.remove(i)
		case m.known():
			c.update(i, a, false)
		default:
			c.remove(i)
		}
	}
	return moved
}

// remember is the memory of a member that goes.
func (c *card) remember(m Member) memory {
	kept := memory{Member: m}
	if it, waits := c.item(episodeOf(&m.Alert)); waits && it.Reason != evaluate.Reminder {
		kept.due = c.Waiting.SendAt
	}
	if m.known() {
		kept.sent, kept.toldAt = c.lastGone()
	}
	return kept
}

// or is the memory of the group that told worse, with what is due first in either.
func (m memory) or(other memory) memory {
	due := m.due
	if due.IsZero() || !other.due.IsZero() && other.due.Before(due) {
		due = other.due
	}
	if other.Heard.Rank() > m.Heard.Rank() {
		m = other
	}
	m.due = due
	return m
}
