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
	if a.resting("limits", at) {
		return nil
	}
	ctx, cancel := w.deadline(ctx, w.Plan().Schedule.Limits)
	defer cancel()
	org, err := w.readNames(ctx, a, at)
	a.note("limits", at, err)
	if err != nil {
		return errors.Join(err, w.tellKey(ctx, a, at, err))
	}
	readings, readErr := readLimits(ctx, a, org)
	a.note("limits", at, readErr)
	err = w.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.PutOrganization(org, a.Slot, at); err != nil {
			return err
		}
		return applyLimits(tx, org.ID, readings, at)
	})
	if err == nil && readErr == nil {
		a.mu.Lock()
		a.limitsAt = at
		a.mu.Unlock()
	}
	return errors.Join(readErr, err, w.tellKey(ctx, a, at, readErr))
}

// readNames reads who the key belongs to, the workspaces and the keys' names.
func (w *Worker) readNames(ctx context.Context, a *account, at time.Time) (usage.Organization, error) {
	org, err := a.Source.Organization(ctx)
	if err != nil {
		return org, err
	}
	if a.Name != "" {
		org.Name = a.Name
	}
	if org.Workspaces, err = a.Source.Workspaces(ctx); err != nil {
		return org, err
	}
	if org.Keys, err = a.Source.Keys(ctx); err != nil {
		return org, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.org.ID != "" && a.org.ID != org.ID {
		// The key now belongs to another organization: nothing remembered fits it.
		a.choice, a.probedAt, a.prior, a.priorAt = usage.Source{}, time.Time{}, nil, time.Time{}
	}
	a.org, a.namesAt = org, at
	return org, nil
}

// readLimits reads what it can; what it could not read is in the error and not
// in the readings, so that nothing known is taken for removed.
func readLimits(ctx context.Context, a *account, org usage.Organization) ([]usage.Reading, error) {
	reading, err := a.Source.OrganizationLimits(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the organization's limits: %w", err)
	}
	readings := []usage.Reading{reading}
	var errs []error
	for _, ws := range org.Workspaces {
		if ws.Archived {
			readings = append(readings, usage.Reading{WorkspaceID: ws.ID})
			continue
		}
		if ws.Default {
			continue // it cannot have limits of its own
		}
		reading, err := a.Source.WorkspaceLimits(ctx, ws.ID)
		if err != nil {
			errs = append(errs, fmt.Errorf("read the limits of workspace %s: %w", ws.Name, err))
			if s, ok := asStatus(err); ok && (s.RateLimited() || s.KeyRefused()) {
				break // the rest would be refused too
			}
			continue
		}
		readings = append(readings, reading)
	}
	return readings, errors.Join(errs...)
}

func applyLimits(tx *store.Tx, orgID string, readings []usage.Reading, at time.Time) error {
	if len(readings) == 0 {
		return nil
	}
	prior, err := tx.Limits(orgID, time.Time{})
	if err != nil {
		return err
	}
	next, changes := usage.Apply(prior, readings, at)
	if err := tx.PutLimits(orgID, next); err != nil {
		return err
	}
	return tx.PutChanges(orgID, changes)
}
