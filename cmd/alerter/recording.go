package main

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"time"

	"golang.org/x/time/rate"

	"alerter/config"
	"alerter/fetch"
	"alerter/usage"
)

// recording saves one organization's answers into a folder.
type recording struct {
	client       *fetch.Client
	organization config.Organization
	folder       recordFolder
	now          func() time.Time
	pace         *rate.Limiter // of pages
	pause        func(context.Context, time.Duration) error
	show         *recordShow

	name   string // the organization's
	to     time.Time
	report savedReport
	read   int       // pages read now
	newest time.Time // the newest minute of them in which something was used
	// unsettled is the first minute of them that had not settled when it was read;
	// zero: all had.
	unsettled time.Time
	reached   bool // the API has answered once
}

// run records names and limits as they are, and usage and cost of a time.
func (r *recording) run(ctx context.Context, from, to time.Time) error {
	r.to = to
	if err := r.names(ctx); err != nil {
		return err
	}
	if err := r.chooseReport(ctx); err != nil {
		return err
	}
	if err := r.limits(ctx, ""); err != nil {
		return err
	}
	if err := r.usage(ctx, from, to); err != nil {
		return err
	}
	return r.cost(ctx)
}

// rawAnswer is a value and the answer it was read from.
type rawAnswer[T any] struct {
	value T
	raw   []byte
}

// names records whose key it is, and the workspaces with the limits of each.
func (r *recording) names(ctx context.Context) error {
	org, err := patiently(ctx, r, func(ctx context.Context) (rawAnswer[usage.Organization], error) {
		o, raw, err := r.client.RawOrganization(ctx)
		return rawAnswer[usage.Organization]{o, raw}, err
	})
	if err != nil {
		return err
	}
	r.name = org.value.Name
	if known := r.folder.organization; known.ID != "" && known.ID != org.value.ID {
		return coded{exitUsage, fmt.Sprintf("alerter: %s is a history of %s, and the key is of %s; name another folder", r.folder.root, known.Name, org.value.Name)}
	}
	if err := r.folder.write("organization.json", org.raw); err != nil {
		return err
	}
	workspaces, err := patiently(ctx, r, func(ctx context.Context) (rawAnswer[[]usage.Workspace], error) {
		all, raw, err := r.client.RawWorkspaces(ctx)
		return rawAnswer[[]usage.Workspace]{all, raw}, err
	})
	if err != nil {
		return err
	}
	if err := r.folder.write("workspaces.json", workspaces.raw); err != nil {
		return err
	}
	for _, w := range workspaces.value {
		if w.Default || w.Archived {
			continue // the one has no limits of its own, the other uses nothing any more
		}
		if err := r.limits(ctx, w.ID); err != nil {
			return err
		}
	}
	return nil
}

// limits records a reading of limits: the first one, or one that differs from the
// last.
func (r *recording) limits(ctx context.Context, workspaceID string) error {
	raw, err := patiently(ctx, r, func(ctx context.Context) ([]byte, error) { return r.client.RawLimits(ctx, workspaceID) })
	if err != nil || raw == nil {
		return err
	}
	folder := ""
	if workspaceID != "" {
		if workspaceID != path.Base(workspaceID) || workspaceID == ".." || workspaceID == "." {
			return fmt.Errorf("workspace id %q cannot name a folder", workspaceID)
		}
		folder = "workspaces/" + workspaceID + "/"
	}
	name := folder + "rate_limits.json"
	later, err := savedFiles(r.folder.root, folder+"rate_limits")
	if err != nil {
		return err
	}
	if len(later) > 0 {
		name = later[len(later)-1]
	}
	last, err := r.folder.read(name)
	if err != nil || bytes.Equal(last, raw) {
		return err
	}
	if last != nil {
		name = folder + "rate_limits/" + r.now().UTC().Format(time.RFC3339) + ".json"
	}
	return r.folder.write(name, raw)
}

// chooseReport takes the report that the folder's pages are from, else as the service
// would: pages of both would each call unused what only the other one has.
func (r *recording) chooseReport(ctx context.Context) error {
	for _, report := range savedReports {
		pages, err := r.folder.pages(report.folder)
		if err != nil {
			return err
		}
		if len(pages) == 0 {
			continue
		}
		if mode := r.organization.UsageSource; mode != "auto" && mode != string(report.source) {
			return coded{exitUsage, fmt.Sprintf("alerter: %s was recorded from %s, and usage_source is %s; name another folder", r.folder.root, report.title, mode)}
		}
		r.report = report
		return r.dropUncounted(pages)
	}
	choice, err := patiently(ctx, r, func(ctx context.Context) (usage.Source, error) {
		return chooseNow(ctx, r.client, r.organization, r.now())
	})
	if err != nil {
		return err
	}
	for _, report := range savedReports {
		if report.source == choice.Kind {
			r.report = report
		}
	}
	if r.report.source != usage.SourceAnalytics {
		r.show.note(fmt.Sprintf("usage is read from %s (%s): it counts no requests", r.report.title, choice.Why))
	}
	return nil
}

// dropUncounted removes the page that came last, where the end came before it was counted.
func (r *recording) dropUncounted(pages []pageFile) error {
	switch uncounted := len(pages) - r.folder.covered.Pages; {
	case uncounted == 1:
		return r.folder.discard(pages[len(pages)-1].name())
	case uncounted != 0:
		return coded{exitUsage, fmt.Sprintf("alerter: %s counts %s of %s, and there are %d; name another folder",
			r.folder.path(historyFile), count(r.folder.covered.Pages, "page"), r.report.title, len(pages))}
	}
	return nil
}
