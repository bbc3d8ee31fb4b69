package route

import (
	"slices"
	"time"

	"alerter/evaluate"
)

// noteChange remembers that a member's alert changed, where the route dampens
// alerts that flap.
func (c *card) noteChange(m *Member) {
	if c.Flap == (Flap{}) {
		m.Changes = nil
		return
	}
	m.Changes = append(slices.Clone(c.recent(m)), c.at)
}

// recent are the changes that count.
func (c *card) recent(m *Member) []time.Time {
	since := c.at.Add(-c.Flap.Within)
	i := slices.IndexFunc(m.Changes, func(at time.Time) bool { return at.After(since) })
	if i < 0 {
		return nil
	}
	return m.Changes[i:]
}

// flaps reports whether the member's alert changes too often. Once that was told,
// it does until it has not changed for the whole time.
func (c *card) flaps(m *Member) bool {
	n := len(c.recent(m))
	return c.Flap.Changes > 0 && (n >= c.Flap.Changes || n > 0 && m.FlapTold != evaluate.None)
}

// calm reports whether a member is held back because it was told that it flaps,
// and is no worse than that.
func (c *card) calm(m *Member) bool {
	return c.flaps(m) && m.FlapTold != evaluate.None && m.Alert.Severity.Rank() <= m.FlapTold.Rank()
}

// flapMemory hands on to a new episode what is remembered of the alert's changes.
func (c *card) flapMemory(m *Member) {
	for i := range c.Members {
		if old := &c.Members[i]; old.Alert.Fingerprint == m.Alert.Fingerprint && len(old.Changes) > len(m.Changes) {
			m.Changes, m.FlapTold = old.Changes, old.FlapTold
		}
	}
	if len(c.recent(m)) == 0 {
		m.FlapTold = evaluate.None
	}
}

// kept is until when a member that is over is remembered for its changes; zero: not.
func (c *card) kept(m *Member) time.Time {
	if c.Flap == (Flap{}) || len(m.Changes) == 0 {
		return time.Time{}
	}
	return m.Changes[len(m.Changes)-1].Add(c.Flap.Within)
}
