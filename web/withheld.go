package web

import (
	"context"
	"strings"
	"time"

	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
)

// Withheld is something that a receiver was not told, and why.
type Withheld struct {
	At          time.Time `json:"at"`
	Receiver    string    `json:"receiver"`
	Fingerprint string    `json:"fingerprint"`
	// Alertname and the labels are those of the alert now; empty once it has been
	// pruned.
	Alertname string    `json:"alertname"`
	Labels    Labels    `json:"labels"`
	FiredAt   time.Time `json:"fired_at"`
	GroupKey  string    `json:"group_key"` // of the group in which it would have been told
	Reason    string    `json:"reason"`    // silence, mute_time_interval, …
	// Cause is a silence's id, the fingerprint of the alert that inhibits this one, or
	// the names of time intervals; empty for other reasons.
	Cause  string `json:"cause"`
	Detail string `json:"detail"` // the reason, for people
}

// NotSent lists what was not sent and why, newest first, 500 at most.
func NotSent(ctx context.Context, st *store.Store) ([]Withheld, error) {
	out := []Withheld{}
	err := st.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Withheld(store.WithheldFilter{Limit: newest})
		for _, w := range list {
			out = append(out, Withheld{
				At: w.At, Receiver: w.Receiver, Fingerprint: string(w.Fingerprint), Alertname: w.Rule, Labels: labelsOf(w.Labels),
				FiredAt: w.FiredAt, GroupKey: w.GroupKey, Reason: w.Reason, Cause: w.Cause, Detail: withheldWords(w),
			})
		}
		return err
	})
	return out, err
}

// withheldWords says why something was not sent.
func withheldWords(w store.Withheld) string {
	switch w.Reason {
	case route.SuppressedInfo:
		return "info, which its route does not send (notify_info)"
	case route.SuppressedEased:
		return "it eased, which its route does not send (notify_eased)"
	case route.SuppressedResolved:
		return "it ended, which the receiver is not told (send_resolved)"
	case route.SuppressedUnsent:
		return "it ended before it was told"
	case route.SuppressedReceiver:
		return "it ended, and the receiver is not in the configuration any more"
	case route.SuppressedOutdated:
		return "it waited to be told, and was not so any more"
	case route.SuppressedSilence:
		return "silenced by " + w.Cause
	case route.SuppressedInhibition:
		return inhibitorWords(w.ByRule, w.ByLabels) + " fires, which inhibits it"
	case route.SuppressedMuted:
		return "its route tells nothing at that time (" + w.Cause + ")"
	case route.SuppressedFlapping:
		return "it changes often, which was told: it is told when it is stable or worse"
	}
	return w.Reason
}

// inhibitorWords names an alert: LimitPressure (Claude Opus 5, output tokens per minute, prod).
func inhibitorWords(rule string, of usage.Labels) string {
	if rule == "" {
		return "another alert" // it has been pruned since
	}
	var parts []string
	for _, part := range []string{of.ModelGroup, LimiterWords(of.Limiter), of.Workspace} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return rule
	}
	return rule + " (" + strings.Join(parts, ", ") + ")"
}
