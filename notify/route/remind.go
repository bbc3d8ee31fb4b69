package route

import (
	"time"

	"alerter/evaluate"
)

// remind adds a reminder of everything that is still as it was told, if it is time.
func (c *card) remind() {
	repeat := c.repeat()
	if repeat <= 0 || c.mergeable() || c.at.Before(c.reminderDue(repeat)) {
		return
	}
	for i := range c.Members {
		m := c.Members[i]
		if _, told := c.item(episodeOf(&m.Alert)); told || !c.reminds(&m) || !m.holds() {
			continue
		}
		if held := c.hold(&m); held == "" {
			it := itemOf(&m, evaluate.Reminder)
			if told := c.told(m, it); told.Told != m.Told {
				c.put(i, told)
			}
			c.setItem(it)
		} else if m.Held != held {
			c.keepBack(&m, held)
			c.put(i, m)
		}
	}
}

// reminds reports whether the receiver is reminded of m: it heard of it, it is
// still its business, nobody has acknowledged it, and its present level would be sent.
func (c *card) reminds(m *Member) bool {
	return !isOver(&m.Alert) && m.Heard != evaluate.None && !m.Unrouted && m.AckedAt.IsZero() &&
		c.reachable && c.sends(m.Alert.Severity)
}

// holds reports whether what the receiver was last told holds just now: the
// alert is that bad, and not merely held there by keep_firing_for. A reminder of
// what has become better would be no news and no warning either; it comes as soon
// as that level is reached again.
func (m *Member) holds() bool {
	told := m.Told.Rank()
	return m.Alert.Severity.Rank() >= told && (told == 0 || m.Alert.Levels[told-1].QuietSince.IsZero())
}

// longestRepeat bounds what a backoff makes of a repeat interval.
const longestRepeat = 365 * 24 * time.Hour

// repeat is the shortest repeat interval of the members that the receiver is
// reminded of, grown with each reminder there was; zero if there are none, or if
// none repeats.
func (c *card) repeat() time.Duration {
	var shortest time.Duration
	for i := range c.Members {
		m := &c.Members[i]
		if c.gone[i] || !c.reminds(m) {
			continue
		}
		own := m.Alert.RepeatInterval
		if own <= 0 {
			own = c.RepeatInterval
		}
		if own > 0 && (shortest == 0 || own < shortest) {
			shortest = own
		}
	}
	grown := float64(shortest)
	for range c.Reminders {
		if grown >= float64(longestRepeat) {
			break
		}
		grown *= max(c.ReminderBackoff, 1)
	}
	return time.Duration(min(grown, float64(max(shortest, longestRepeat))))
}

// reminderDue is when the next reminder may be decided: the repeat interval after
// the receiver was last told that something fires. Neither group_wait nor a
// message of another reason, such as escalated, puts it off by a whole interval;
// but it keeps a quarter of one away from any message, since two in a row about
// one alert say no more than the first.
func (c *card) reminderDue(repeat time.Duration) time.Time {
	if c.ToldAt.IsZero() {
		return c.LastSent.Add(repeat)
	}
	due, quiet := c.ToldAt.Add(repeat), c.LastSent.Add(repeat/4)
	if quiet.After(due) {
		return quiet
	}
	return due
}

// next is when a step must look at the group again: to remind, to escalate, to
// bring a card up to date, to forget members whose last message has gone, or to
// see whether what holds a member back still does.
func (c *card) next() (next time.Time) {
	sooner := func(at time.Time) {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	for i := range c.Members {
		switch m := &c.Members[i]; {
		case isOver(&m.Alert):
			forgotten := c.LastSent
			if kept := c.kept(m); kept.After(forgotten) {
				forgotten = kept
			}
			sooner(forgotten)
		case m.owed():
			sooner(c.Episode) // which is past
		case c.escalates(m):
			sooner(m.HeardAt.Add(c.EscalateAfter))
		}
	}
	if repeat := c.repeat(); repeat > 0 {
		sooner(c.reminderDue(repeat))
	}
	if c.options.Edits && !c.newestReading().IsZero() {
		sooner(c.ShownAt.Add(updateEvery))
	}
	return next
}
