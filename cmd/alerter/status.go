package main

import (
	"context"
	"time"

	"alerter/config"
	"alerter/store"
	"alerter/web"
)

type statusCommand struct {
	database
	Wide bool `help:"Everything of every limit, however wide: limiters by the API's names, and all who use them."`
	output
}

// Run prints how full every limit is, from the database.
func (c statusCommand) Run(p *program) error {
	return c.view(p, func(ctx context.Context, place config.Place, st *store.Store) error {
		status, err := lookInto(place, st).Status(ctx, moment(p.now))
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.out, status)
		}
		view := statusView{out: p.out, columns: p.columns, wide: c.Wide, status: status}
		view.print()
		return nil
	})
}

// moment is now, as precisely as moments are kept and shown.
func moment(now func() time.Time) time.Time { return now().Truncate(time.Millisecond) }

func lookInto(place config.Place, st *store.Store) web.Look {
	return web.Look{Store: st, View: viewAlert, Settle: place.Settle}
}

func orUsage(model string) string {
	if model == "" {
		return "usage"
	}
	return model
}
