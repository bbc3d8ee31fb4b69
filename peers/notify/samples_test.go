package notify

import (
	"time"

	"alerter/evaluate"
	"alerter/notify"
	"alerter/notify/route"
	"alerter/usage"
)

const (
	page     = "https://alerter.example.com"
	groupKey = `{}:{alertname="LimitPressure", model_group="Claude Opus 5", organization="acme"}`
)

// pressure is an alert about one workspace's output limit, or with an empty
// workspace about the whole organization's. Its names are awkward on purpose.
func pressure(workspace, fingerprint string, fired time.Time) evaluate.Alert {
	return evaluate.Alert{
		Fingerprint: evaluate.Fingerprint(fingerprint), Rule: "LimitPressure", Kind: "pressure",
		Subject: evaluate.Subject{ID: usage.ID{OrganizationID: "5e0d8a7e-1111-4222-8333-944455556666", GroupID: "rlg_01opus5", Limiter: usage.OutputTokens}},
		Labels:  usage.Labels{Organization: "acme", Workspace: workspace, ModelGroup: "Claude Opus 5", Limiter: string(usage.OutputTokens)},
		State:   evaluate.Firing, Severity: evaluate.Warning, Worst: evaluate.Warning,
		PendingAt: fired, FiredAt: fired, SteppedAt: fired,
		Reading: evaluate.Reading{
			Value: 0.884, Threshold: 0.85, Used: 965_000, Limit: 1_000_000, Utilization: 0.965, Pressure: 0.884,
			From: fired.Add(-17 * time.Minute), To: fired.Add(-6 * time.Minute), Mean: 0.964, DataAsOf: fired.Add(-5 * time.Minute),
			Odds: &evaluate.Odds{Within15: 0.06, Within60: 0.21, Warned60: 0.45, Source: "counted on four recorded 14-day traces"},
			Top:  []usage.Consumer{{Kind: "key", Name: `<!channel> & "früh" 🔥`, Share: 0.61}, {Kind: "key", ID: "apikey_01", Share: 0.2}},
		},
		Peak: 0.884,
	}
}

// over is the alert at its end.
func over(a evaluate.Alert, at time.Time) evaluate.Alert {
	a.State, a.ResolvedAt, a.SteppedAt = evaluate.Resolved, at, at
	a.Reading.Used, a.Reading.Utilization = 412_000, 0.412
	return a
}

// composed is a message about the alerts, of which the first gives the reason.
func composed(reason evaluate.Reason, at time.Time, alerts ...evaluate.Alert) notify.Message {
	return withCard(routed(reason, at, alerts...))
}

// routed is what is decided to be told of the alerts.
func routed(reason evaluate.Reason, at time.Time, alerts ...evaluate.Alert) route.Message {
	m := route.Message{
		Key: string(reason) + at.String(), Receiver: "team", GroupKey: groupKey,
		GroupLabels: map[string]string{"alertname": "LimitPressure", "model_group": "Claude Opus 5", "organization": "acme"},
		Episode:     alerts[0].FiredAt, Reason: reason, At: at, SendAt: at, NotAfter: at.Add(time.Hour), Alerts: alerts,
	}
	for _, a := range alerts {
		m.Items = append(m.Items, route.Item{Fingerprint: a.Fingerprint, FiredAt: a.FiredAt, Reason: reason, Severity: a.Severity})
	}
	return m
}

// withCard is the message with the card that goes with it.
func withCard(m route.Message) notify.Message {
	out, card := notify.Compose(m, page), notify.ComposeCard(m, page)
	out.Card = &card
	return out
}

// episode is the three messages of an alert that comes, gets worse and goes.
func episode() [3]notify.Message {
	began := time.Now().UTC().Truncate(time.Second).Add(-20 * time.Minute)
	first := pressure("", "5f0c8a7d21b3e946", began)
	worse := first
	worse.Severity, worse.Worst = evaluate.Critical, evaluate.Critical
	return [3]notify.Message{
		composed(evaluate.Fired, began, first),
		composed(evaluate.Escalated, began.Add(5*time.Minute), worse),
		composed(evaluate.ReasonResolved, began.Add(20*time.Minute), over(worse, began.Add(20*time.Minute))),
	}
}
