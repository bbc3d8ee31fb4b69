package route

import (
	"time"

	"alerter/evaluate"
)

// updateEvery is how often an update may say nothing but a newer reading. An
// update is worth as long: the next one says more.
const updateEvery = 5 * time.Minute

// ReasonUpdate stands in an update, which has no reason of its own.
const ReasonUpdate evaluate.Reason = "update"

// Standing is what people have done about an alert's episode.
type Standing struct {
	Fingerprint    evaluate.Fingerprint
	FiredAt        time.Time // the episode
	AcknowledgedAt time.Time // zero: nobody has, or it got worse since
	AcknowledgedBy string
	SilencedUntil  time.Time // zero: it is not silenced
	SilencedBy     string    // who made the silence that lasts longest
}

// Standing is what people have done about one of m's alerts; zero where nobody did
// anything.
func (m Message) Standing(a evaluate.Alert) Standing {
	for _, s := range m.Standings {
		if s.Fingerprint == a.Fingerprint && s.FiredAt.Equal(a.FiredAt) {
			return s
		}
	}
	return Standing{}
}

// standings lists what people have done about the members that fire.
func (c *card) standings() []Standing {
	var list []Standing
	for i := range c.Members {
		m := &c.Members[i]
		if c.gone[i] || isOver(&m.Alert) || m.AckedAt.IsZero() && m.SilencedUntil.IsZero() {
			continue
		}
		list = append(list, Standing{
			Fingerprint: m.Alert.Fingerprint, FiredAt: m.Alert.FiredAt,
			AcknowledgedAt: m.AckedAt, AcknowledgedBy: m.AckedBy,
			SilencedUntil: m.SilencedUntil, SilencedBy: m.SilencedBy,
		})
	}
	return list
}

// edit brings the receiver's card up to date, if its channel can, where something
// changed that is no news. While a message waits that will say so, nothing else does.
func (c *card) edit() {
	if !c.options.Edits || c.mergeable() {
		return
	}
	newest := c.newestReading()
	switch {
	case c.message != nil:
		c.outdone, c.UpdateKey = c.UpdateKey, ""
	case c.shows || newest.After(c.Shown) && !c.at.Before(c.ShownAt.Add(updateEvery)):
		m := Message{
			Receiver: c.Receiver, GroupKey: c.Key, GroupLabels: c.Labels, Episode: c.Episode, Reason: ReasonUpdate,
			At: c.at, SendAt: c.at, NotAfter: c.at.Add(updateEvery), Alerts: c.alerts(), Standings: c.standings(), Update: true,
		}
		if len(m.Alerts) == 0 {
			return
		}
		m.System = m.Alerts[0].Kind == evaluate.KindSystem
		m.Key = messageKey(m)
		if c.UpdateKey != m.Key {
			c.outdone = c.UpdateKey
		}
		c.UpdateKey, c.edited = m.Key, &m
	default:
		return
	}
	c.Shown, c.ShownAt, c.changed = newest, c.at, true
}

// newestReading is the newest data that the members the receiver heard of are as of.
func (c *card) newestReading() (newest time.Time) {
	for i := range c.Members {
		m := &c.Members[i]
		if !c.gone[i] && !isOver(&m.Alert) && m.Heard != evaluate.None && m.Alert.Reading.DataAsOf.After(newest) {
			newest = m.Alert.Reading.DataAsOf
		}
	}
	return newest
}
