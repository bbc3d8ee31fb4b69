package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"alerter/store"
	"alerter/usage"
)

// Limits reads the organization's names and limits, and those of each live
// workspace, and keeps what changed. A workspace that could not be read keeps
// what is known of it.
func (w *Worker) Limits(ctx context.Context, a *account, at time.Time) error {
	if a.resting(limitsJob, at) {
		return errResting
	}
	err := w.readAndKeepLimits(ctx, a)
	a.note(limitsJob, at, err)
	return errors.Join(err, w.tellKey(ctx, a))
}

func (w *Worker) readAndKeepLimits(ctx context.Context, a *account) error {
	// There may be hundreds of workspaces: together they have the period, each
	// call the time of a call.
	schedule := w.Plan().Schedule.Limits
	calling, cancel := w.bounded(ctx, schedule, period(schedule, w.Now()))
	defer cancel()
	if err := w.readNames(calling, a); err != nil {
		return err
	}
	org := a.organization()
	readings, readErr := w.readLimits(calling, a.settings().Source, org)
	err := w.update(ctx, func(tx *store.Tx) error {
		at, _, err := w.after(tx, org.ID)
		if err != nil {
			return err
		}
		if err := tx.PutOrganization(org, a.slot, at); err != nil {
			return err
		}
		return applyLimits(tx, org, readings, at)
	})
	return errors.Join(readErr, err)
}

// readNames reads who the key belongs to, the workspaces and the keys' names.
func (w *Worker) readNames(ctx context.Context, a *account) (err error) {
	source := a.settings().Source
	var org usage.Organization
	for _, ask := range []func(context.Context) error{
		func(ctx context.Context) error { org, err = source.Organization(ctx); return err },
		func(ctx context.Context) error { org.Workspaces, err = source.Workspaces(ctx); return err },
		func(ctx context.Context) error { org.Keys, err = source.Keys(ctx); return err },
	} {
		if err := w.call(ctx, ask); err != nil {
			return err
		}
	}
	a.meet(org, true)
	return nil
}

// call makes one call, with its deadline.
func (w *Worker) call(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, w.CallTimeout)
	defer cancel()
	return do(ctx)
}

// readLimits reads what it can; what it could not read is in the error and not
// in the readings, so that nothing known is taken for removed.
func (w *Worker) readLimits(ctx context.Context, source Source, org usage.Organization) ([]usage.Reading, error) {
	var readings []usage.Reading
	keep := func(ask func(context.Context) (usage.Reading, error)) error {
		return w.call(ctx, func(ctx context.Context) error {
			r, err := ask(ctx)
			if err == nil {
				readings = append(readings, r)
			}
			return err
		})
	}
	if err := keep(source.OrganizationLimits); err != nil {
		return nil, fmt.Errorf("read the organization's limits: %w", err)
	}
	var errs []error
	for _, ws := range org.Workspaces {
		switch {
		case ws.Archived:
			readings = append(readings, usage.Reading{WorkspaceID: ws.ID})
			continue
		case ws.Default:
			continue // it cannot have limits of its own
		}
		err := keep(func(ctx context.Context) (usage.Reading, error) { return source.WorkspaceLimits(ctx, ws.ID) })
		if err != nil {
			errs = append(errs, fmt.Errorf("read the limits of workspace %s: %w", ws.Name, err))
		}
		if stopsTheRest(err) {
			break
		}
	}
	return readings, errors.Join(errs...)
}

// applyLimits keeps what changed. A workspace that is not listed any more has no
// limits any more.
func applyLimits(tx *store.Tx, org usage.Organization, readings []usage.Reading, at time.Time) error {
	if len(readings) == 0 {
		return nil
	}
	prior, err := tx.Limits(org.ID, time.Time{})
	if err != nil {
		return err
	}
	listed := map[string]bool{"": true}
	for _, ws := range org.Workspaces {
		listed[ws.ID] = true
	}
	for _, l := range prior.Limits {
		if !listed[l.WorkspaceID] {
			listed[l.WorkspaceID] = true
			readings = append(readings, usage.Reading{WorkspaceID: l.WorkspaceID})
		}
	}
	next, changes := usage.Apply(prior, readings, at)
	if err := tx.PutLimits(org.ID, next); err != nil {
		return err
	}
	return tx.PutChanges(org.ID, changes)
}
