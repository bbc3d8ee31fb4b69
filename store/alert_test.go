package store

import (
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// fullAlert is a firing alert of organization "org" with every field set.
func fullAlert(print evaluate.Fingerprint) evaluate.Alert {
	return evaluate.Alert{
		Fingerprint: print, Rule: "LimitPressure", Kind: "pressure",
		Subject: evaluate.Subject{
			ID:   usage.ID{OrganizationID: "org", WorkspaceID: "wrkspc_1", GroupID: "rlg_1", Limiter: usage.OutputTokens},
			Part: "part",
		},
		Labels: usage.Labels{Organization: "acme", Workspace: "prod", ModelGroup: "Claude Opus 5", Limiter: string(usage.OutputTokens)},
		State:  evaluate.Firing, Severity: evaluate.Warning, Worst: evaluate.Critical,
		Levels: [3]evaluate.Level{
			{Since: t0.Add(-time.Hour), Active: true}, {Since: t0.Add(-time.Minute), QuietSince: t0, Active: true}, {},
		},
		PendingAt: t0.Add(-2 * time.Hour), FiredAt: t0.Add(-time.Hour), ResolvedAt: t0.Add(-3 * time.Hour), SteppedAt: t0,
		RepeatInterval: time.Hour,
		Reading: evaluate.Reading{
			Value: 0.91, Threshold: 0.85, Used: 910, Limit: 1000, Utilization: 0.91, Pressure: 0.93,
			From: t0.Add(-15 * time.Minute), To: t0, Mean: 0.8, DataAsOf: t0,
			Odds:   &evaluate.Odds{Within15: 0.2, Within60: 0.4, Warned60: 0.5, Source: "counted"},
			Change: &usage.Change{At: t0, Kind: usage.LimitLowered, GroupID: "rlg_1", Limiter: usage.OutputTokens, Old: 2000, New: 1000},
			Detail: "detail", Top: []usage.Consumer{{Kind: "model", ID: "claude-opus-5", Name: "Opus", Share: 0.6}},
		},
		Peak: 0.95, Why: "why",
	}
}
