package notify

import (
	"strings"
	"time"

	"alerter/evaluate"
)

// View turns an alert into its labels and annotations: what the command line,
// the page and every channel show of it. Ages in its text are as of the last
// step that saw the alert.
func View(a evaluate.Alert) Alert { return viewAt(a, a.SteppedAt) }

// viewAt is View with ages and times as of at.
func viewAt(a evaluate.Alert, at time.Time) Alert {
	return Alert{
		Labels: map[string]string{
			"alertname":    a.Rule,
			"severity":     string(a.Severity),
			"organization": a.Labels.Organization,
			"workspace":    a.Labels.Workspace,
			"model_group":  a.Labels.ModelGroup,
			"limiter":      a.Labels.Limiter,
		},
		Annotations: annotations(a, at),
		Fingerprint: a.Fingerprint,
		State:       a.State,
		Severity:    a.Severity,
		PendingAt:   known(a.PendingAt),
		FiredAt:     known(a.FiredAt),
		ResolvedAt:  known(a.ResolvedAt),
	}
}

// known is nil for the zero time.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// annotations holds what the alert's reading says, for programs and people.
// What is not known is left out: it is never zero.
func annotations(a evaluate.Alert, at time.Time) map[string]string {
	t := telling{alert: a, reason: lastReason(a), at: at}
	text := t.text()
	all := map[string]string{
		"summary":         t.summary(),
		"description":     strings.Join(text.Lead, " "),
		"odds":            t.oddsSentence(),
		"hindsight":       t.hindsight(),
		"advice":          strings.Join(text.Advice, " "),
		"rule":            text.Rule,
		"top_consumers":   consumersInLine(text.Consumers),
		"organization_id": a.Subject.OrganizationID,
		"workspace_id":    a.Subject.WorkspaceID,
		"group_id":        a.Subject.GroupID,
	}
	if c := a.Reading.Change; c != nil {
		all["change"] = string(c.Kind)
	}
	if rank := a.Severity.Rank(); rank > 0 && a.State == evaluate.Firing {
		if came := a.Reached[rank-1].At; came.After(a.FiredAt) {
			all["severity_since"] = came.UTC().Format(time.RFC3339)
		}
	}
	t.measurements(all)
	for key, value := range all {
		if value == "" {
			delete(all, key)
		}
	}
	return all
}

// oddsSentence says the odds without a heading above them.
func (t telling) oddsSentence() string {
	switch said := t.odds(); {
	case said == "", said == oddsNotCounted:
		return ""
	case t.ownOdds() != nil:
		return capital(said)
	default:
		return "429s " + said
	}
}

// measurements adds the numbers of the reading, as numbers.
func (t telling) measurements(all map[string]string) {
	r := t.alert.Reading
	if t.measures() {
		put(all, "used", r.Used)
		put(all, "limit", r.Limit)
		put(all, "utilization", r.Utilization)
		put(all, "headroom", r.Limit-r.Used)
		put(all, "value", r.Value)
		if t.alert.Kind == kindPressure || r.Pressure != 0 {
			put(all, "pressure", r.Pressure)
		}
	} else if r.Value != 0 || t.grows() {
		put(all, "value", r.Value)
	}
	if e := r.Growth; e != nil {
		put(all, "limit", r.Limit)
		for key, day := range map[string]time.Time{"reached": e.At, "reached_earliest": e.Earliest, "reached_latest": e.Latest} {
			all[key] = day.UTC().Format(time.DateOnly)
		}
	}
	if !r.DataAsOf.IsZero() {
		all["data_as_of"] = r.DataAsOf.UTC().Format(time.RFC3339)
	}
}

// put writes a number under key, unless it is not known.
func put(all map[string]string, key string, n evaluate.Number) {
	if n.Known() {
		all[key] = plainNumber(float64(n))
	}
}

// lastReason is the reason that fits an alert as it stands, for text that is not
// about a change.
func lastReason(a evaluate.Alert) evaluate.Reason {
	switch a.State {
	case evaluate.Resolved:
		return evaluate.ReasonResolved
	case evaluate.Withdrawn:
		return evaluate.ReasonWithdrawn
	}
	return evaluate.Fired
}
