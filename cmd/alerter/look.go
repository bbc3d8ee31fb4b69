package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"alerter/config"
	"alerter/evaluate"
	"alerter/fetch"
	"alerter/usage"
)

// checkSpan is how much of the newest past one look reads, at least.
const checkSpan = 45 * time.Minute

// readSpan is the longest span that the API takes in one question.
const readSpan = 24 * time.Hour

// lookAt reads one organization and evaluates the rules once. What a rule would
// wait for with `for` counts at once: a single look cannot wait. With an error,
// only the organization's name may be filled in.
func lookAt(ctx context.Context, c *fetch.Client, o config.Organization, rules []evaluate.Rule, at time.Time) (look, error) {
	org, limits, err := readNow(ctx, c, o, at)
	l := look{organization: org.Name}
	if err != nil {
		return l, err
	}
	choice, err := chooseNow(ctx, c, o, at)
	if err != nil {
		return l, err
	}
	to := at.Truncate(time.Minute)
	w := usage.Window{
		At: at, From: to.Add(-max(checkSpan, evaluate.Lookback(rules, o.Settle))).Truncate(time.Minute), To: to,
		Settle: o.Settle, Prefer: choice.Kind,
	}
	q := usage.Query{
		Source: choice.Kind, From: w.From.Add(-usage.Lookback(limits)), To: to, DefaultWorkspaceID: org.DefaultWorkspaceID(),
	}
	minutes, newest, err := readMinutes(ctx, c, q)
	if err != nil {
		return l, err
	}
	w.Reported = map[usage.SourceKind]time.Time{choice.Kind: newest}
	series, _ := usage.Join(w, slices.Values(minutes), limits, org)
	l.facts = usage.Facts{
		Organization: org, Groups: limits.Groups, Series: series, Settle: o.Settle,
		Sources: []usage.Source{{
			OrganizationID: org.ID, Organization: org.Name, Kind: choice.Kind, Why: choice.Why,
			DataAsOf: endOf(newest), Since: w.From,
		}},
	}
	rules = slices.Clone(rules)
	for i := range rules {
		rules[i].For = 0
	}
	l.alerts = evaluate.Step(at, rules, &l.facts, nil).Alerts
	l.gauges = gauges(at, rules, &l.facts)
	return l, nil
}

// readMinutes reads all of a query in pieces that the API takes, oldest first, and
// gives the newest minute that has a row.
func readMinutes(ctx context.Context, c *fetch.Client, q usage.Query) (minutes []usage.Minute, newest time.Time, err error) {
	for end := q.To; q.From.Before(end); q.From = q.To {
		q.To = q.From.Add(readSpan)
		if q.To.After(end) {
			q.To = end
		}
		answer, err := c.Usage(ctx, q)
		if err != nil {
			return nil, newest, err
		}
		minutes = append(minutes, answer.Minutes...)
		if answer.Newest.After(newest) {
			newest = answer.Newest
		}
	}
	return minutes, newest, nil
}

func readNow(ctx context.Context, c *fetch.Client, o config.Organization, at time.Time) (usage.Organization, usage.Limits, error) {
	org, err := c.Organization(ctx)
	if err != nil {
		return org, usage.Limits{}, err
	}
	if o.Name != "" {
		org.Name = o.Name
	}
	if org.Workspaces, err = c.Workspaces(ctx); err != nil {
		return org, usage.Limits{}, err
	}
	readings := make([]usage.Reading, 0, len(org.Workspaces)+1)
	r, err := c.OrganizationLimits(ctx)
	if err != nil {
		return org, usage.Limits{}, err
	}
	readings = append(readings, r)
	for _, ws := range org.Workspaces {
		if ws.Default || ws.Archived {
			continue
		}
		if r, err = c.WorkspaceLimits(ctx, ws.ID); err != nil {
			return org, usage.Limits{}, err
		}
		readings = append(readings, r)
	}
	limits, _ := usage.Apply(usage.Limits{}, readings, at)
	return org, limits, nil
}

func chooseNow(ctx context.Context, c *fetch.Client, o config.Organization, at time.Time) (usage.Source, error) {
	probe := func(kind usage.SourceKind) (usage.Probe, error) {
		newest, err := c.Probe(ctx, kind, at)
		p := usage.Probe{Kind: kind, Newest: newest}
		if status, ok := errors.AsType[*fetch.StatusError](err); ok && status.Refused() {
			p.Refused = err.Error()
		} else if err != nil {
			p.Err = err.Error()
		}
		return p, err
	}
	analytics, errA := probe(usage.SourceAnalytics)
	report, errR := probe(usage.SourceReport)
	if errA != nil && errR != nil {
		return usage.Source{}, errors.Join(errR, errA)
	}
	return usage.Choose(o.UsageSource, []usage.Probe{analytics, report}, usage.Source{}), nil
}

func endOf(minute time.Time) time.Time {
	if minute.IsZero() {
		return minute
	}
	return minute.Add(time.Minute)
}
