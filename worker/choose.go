package worker

import (
	"context"
	"errors"
	"time"

	"alerter/usage"
)

const (
	// probeEvery is how often both reports are compared again.
	probeEvery = time.Hour
	// probeRefusedEvery is how often a report that was refused is tried again,
	// see "probe again every few hours" in the analytics guide.
	probeRefusedEvery = 3 * time.Hour
)

// choose says which report tokens are read from now, after asking both when it
// is time to. Empty: neither answers.
func (w *Worker) choose(ctx context.Context, a *account, at time.Time) (usage.SourceKind, error) {
	if a.Mode != "auto" {
		a.settleOn(usage.Choose(a.Mode, nil, a.chosen()))
		return a.chosen().Kind, nil
	}
	if !a.probeDue(at) {
		return a.chosen().Kind, nil
	}
	analytics, errA := probe(ctx, a, usage.SourceAnalytics, at)
	report, errR := probe(ctx, a, usage.SourceReport, at)
	probes := []usage.Probe{analytics, report}
	before := a.chosen()
	next := usage.Choose(a.Mode, probes, before)
	a.settleOn(next)
	a.mu.Lock()
	a.probes, a.probedAt = probes, at
	a.mu.Unlock()
	if next.Kind != before.Kind || next.Why != before.Why {
		w.Log.Info().Str("organization", a.label()).Str("source", string(next.Kind)).Str("reason", next.Why).Msg("usage source chosen")
	}
	return next.Kind, errors.Join(errR, errA)
}

func probe(ctx context.Context, a *account, kind usage.SourceKind, at time.Time) (usage.Probe, error) {
	newest, err := a.Source.Probe(ctx, kind, at)
	p := usage.Probe{Kind: kind, Newest: newest}
	switch {
	case err == nil:
	case isRefused(err): // of the beta report, a 403 may concern the beta alone
		p.Refused = err.Error()
	default:
		p.Err = err.Error()
	}
	return p, err
}

// probeDue reports whether it is time to compare the reports: at first, after a
// while, and while neither has answered.
func (a *account) probeDue(at time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.probedAt.IsZero() || a.choice.Kind == "" {
		return true
	}
	every := probeEvery
	for _, p := range a.probes {
		if p.Refused != "" {
			every = probeRefusedEvery
		}
	}
	return at.Sub(a.probedAt) >= every
}

func (a *account) chosen() usage.Source {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.choice
}

func (a *account) settleOn(s usage.Source) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.choice.Kind, a.choice.Why = s.Kind, s.Why
}
