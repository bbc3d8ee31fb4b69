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

// auto reports whether the report is chosen by what both answer.
func (o Organization) auto() bool {
	return o.Mode != string(usage.SourceAnalytics) && o.Mode != string(usage.SourceReport)
}

// choose says which report tokens are read from now, after asking both when it
// is time to. Empty: neither answers.
func (w *Worker) choose(ctx context.Context, a *account, at time.Time) (usage.SourceKind, error) {
	conf, before := a.settings(), a.chosen()
	var probes []usage.Probe
	var err error
	if conf.auto() {
		if !a.probeDue(at) {
			return before.Kind, nil
		}
		probes, err = w.probe(ctx, conf.Source, at)
	}
	next := usage.Choose(conf.Mode, probes, before)
	a.settleOn(next, probes, at)
	if next.Kind != before.Kind || next.Why != before.Why {
		w.tellChoice(a, next)
	}
	return next.Kind, err
}

func (w *Worker) tellChoice(a *account, s usage.Source) {
	if s.Kind == "" {
		w.Log.Warn().Str("organization", a.label()).Str("reason", s.Why).Msg("no usage source yet, will ask again")
		return
	}
	w.Log.Info().Str("organization", a.label()).Str("source", string(s.Kind)).Str("reason", s.Why).Msg("usage source chosen")
}

// probe asks both reports how fresh they are. Each has its own part of the
// time, so that one that hangs does not hide the other.
func (w *Worker) probe(ctx context.Context, source Source, at time.Time) ([]usage.Probe, error) {
	var probes []usage.Probe
	var errs []error
	for _, kind := range []usage.SourceKind{usage.SourceReport, usage.SourceAnalytics} {
		asking, cancel := context.WithTimeout(ctx, w.CallTimeout/5)
		newest, err := source.Probe(asking, kind, at)
		cancel()
		p := usage.Probe{Kind: kind, Newest: newest}
		switch {
		case err == nil:
		case isRefused(err): // of the beta report, a 403 may concern the beta alone
			p.Refused = err.Error()
		default:
			p.Err = err.Error()
		}
		probes, errs = append(probes, p), append(errs, err)
	}
	return probes, errors.Join(errs...)
}

// probeDue reports whether it is time to compare the reports: at first, after a
// while, and while neither has answered.
func (a *account) probeDue(at time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.probed.IsZero() || a.choice.Kind == "" {
		return true
	}
	every := probeEvery
	for _, p := range a.probes {
		if p.Refused != "" {
			every = probeRefusedEvery
		}
	}
	return at.Sub(a.probed).Abs() >= every
}

func (a *account) chosen() usage.Source {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.choice
}

func (a *account) settleOn(s usage.Source, probes []usage.Probe, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.choice.Kind, a.choice.Why = s.Kind, s.Why
	a.probes, a.probed = probes, at
}

// doubt has both reports compared again at the next occasion.
func (a *account) doubt() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.probed = time.Time{}
}
