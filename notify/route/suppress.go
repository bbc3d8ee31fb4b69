package route

import (
	"cmp"
	"strings"
	"time"

	"alerter/evaluate"
)

// Suppression is one thing that a receiver was not told.
type Suppression struct {
	Receiver    string
	GroupKey    string // of the group in which it would have been told
	Fingerprint evaluate.Fingerprint
	FiredAt     time.Time // the episode
	Reason      string    // one of the Suppressed constants
	// Cause is what keeps the alert quiet, where that has a name: a silence's id, the
	// fingerprint of the alert that inhibits it, the names of time intervals.
	Cause string
}

// Why something was not told. The list is closed, so that it can be counted.
const (
	SuppressedInfo     = "notify_info"   // info, where the route has no notify_info
	SuppressedEased    = "notify_eased"  // eased, where the route has no notify_eased
	SuppressedResolved = "send_resolved" // the end, where the receiver has send_resolved off
	SuppressedUnsent   = "ended_unsent"  // it ended before the message about it was sent
	SuppressedReceiver = "receiver_gone" // the end, where the receiver is not in the file any more
	SuppressedOutdated = "outdated"      // a message was to tell it, and it was not so any more, or not the receiver's business

	SuppressedSilence    = "silence"            // a silence is active
	SuppressedInhibition = "inhibition"         // another alert fires that inhibits it
	SuppressedMuted      = "mute_time_interval" // the route tells nothing at that time
	SuppressedFlapping   = "flap"               // it changes often, and that was told
)

// suppress notes that the receiver is not told something of an alert.
func (c *card) suppress(a *evaluate.Alert, reason string) {
	c.step.suppressed = append(c.step.suppressed, Suppression{
		Receiver: c.Receiver, GroupKey: c.Key, Fingerprint: a.Fingerprint, FiredAt: a.FiredAt, Reason: reason, Cause: c.cause(a, reason),
	})
}

// cause is what keeps an alert quiet for that reason; empty where it has no name.
func (c *card) cause(a *evaluate.Alert, reason string) string {
	switch reason {
	case SuppressedSilence:
		s, _ := c.step.quiet.silence(a)
		return s.ID
	case SuppressedInhibition:
		return string(c.step.quiet.inhibitor(a))
	case SuppressedMuted:
		return strings.Join(c.step.router.tree.MutedBy(&c.Terms, c.at), ", ")
	}
	return ""
}

// hearing is what one receiver may hear of an episode.
type hearing struct {
	receiver string
	episode
}

// takenBack is what waited to be told and will not be, where neither a message of
// the step nor another reason says what became of it.
func (s *step) takenBack(cards []*card, messages []Message) (list []Suppression) {
	var explained map[hearing]bool
	for _, c := range cards {
		for _, it := range c.dropped {
			if explained == nil {
				explained = s.explained(messages)
			}
			if h := (hearing{c.Receiver, it.episode()}); !explained[h] {
				explained[h] = true
				list = append(list, Suppression{
					Receiver: c.Receiver, GroupKey: c.Key, Fingerprint: it.Fingerprint, FiredAt: it.FiredAt, Reason: SuppressedOutdated,
				})
			}
		}
	}
	return list
}

// explained is what a message of the step tells, or has another reason not to be told.
func (s *step) explained(messages []Message) map[hearing]bool {
	all := make(map[hearing]bool)
	for i := range messages {
		for _, it := range messages[i].Items {
			all[hearing{messages[i].Receiver, it.episode()}] = true
		}
	}
	for i := range s.suppressed {
		p := &s.suppressed[i]
		all[hearing{p.Receiver, episode{p.Fingerprint, p.FiredAt.UnixNano()}}] = true
	}
	return all
}

func (s Suppression) compare(other Suppression) int {
	return cmp.Or(
		cmp.Compare(s.Receiver, other.Receiver),
		cmp.Compare(s.Fingerprint, other.Fingerprint),
		s.FiredAt.Compare(other.FiredAt),
		cmp.Compare(s.Reason, other.Reason),
		cmp.Compare(s.GroupKey, other.GroupKey),
	)
}
