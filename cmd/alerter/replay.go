package main

import (
	"context"
	"errors"
	"fmt"

	"alerter/config"
	"alerter/store"
	"alerter/web"
)

type outboxReplayCommand struct {
	ID []int64 `arg:"" optional:"" help:"Messages by their id, as outbox list shows it; without one all that were given up."`
	database
	output
}

// Run lets messages that were given up be sent again.
func (c outboxReplayCommand) Run(p *program) error {
	return c.change(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		list, err := web.Replay(ctx, st, c.ID, p.now())
		if err != nil {
			return err
		}
		if err := c.show(p, list); err != nil {
			return err
		}
		for _, r := range list {
			if r.Refused != "" && len(c.ID) > 0 {
				return errors.New("not every message is sent again")
			}
		}
		return nil
	})
}

func (c outboxReplayCommand) show(p *program, list []web.Replayed) error {
	if c.json() {
		return printJSON(p.out, map[string]any{"messages": list})
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(p.out, "No message was given up: there is nothing to send again.")
		return err
	}
	again := 0
	for _, r := range list {
		switch {
		case r.Refused == "":
			again++
			fmt.Fprintf(p.out, "message %d for %s: to be sent again\n", r.ID, r.Receiver)
		case r.Receiver == "":
			fmt.Fprintf(p.out, "message %d: %s\n", r.ID, r.Refused)
		default:
			fmt.Fprintf(p.out, "message %d for %s: not sent again: %s\n", r.ID, r.Receiver, r.Refused)
		}
	}
	if again == 0 {
		return nil
	}
	_, err := fmt.Fprintln(p.out, "A running service sends within ten seconds; see `alerter outbox list`.")
	return err
}
