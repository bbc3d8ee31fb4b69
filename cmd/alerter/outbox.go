package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"alerter/config"
	"alerter/store"
	"alerter/web"
)

type outboxCommand struct {
	List   outboxListCommand   `cmd:"" default:"1" help:"Messages that wait, were sent, or were given up."`
	Replay outboxReplayCommand `cmd:"" help:"Send messages again that were given up."`
}

type outboxListCommand struct {
	Withheld bool `help:"Instead, what was not sent, and why."`
	database
	output
}

// Run lists the newest messages of the outbox, or decisions not to send.
func (c outboxListCommand) Run(p *program) error {
	return c.view(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		if c.Withheld {
			return c.withheld(ctx, p, st)
		}
		messages, err := web.Outbox(ctx, st)
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.out, map[string]any{"messages": messages})
		}
		if len(messages) == 0 {
			_, err := fmt.Fprintln(p.out, "The outbox is empty: nothing has been said yet.")
			return err
		}
		t := newTable("id", "receiver", "reason", "state", "about", "delivery")
		for _, m := range messages {
			t.row(m.ID, m.Receiver, m.Reason, m.State, aboutWords(m), deliveryWords(m, moment(p.now)))
		}
		t.print(p.out, p.columns)
		return nil
	})
}

// aboutWords names the alerts of a message, and the group they are in, or of how many
// groups they are: LimitPressure (acme, Claude Opus 5).
func aboutWords(m web.OutboxMessage) string {
	var group []string
	for _, label := range slices.Sorted(maps.Keys(m.GroupLabels)) {
		if value := m.GroupLabels[label]; label != "alertname" && value != "" {
			group = append(group, value)
		}
	}
	if m.Groups > 1 {
		group = []string{count(m.Groups, "group")}
	}
	words := strings.Join(m.Alertnames, ", ")
	if len(group) > 0 {
		words += " (" + strings.Join(group, ", ") + ")"
	}
	return words
}

// deliveryWords says how far a message has come.
func deliveryWords(m web.OutboxMessage, at time.Time) string {
	words := ""
	switch {
	case m.SentAt != nil && m.Attempts > 1:
		return "sent at " + clockTime(m.SentAt, at) + " by the " + ordinal(m.Attempts) + " attempt"
	case m.SentAt != nil:
		return "sent at " + clockTime(m.SentAt, at)
	case m.SupersededBy != nil:
		return fmt.Sprintf("message %d took its place", *m.SupersededBy)
	case m.DeadAt != nil:
		words = "given up at " + clockTime(m.DeadAt, at) + " after " + count(m.Attempts, "attempt")
	case m.NextAt != nil:
		words = ordinal(m.Attempts+1) + " attempt at " + clockTime(m.NextAt, at)
	}
	if m.ReplayedAt != nil {
		words += "; sent again by hand at " + clockTime(m.ReplayedAt, at)
	}
	if m.LastError != "" {
		words += "; last: " + m.LastError
	}
	return words
}

// ordinal is 1st, 2nd, 3rd, 4th, 11th.
func ordinal(n int) string {
	if teens := n % 100; teens < 11 || teens > 13 {
		switch n % 10 {
		case 1:
			return fmt.Sprintf("%dst", n)
		case 2:
			return fmt.Sprintf("%dnd", n)
		case 3:
			return fmt.Sprintf("%drd", n)
		}
	}
	return fmt.Sprintf("%dth", n)
}
