package replay

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"alerter/evaluate"
)

// sameWithin is how far apart two reports may have a message that is the same one.
const sameWithin = time.Hour

// Difference is what two reports of one history have in common and what not, as the
// first and the second.
type Difference struct {
	// OnlyA and OnlyB are the notifications that the other report does not have: none
	// about the same alert, for the same reason, at the same severity (unless it is
	// over) and to the same receivers within an hour of it. By time, not nil.
	OnlyA, OnlyB []Notification
	Same         int // in both, at the same time
	Earlier      int // in both, and earlier in the second
	Later        int // in both, and later in the second
}

// Compare pairs the notifications of two reports of one history, those of the same
// time first.
func Compare(a, b *Report) Difference {
	unpaired := make(map[saying][]*Notification)
	for i := range b.Notifications {
		n := &b.Notifications[i]
		unpaired[n.saying()] = append(unpaired[n.saying()], n)
	}
	// pair takes out what is the same as n, if there is one.
	pair := func(n *Notification, within time.Duration) (*Notification, bool) {
		all := unpaired[n.saying()]
		i := slices.IndexFunc(all, func(o *Notification) bool { return o.At.Sub(n.At).Abs() <= within })
		if i < 0 {
			return nil, false
		}
		found := all[i]
		unpaired[n.saying()] = slices.Delete(all, i, i+1)
		return found, true
	}
	d := Difference{OnlyA: []Notification{}, OnlyB: []Notification{}}
	var moved []*Notification
	for i := range a.Notifications {
		if _, ok := pair(&a.Notifications[i], 0); ok {
			d.Same++
		} else {
			moved = append(moved, &a.Notifications[i])
		}
	}
	for _, n := range moved {
		switch other, ok := pair(n, sameWithin); {
		case !ok:
			d.OnlyA = append(d.OnlyA, *n)
		case other.At.Before(n.At):
			d.Earlier++
		default:
			d.Later++
		}
	}
	for _, rest := range unpaired {
		for _, n := range rest {
			d.OnlyB = append(d.OnlyB, *n)
		}
	}
	slices.SortFunc(d.OnlyB, func(a, b Notification) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Fingerprint, b.Fingerprint), cmp.Compare(a.Reason, b.Reason),
			slices.Compare(a.Receivers, b.Receivers))
	})
	return d
}

// saying is what makes a notification the same as one at another time.
type saying struct {
	of        evaluate.Fingerprint
	reason    evaluate.Reason
	severity  evaluate.Severity
	receivers string
}

func (n *Notification) saying() saying {
	said := saying{n.Fingerprint, n.Reason, n.Severity, strings.Join(slices.Sorted(slices.Values(n.Receivers)), "\n")}
	if n.Reason == evaluate.ReasonResolved || n.Reason == evaluate.ReasonWithdrawn {
		said.severity = evaluate.None // over is over
	}
	return said
}
