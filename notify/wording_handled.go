package notify

import (
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
)

// handled is the first sentence of messages that are about what people did, or
// did not do.
func (t telling) handled() string {
	switch t.reason {
	case evaluate.ReasonAcknowledged:
		return "Acknowledged by " + name(t.by) + ": there are no reminders of it, unless it gets worse."
	case evaluate.Unacknowledged:
		return "Nobody has acknowledged this: it has been firing for " + span(t.at.Sub(t.began())) + " and is " + string(t.alert.Severity) + " now."
	case evaluate.SilenceEnding:
		return "Its silence ends at " + clock(t.until, t.at) + ", and it is still firing (" + string(t.alert.Severity) + ")."
	}
	return ""
}

// flaps says why little will be heard of an alert from now on.
func (t telling) flaps() string {
	if !t.flapping {
		return ""
	}
	return "It keeps changing: from now on it is told only when it gets worse than this, or has stopped changing."
}

// standingLines say on a card what people have done about an alert.
func standingLines(s route.Standing, at time.Time) []string {
	var lines []string
	if s.AcknowledgedBy != "" {
		lines = append(lines, "Acknowledged by "+name(s.AcknowledgedBy)+" at "+clock(s.AcknowledgedAt, at)+".")
	}
	if !s.SilencedUntil.IsZero() {
		lines = append(lines, joinWords(" by ", "Silenced", name(s.SilencedBy))+" until "+clock(s.SilencedUntil, at)+".")
	}
	return lines
}

// viewIn is an alert of a routed message, with what people have done about it.
func viewIn(m route.Message, a evaluate.Alert) Alert {
	return viewAt(a, m.At).With(m.Standing(a))
}

// With is the alert with what people have done about it. Who and when stand in the
// annotations, if it has any.
func (a Alert) With(s route.Standing) Alert {
	a.Acknowledged, a.Silenced = s.AcknowledgedBy != "", !s.SilencedUntil.IsZero()
	if a.Annotations == nil {
		return a
	}
	if a.Acknowledged {
		a.Annotations["acknowledged_by"] = s.AcknowledgedBy
		a.Annotations["acknowledged_at"] = s.AcknowledgedAt.UTC().Format(time.RFC3339)
	}
	if a.Silenced {
		a.Annotations["silenced_by"] = s.SilencedBy
		a.Annotations["silenced_until"] = s.SilencedUntil.UTC().Format(time.RFC3339)
	}
	return a
}
