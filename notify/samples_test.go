package notify

import (
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
	"alerter/usage/forecast"
)

// noon is when the sample messages are decided.
var noon = time.Date(2026, 11, 23, 9, 58, 0, 0, time.UTC)

const page = "https://alerter.example.com"

// pressureAlert is a pressure alert on the whole organization's output tokens.
func pressureAlert() evaluate.Alert {
	return evaluate.Alert{
		Fingerprint: "5f0c8a7d21b3e946", Rule: "LimitPressure", Kind: kindPressure,
		Subject: evaluate.Subject{ID: usage.ID{OrganizationID: "5e0d8a7e-1111-4222-8333-944455556666", GroupID: "rlg_01opus5", Limiter: usage.OutputTokens}},
		Labels:  usage.Labels{Organization: "acme", ModelGroup: "Claude Opus 5", Limiter: string(usage.OutputTokens)},
		State:   evaluate.Firing, Severity: evaluate.Warning, Worst: evaluate.Warning,
		PendingAt: noon.Add(-14 * time.Minute), FiredAt: noon.Add(-14 * time.Minute), SteppedAt: noon,
		Reached:        [3]evaluate.Reached{{At: noon.Add(-14 * time.Minute), Level: 0.7}, {At: noon, Level: 0.85}},
		RepeatInterval: time.Hour,
		Reading: evaluate.Reading{
			Value: 0.884, Threshold: 0.85, Used: 965_000, Limit: 1_000_000, Utilization: 0.965, Pressure: 0.884,
			From: noon.Add(-17 * time.Minute), To: noon.Add(-6 * time.Minute), Mean: 0.964,
			DataAsOf: noon.Add(-5 * time.Minute),
			Odds:     &evaluate.Odds{Within15: 0.06, Within60: 0.21, Warned60: 0.45, Source: "counted on four recorded 14-day traces"},
			Top: []usage.Consumer{
				{Kind: "workspace", ID: "wrkspc_01prod", Name: "prod", Share: 0.612},
				{Kind: "workspace", ID: "wrkspc_01eval", Name: "nightly evals", Share: 0.244},
				{Kind: "workspace", ID: "wrkspc_01dev", Name: "dev", Share: 0.11},
				{Kind: "workspace", ID: "wrkspc_01tmp", Name: "tmp", Share: 0.034},
			},
		},
		Peak: 0.884,
	}
}

// criticalAlert is the same alert, worse.
func criticalAlert() evaluate.Alert {
	a := pressureAlert()
	a.Severity, a.Worst, a.Peak = evaluate.Critical, evaluate.Critical, 0.972
	a.FiredAt, a.PendingAt = noon.Add(-41*time.Minute), noon.Add(-41*time.Minute)
	a.Reached = reached(-41*time.Minute, -27*time.Minute, 0)
	a.Reading.Value, a.Reading.Pressure, a.Reading.Threshold = 0.952, 0.952, 0.93
	a.Reading.Mean, a.Reading.Utilization, a.Reading.Used = 1.016, 1.021, 1_021_000
	a.Reading.From = noon.Add(-21 * time.Minute)
	a.Reading.Odds = &evaluate.Odds{Within15: 0.3, Within60: 0.51, Warned60: 0.45, Source: "counted on four recorded 14-day traces"}
	return a
}

// reached says when the episode came to the levels of the pressure rule, as seen from noon.
func reached(info, warning, critical time.Duration) [3]evaluate.Reached {
	return [3]evaluate.Reached{
		{At: noon.Add(info), Level: 0.7}, {At: noon.Add(warning), Level: 0.85}, {At: noon.Add(critical), Level: 0.93},
	}
}

// easedAlert is the critical one, a little better.
func easedAlert() evaluate.Alert {
	a := pressureAlert()
	a.Worst, a.Peak, a.FiredAt = evaluate.Critical, 0.972, noon.Add(-66*time.Minute)
	a.Reached = reached(-66*time.Minute, -52*time.Minute, -25*time.Minute)
	return a
}

// resolvedAlert is the critical one, over: it was warned of, and then the limit was reached.
func resolvedAlert() evaluate.Alert {
	a := easedAlert()
	a.State, a.ResolvedAt, a.Severity, a.Reading.Threshold = evaluate.Resolved, noon, evaluate.Info, 0.7
	a.LimitReached = evaluate.LimitReached{At: noon.Add(-29 * time.Minute), Shown: 0.87}
	a.Reading.Used, a.Reading.Utilization, a.Reading.Value, a.Reading.Pressure, a.Reading.Mean = 412_000, 0.412, 0.52, 0.52, 0.55
	return a
}

// withdrawnAlert is one whose rule is gone.
func withdrawnAlert() evaluate.Alert {
	a := thresholdAlert()
	a.State, a.ResolvedAt, a.Why = evaluate.Withdrawn, noon, "the rule HighUtilization is no longer in rules.yaml"
	return a
}

// thresholdAlert is on a workspace's own input limit, used by keys.
func thresholdAlert() evaluate.Alert {
	return evaluate.Alert{
		Fingerprint: "0a4be77c9d61f208", Rule: "HighUtilization", Kind: kindThreshold,
		Subject: evaluate.Subject{ID: usage.ID{OrganizationID: "5e0d8a7e-1111-4222-8333-944455556666", WorkspaceID: "wrkspc_01pay", GroupID: "rlg_01sonnet", Limiter: usage.InputTokensCacheAware}},
		Labels:  usage.Labels{Organization: "acme", Workspace: "payments", ModelGroup: "Claude Sonnet 5", Limiter: string(usage.InputTokensCacheAware)},
		State:   evaluate.Firing, Severity: evaluate.Warning, Worst: evaluate.Warning,
		PendingAt: noon.Add(-126 * time.Minute), FiredAt: noon.Add(-124 * time.Minute), SteppedAt: noon,
		Reached: [3]evaluate.Reached{1: {At: noon.Add(-124 * time.Minute), Level: 0.98}},
		Reading: evaluate.Reading{
			Value: 0.987, Threshold: 0.98, Used: 1_974_000, Limit: 2_000_000, Utilization: 0.987, Pressure: 0.91,
			From: noon.Add(-11 * time.Minute), To: noon.Add(-6 * time.Minute), Mean: 0.987, DataAsOf: noon.Add(-5 * time.Minute),
			Odds: &evaluate.Odds{Within15: 0.21, Within60: 0.41, Warned60: 0.45, Source: "counted on four recorded 14-day traces"},
			Top: []usage.Consumer{
				{Kind: "key", ID: "apikey_01a", Name: "checkout-service", Share: 0.48},
				{Kind: "key", ID: "apikey_01b", Share: 0.31},
			},
		},
		Peak: 0.987,
	}
}

// loweredAlert tells of a limit that was lowered.
func loweredAlert() evaluate.Alert {
	a := pressureAlert()
	a.Fingerprint, a.Rule, a.Kind = "77ab01c2d3e4f506", "LimitChanged", kindLimitChange
	a.Reading = evaluate.Reading{
		Value: 500_000, Limit: 500_000,
		Change: &usage.Change{At: noon, Kind: usage.LimitLowered, GroupID: "rlg_01opus5", Limiter: usage.OutputTokens, Old: 1_000_000, New: 500_000},
	}
	return a
}

// movedAlert tells of a model that moved to another group.
func movedAlert() evaluate.Alert {
	a := loweredAlert()
	a.Fingerprint, a.Labels.Limiter, a.Subject.Limiter, a.Subject.Part = "88ab01c2d3e4f506", "", "", "claude-opus-5-5"
	a.Reading = evaluate.Reading{Change: &usage.Change{At: noon, Kind: usage.ModelMoved, GroupID: "rlg_01opus5", Model: "claude-opus-5-5", FromGroupID: "rlg_01opus4"}}
	return a
}

// growthAlert foretells when a limit is reached.
func growthAlert() evaluate.Alert {
	a := pressureAlert()
	a.Fingerprint, a.Rule, a.Kind, a.RepeatInterval = "66ab01c2d3e4f506", "GrowthAhead", kindGrowth, 24*time.Hour
	a.Severity, a.Worst, a.Peak = evaluate.Info, evaluate.Info, 16
	a.PendingAt, a.FiredAt = noon, noon
	a.Reached = [3]evaluate.Reached{{At: noon, Level: 28}}
	a.Subject.Limiter, a.Labels.Limiter = usage.InputTokensCacheAware, string(usage.InputTokensCacheAware)
	day := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC) }
	n := evaluate.Unknown()
	a.Reading = evaluate.Reading{
		Value: 16, Threshold: 28, Limit: 1_000_000, Used: n, Utilization: n, Pressure: n, Mean: n, DataAsOf: day(11, 23),
		Growth: &forecast.Estimate{
			At: day(12, 9), Earliest: day(12, 1), Latest: day(12, 20), OnWeekdays: true, Peak: 842_000, PerWeek: 38_500, Highest: 917_000, Days: 82,
		},
	}
	return a
}

// reachedAlert is the same for a workspace whose limit is reached already.
func reachedAlert() evaluate.Alert {
	a := growthAlert()
	a.Severity, a.Worst, a.FiredAt = evaluate.Warning, evaluate.Warning, noon.Add(-23*24*time.Hour)
	a.Reached = [3]evaluate.Reached{{At: a.FiredAt, Level: 28}, {At: noon.Add(-9 * 24 * time.Hour), Level: 7}}
	a.Labels.Workspace, a.Subject.WorkspaceID = "payments", "wrkspc_01pay"
	a.Reading.Value, a.Reading.Threshold = 0, 7
	e := *a.Reading.Growth
	e.At, e.Earliest, e.Latest, e.Peak, e.OnWeekdays = a.Reading.DataAsOf, a.Reading.DataAsOf, a.Reading.DataAsOf, 951_000, false
	a.Reading.Growth = &e
	return a
}

// endedGrowthAlert is one that is over.
func endedGrowthAlert() evaluate.Alert {
	a := growthAlert()
	a.State, a.FiredAt, a.ResolvedAt = evaluate.Resolved, noon.Add(-6*24*time.Hour), noon
	a.Reached[0].At = a.FiredAt
	return a
}

// staleAlert is about data that do not come.
func staleAlert() evaluate.Alert {
	return evaluate.Alert{
		Fingerprint: "99ab01c2d3e4f506", Rule: "DataStale", Kind: kindStale,
		Subject: evaluate.Subject{ID: usage.ID{OrganizationID: "5e0d8a7e-1111-4222-8333-944455556666"}},
		Labels:  usage.Labels{Organization: "acme"},
		State:   evaluate.Firing, Severity: evaluate.Critical, Worst: evaluate.Critical,
		FiredAt: noon, PendingAt: noon, SteppedAt: noon,
		Reading: evaluate.Reading{
			Value: 47 * 60, Threshold: 45 * 60, DataAsOf: noon.Add(-47 * time.Minute),
			Detail: "the last read did not succeed: fetch usage page 1: 503 overloaded_error",
		},
	}
}

// dailyAlert is on a limit that counts the last 24 hours.
func dailyAlert() evaluate.Alert {
	a := pressureAlert()
	a.Fingerprint, a.Labels.Limiter, a.Subject.Limiter = "2b0c8a7d21b3e946", string(usage.TokensPerDay), usage.TokensPerDay
	a.Peak = 0.87
	a.Reading.Value, a.Reading.Pressure, a.Reading.Mean, a.Reading.Utilization = 0.87, 0.87, 0.87, 0.87
	a.Reading.Used, a.Reading.Limit = 43_500_000, 50_000_000
	a.Reading.From, a.Reading.Odds = a.Reading.To.Add(-24*time.Hour), nil
	return a
}

// serviceAlert is one of the service's own.
func serviceAlert(rule, organization, part, detail string) evaluate.Alert {
	return evaluate.Alert{
		Fingerprint: "aaab01c2d3e4f506", Rule: rule, Kind: evaluate.KindSystem,
		Subject: evaluate.Subject{Part: part}, Labels: usage.Labels{Organization: organization},
		State: evaluate.Firing, Severity: evaluate.Critical, Worst: evaluate.Critical,
		FiredAt: noon, PendingAt: noon, SteppedAt: noon,
		Reading: evaluate.Reading{From: noon, Detail: detail},
	}
}

// keyRefusedAlert is the service's own.
func keyRefusedAlert() evaluate.Alert {
	return serviceAlert(usage.KeyRefused, "acme", "acme", `The Admin API says: /v1/organizations/me answered 401 authentication_error: "invalid x-api-key"`)
}

// deliveredAgainAlert is the service's own, and over.
func deliveredAgainAlert() evaluate.Alert {
	a := serviceAlert(usage.DeliveryFailing, "", "oncall", "")
	a.State, a.FiredAt, a.ResolvedAt = evaluate.Resolved, noon.Add(-12*time.Minute), noon
	return a
}

// routed makes the routed message about alerts, all for one reason.
func routed(reason evaluate.Reason, alerts ...evaluate.Alert) route.Message {
	m := route.Message{
		Key:         "team/LimitPressure/" + string(reason) + "/" + noon.Format(time.RFC3339),
		Receiver:    "team",
		GroupKey:    `{}:{alertname="LimitPressure", model_group="Claude Opus 5", organization="acme"}`,
		GroupLabels: map[string]string{"alertname": alerts[0].Rule, "model_group": alerts[0].Labels.ModelGroup, "organization": alerts[0].Labels.Organization},
		Episode:     alerts[0].FiredAt, Reason: reason, At: noon, SendAt: noon, NotAfter: noon.Add(time.Hour),
		Alerts: alerts,
	}
	for _, a := range alerts {
		m.Items = append(m.Items, route.Item{Fingerprint: a.Fingerprint, FiredAt: a.FiredAt, Reason: reason, Severity: a.Severity})
	}
	return m
}

// sample is a message of the kind receivers get.
type sample struct {
	name string
	m    Message
}

// samples is one message per reason and kind.
func samples() []sample {
	service := func(reason evaluate.Reason, alerts ...evaluate.Alert) Message {
		m := routed(reason, alerts...)
		m.System = true
		return Compose(m, page)
	}
	failing := serviceAlert(usage.DeliveryFailing, "", "oncall",
		"Receiver oncall has refused or not answered three times in a row, last with: post webhook to hooks.example.com: timed out after 7 s")
	job := serviceAlert(usage.JobFailing, "acme", "organization 1/usage",
		"The job usage has failed three times in a row, last with: fetch usage page 1: connection refused")
	job.Severity, job.Worst = evaluate.Warning, evaluate.Warning
	group := routed(evaluate.Fired, pressureAlert(), onInput(pressureAlert()), dailyAlert())
	mixed := routed(evaluate.Escalated, criticalAlert(), thresholdAlert(), resolvedOutput())
	mixed.Items[1].Reason, mixed.Items[2].Reason = evaluate.Fired, evaluate.ReasonResolved
	mixed.GroupLabels = map[string]string{"organization": "acme"}
	all := []sample{
		{"fired", Compose(routed(evaluate.Fired, pressureAlert()), page)},
		{"escalated", inThread(Compose(routed(evaluate.Escalated, criticalAlert()), page))},
		{"eased", inThread(Compose(routed(evaluate.Eased, easedAlert()), page))},
		{"reminder", inThread(Compose(routed(evaluate.Reminder, thresholdAlert()), page))},
		{"acknowledged", inThread(Compose(acknowledged(), page))},
		{"unacknowledged", Compose(routed(evaluate.Unacknowledged, criticalAlert()), page)},
		{"silence_ending", inThread(Compose(silenceEnding(), page))},
		{"flapping", Compose(flapping(), page)},
		{"resolved", inThread(Compose(routed(evaluate.ReasonResolved, resolvedAlert()), page))},
		{"withdrawn", inThread(Compose(routed(evaluate.ReasonWithdrawn, withdrawnAlert()), page))},
		{"limit_lowered", Compose(routed(evaluate.Fired, loweredAlert()), page)},
		{"model_moved", Compose(routed(evaluate.Fired, movedAlert()), page)},
		{"growth", Compose(routed(evaluate.Fired, growthAlert()), page)},
		{"growth_reached", inThread(Compose(routed(evaluate.Reminder, reachedAlert()), page))},
		{"growth_over", inThread(Compose(routed(evaluate.ReasonResolved, endedGrowthAlert()), page))},
		{"stale", Compose(routed(evaluate.Fired, staleAlert()), page)},
		{"daily", Compose(routed(evaluate.Fired, dailyAlert()), page)},
		{"group", Compose(group, page)},
		{"system", service(evaluate.Fired, keyRefusedAlert())},
		{"system_delivery", service(evaluate.Fired, failing)},
		{"system_job", service(evaluate.Fired, job)},
		{"system_resolved", service(evaluate.ReasonResolved, deliveredAgainAlert())},
		{"mixed", Compose(mixed, page)},
		{"summary", summary(Compose(mixed, page), Compose(routed(evaluate.Fired, dailyAlert()), page), Compose(routed(evaluate.Fired, growthAlert()), page))},
		{"test", TestMessage("team", "test-1", page, noon)},
		{"digest", ComposeDigest(fullDigest(), "team", "digest team", page, noon)},
		{"digest_quiet", ComposeDigest(quietDigest(), "team", "digest team", "", noon)},
	}
	return all
}

// summary is what is told of messages of several groups after an outage.
func summary(messages ...Message) Message {
	var list []Unsent
	for i, m := range messages {
		m.GroupKey += fmt.Sprint(i)
		list = append(list, Unsent{Message: m, DueAt: noon.Add(time.Duration(i-10) * time.Minute)})
	}
	m, _ := Summarize(list, noon, nil)
	m.FailingSince = noon.Add(-10 * time.Minute)
	return m
}

// acknowledged is what is told when anna takes an alert on.
func acknowledged() route.Message {
	m := routed(evaluate.ReasonAcknowledged, criticalAlert())
	m.Items[0].By = "anna"
	m.Standings = []route.Standing{{
		Fingerprint: m.Alerts[0].Fingerprint, FiredAt: m.Alerts[0].FiredAt, AcknowledgedAt: noon, AcknowledgedBy: "anna",
	}}
	return m
}

// silenceEnding is what is told a quarter of an hour before a silence ends.
func silenceEnding() route.Message {
	m := routed(evaluate.SilenceEnding, pressureAlert())
	m.Items[0].Until = noon.Add(route.SilenceNotice)
	m.Standings = []route.Standing{{Fingerprint: m.Alerts[0].Fingerprint, FiredAt: m.Alerts[0].FiredAt, SilencedUntil: m.Items[0].Until, SilencedBy: "bert"}}
	return m
}

// flapping is the message after which an alert is not told at each change any more.
func flapping() route.Message {
	m := routed(evaluate.Fired, pressureAlert())
	m.Items[0].Flapping = true
	return m
}

// resolvedOutput is another alert that is over.
func resolvedOutput() evaluate.Alert {
	a := resolvedAlert()
	a.Fingerprint, a.Labels.ModelGroup = "61d0a9fe00aa1122", "Claude Haiku 5"
	return a
}

// onInput is the same on the input limit.
func onInput(a evaluate.Alert) evaluate.Alert {
	a.Fingerprint, a.Labels.Limiter, a.Subject.Limiter = "3c0c8a7d21b3e946", string(usage.InputTokensCacheAware), usage.InputTokensCacheAware
	return a
}

// inThread gives m the receipt of a first message.
func inThread(m Message) Message {
	m.Receipt = &Receipt{ID: "1700000000.000100", Channel: "C0OPS"}
	return m
}

// many is one message about n alerts.
func many(n int) Message {
	alerts := make([]evaluate.Alert, 0, n)
	for i := range n {
		a := pressureAlert()
		a.Fingerprint = evaluate.Fingerprint(fmt.Sprintf("%016x", i))
		a.Labels.Workspace = fmt.Sprintf("workspace-%03d", i)
		alerts = append(alerts, a)
	}
	return Compose(routed(evaluate.Fired, alerts...), page)
}

// named is one message in which everything that has a name bears this one.
func named(called string) Message {
	a := pressureAlert()
	a.Rule, a.Why = called, called
	a.Labels = usage.Labels{Organization: called, Workspace: called, ModelGroup: called, Limiter: called}
	a.Reading.Top = []usage.Consumer{{Kind: "key", Name: called, Share: 0.7}, {Kind: "key", ID: called, Share: 0.2}}
	a.Reading.Detail = called
	m := routed(evaluate.Fired, a)
	m.GroupLabels = map[string]string{"model_group": called, "organization": called}
	m.GroupKey = `{}:{model_group="` + called + `"}`
	return Compose(m, page)
}
