package web

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/store"
)

// Alerts are the pending and firing ones, worst first; with all those that ended
// follow, the latest first, up to 500 in total.
func (l Look) Alerts(ctx context.Context, at time.Time, all bool) (out []Alert, err error) {
	err = l.Store.View(ctx, func(tx *store.Tx) error {
		alerts, err := listAlerts(tx, all)
		if err != nil {
			return err
		}
		slices.SortStableFunc(alerts, graverFirst)
		out, err = l.shown(tx, at, alerts)
		return err
	})
	return out, err
}

// listAlerts reads the alerts of every organization and of the service itself.
func listAlerts(tx *store.Tx, all bool) ([]evaluate.Alert, error) {
	if all {
		return tx.AllAlerts(newest)
	}
	orgs, err := tx.Organizations()
	if err != nil {
		return nil, err
	}
	list, err := tx.Alerts("")
	for _, org := range orgs {
		alerts, orgErr := tx.Alerts(org.ID)
		list, err = append(list, alerts...), errors.Join(err, orgErr)
	}
	return list, err
}

// graverFirst orders what fires before what is pending, then by severity, then
// by how much of what it watches is used; those that are over stay as they are,
// at the end.
func graverFirst(a, b evaluate.Alert) int {
	if order := cmp.Compare(turn(a), turn(b)); order != 0 || turn(a) == over {
		return order
	}
	return cmp.Or(
		cmp.Compare(b.Severity.Rank(), a.Severity.Rank()),
		cmp.Compare(known(b.Reading.Utilization), known(a.Reading.Utilization)),
		cmp.Compare(a.Fingerprint, b.Fingerprint),
	)
}

// over is the turn of the alerts that have ended.
const over = 2

// turn is when an alert's state comes in lists.
func turn(a evaluate.Alert) int {
	switch a.State {
	case evaluate.Firing:
		return 0
	case evaluate.Pending:
		return 1
	}
	return over
}
