package route

import (
	"slices"
	"time"

	"alerter/evaluate"
)

// unheededPath stands in the group keys of what nobody acknowledged where others
// have their route. They do not depend on the route, so that a receiver to which
// several routes escalate hears it once.
const unheededPath = "{unacknowledged}"

// Escalations names what a step with these groups needs too, since something in
// them goes to somebody else now: further groups, and every group that has one
// of the alerts. Both are sorted.
func Escalations(at time.Time, tree Tree, groups []Group) (refs []GroupRef, alerts []evaluate.Fingerprint) {
	r := newRouter(tree, nil)
	for i := range groups {
		c := card{Group: groups[i]}
		if c.EscalateAfter <= 0 {
			continue
		}
		for j := range c.Members {
			if m := &c.Members[j]; c.escalates(m) && !at.Before(m.HeardAt.Add(c.EscalateAfter)) {
				refs = append(refs, r.unheeded(c.EscalateTo, &m.Alert).ref)
				alerts = append(alerts, m.Alert.Fingerprint)
			}
		}
	}
	slices.SortFunc(refs, GroupRef.Compare)
	slices.Sort(alerts)
	return slices.Compact(refs), slices.Compact(alerts)
}

// unheeded is the group in which a receiver is told that nobody acknowledged a. It
// has the root route's labels, without the severity: that may change.
func (r *router) unheeded(receiver string, a *evaluate.Alert) target {
	by := groupLabels(r.tree.Root, Labels(*a))
	delete(by, labelSeverity)
	return target{ref: GroupRef{Receiver: receiver, Key: groupKey(unheededPath, by)}, labels: by}
}

// escalate also tells somebody else of what nobody has acknowledged for too long.
func (s *step) escalate() {
	if s.router.tree.Root == nil {
		return
	}
	for _, c := range s.sorted(func(c *card) bool { return c.EscalateAfter > 0 }) {
		for i := range c.Members {
			if c.gone[i] || !c.unheeded(&c.Members[i]) {
				continue
			}
			m, untold := c.Members[i], c.before(c.Members[i])
			if held := c.hold(&untold); held != "" {
				c.keepBack(&m, held)
			} else {
				s.passOn(c, &m)
				m.Passed = m.Alert.Severity
			}
			if !m.same(&c.Members[i]) {
				c.put(i, m)
			}
		}
	}
}

// unheeded reports whether m was told long enough ago and nobody acknowledged it.
func (c *card) unheeded(m *Member) bool {
	if !c.escalates(m) || c.at.Before(m.HeardAt.Add(c.EscalateAfter)) {
		return false
	}
	it, waits := c.item(episodeOf(&m.Alert))
	return !waits || !isWorse(it)
}

// escalates reports whether m will have to be passed on if nobody acknowledges it.
func (c *card) escalates(m *Member) bool {
	return c.EscalateAfter > 0 && !isOver(&m.Alert) && !m.Unrouted && m.AckedAt.IsZero() &&
		m.Passed.Rank() < min(m.Heard.Rank(), m.Alert.Severity.Rank()) && c.sends(m.Alert.Severity)
}

// passOn tells the receiver that the route of c escalates to, unless it knows. It
// hears of the end, of an acknowledgement, and again if the alert gets worse and
// that is not acknowledged either; it is not reminded.
func (s *step) passOn(c *card, from *Member) {
	if _, there := s.router.tree.Receivers[c.EscalateTo]; !there {
		return
	}
	m := Member{Alert: from.Alert, Unrouted: true}
	has := func(other *card) bool { return other.Receiver == c.EscalateTo && other.index(&from.Alert) >= 0 }
	for _, other := range s.sorted(has) {
		i := other.index(&from.Alert)
		if old := &other.Members[i]; !old.Unrouted || old.Heard.Rank() >= from.Alert.Severity.Rank() {
			return // its own route tells it, or somebody else's has
		}
		m = other.before(other.Members[i])
		m.Alert = from.Alert
		other.remove(i)
	}
	to := s.router.unheeded(c.EscalateTo, &m.Alert)
	card := s.cards[to.ref]
	if card == nil {
		card = s.card(Group{Key: to.ref.Key, Receiver: to.ref.Receiver, Labels: to.labels})
	}
	if card.GroupInterval == 0 {
		card.GroupInterval, card.NotifyInfo, card.NotifyEased = c.GroupInterval, c.NotifyInfo, c.NotifyEased
	}
	it := itemOf(&m, evaluate.Unacknowledged)
	card.setItem(it)
	card.urgent = true
	card.join(card.told(m, it))
}

// index is where the episode of a is among all members, those that this step took
// in too; -1 where it is not, or has ended.
func (c *card) index(a *evaluate.Alert) int {
	for i := range c.Members {
		if m := &c.Members[i].Alert; !c.gone[i] && !isOver(m) && episodeOf(m) == episodeOf(a) {
			return i
		}
	}
	return -1
}
