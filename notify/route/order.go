package route

import (
	"cmp"
	"slices"
	"time"

	"alerter/evaluate"
)

// gravity orders reasons, gravest first: what got worse before what is new, what
// is bad before what gets better, and an end that says all is well before one
// that only says nobody is looking any more.
var gravity = [...]evaluate.Reason{
	evaluate.Escalated, evaluate.Fired, evaluate.Unacknowledged, evaluate.Reminder, evaluate.SilenceEnding,
	evaluate.ReasonAcknowledged, evaluate.Eased, evaluate.ReasonResolved, evaluate.ReasonWithdrawn,
}

// compareItems puts the gravest reason first, then the worst severity.
func compareItems(a, b Item) int {
	return cmp.Or(
		cmp.Compare(slices.Index(gravity[:], a.Reason), slices.Index(gravity[:], b.Reason)),
		cmp.Compare(b.Severity.Rank(), a.Severity.Rank()),
		compareEpisodes(a.Fingerprint, a.FiredAt, b.Fingerprint, b.FiredAt),
	)
}

func compareMembers(a, b Member) int {
	return compareEpisodes(a.Alert.Fingerprint, a.Alert.FiredAt, b.Alert.Fingerprint, b.Alert.FiredAt)
}

func compareEpisodes(a evaluate.Fingerprint, aFired time.Time, b evaluate.Fingerprint, bFired time.Time) int {
	if c := cmp.Compare(a, b); c != 0 {
		return c
	}
	return aFired.Compare(bFired)
}

// episode names one firing of one alert. The time is in nanoseconds, since
// equal times need not be equal values of time.Time.
type episode struct {
	fingerprint evaluate.Fingerprint
	firedAt     int64
}

func episodeOf(a *evaluate.Alert) episode {
	return episode{fingerprint: a.Fingerprint, firedAt: a.FiredAt.UnixNano()}
}

func (it Item) episode() episode {
	return episode{fingerprint: it.Fingerprint, firedAt: it.FiredAt.UnixNano()}
}

// isOver reports whether the alert's episode has ended.
func isOver(a *evaluate.Alert) bool { return a.State != evaluate.Firing }

// change is what a step's notices come to for one episode.
type change struct {
	at    time.Time // of the notice
	alert *evaluate.Alert
	// momentary marks what fired and ended at once: a changed limit.
	momentary bool
}

// rank orders the notices of one episode: an end counts more than a beginning
// beside it, and what fired and ended at once is told though it is over.
func (c change) rank() int {
	switch {
	case c.momentary:
		return 2
	case isOver(c.alert):
		return 1
	}
	return 0
}

// collapse leaves one change for each episode, whatever order the notices are
// in, sorted by fingerprint, then FiredAt.
func collapse(notices []evaluate.Notice) []change {
	changes := make([]change, 0, len(notices))
	for i := range notices {
		n := &notices[i]
		switch n.Alert.State {
		case evaluate.Firing:
			changes = append(changes, change{at: n.At, alert: &n.Alert})
		case evaluate.Resolved, evaluate.Withdrawn:
			changes = append(changes, change{at: n.At, alert: &n.Alert, momentary: n.Reason == evaluate.Fired})
		}
	}
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(
			compareEpisodes(a.alert.Fingerprint, a.alert.FiredAt, b.alert.Fingerprint, b.alert.FiredAt),
			cmp.Compare(b.rank(), a.rank()),
			b.at.Compare(a.at),
			cmp.Compare(b.alert.Severity.Rank(), a.alert.Severity.Rank()),
		)
	})
	changes = slices.CompactFunc(changes, func(a, b change) bool {
		return episodeOf(a.alert) == episodeOf(b.alert)
	})
	// An alert has one episode at a time: one that is said to fire is over if a later one is there.
	kept := changes[:0]
	for i, c := range changes {
		last := i+1 == len(changes) || changes[i+1].alert.Fingerprint != c.alert.Fingerprint
		if last || isOver(c.alert) {
			kept = append(kept, c)
		}
	}
	return kept
}
