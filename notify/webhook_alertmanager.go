package notify

import (
	"slices"
	"strings"
	"time"

	"alerter/evaluate"
)

// alertmanagerMessage is Alertmanager's webhook message, version 4, field by
// field and in its order:
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
type alertmanagerMessage struct {
	Receiver           string              `json:"receiver"`
	Status             string              `json:"status"`
	Alerts             []alertmanagerAlert `json:"alerts"`
	GroupLabels        map[string]string   `json:"groupLabels"`
	CommonLabels       map[string]string   `json:"commonLabels"`
	CommonAnnotations  map[string]string   `json:"commonAnnotations"`
	ExternalURL        string              `json:"externalURL"`
	RouteLabels        map[string]string   `json:"routeLabels"`
	NotificationReason string              `json:"notification_reason"`
	Version            string              `json:"version"`
	GroupKey           string              `json:"groupKey"`
	TruncatedAlerts    uint64              `json:"truncatedAlerts"`
}

// alertmanagerAlert is one alert of it.
type alertmanagerAlert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"` // zero while it fires
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
}

// The two states Alertmanager knows.
const (
	amFiring   = "firing"
	amResolved = "resolved"
)

// alertmanagerBody writes m as Alertmanager would write the group: every alert of
// it, in the order of their labels; maxAlerts 0 is all.
func alertmanagerBody(m Message, maxAlerts int) ([]byte, error) {
	alerts := make([]alertmanagerAlert, 0, len(m.Group))
	for _, a := range groupOf(m) {
		alerts = append(alerts, alertmanagerAlertOf(a, m.ExternalURL))
	}
	slices.SortStableFunc(alerts, func(x, y alertmanagerAlert) int { return compareLabels(x.Labels, y.Labels) })
	// The status is that of the whole group, so that a cut never turns a group
	// that fires into one that is over.
	status := statusOf(alerts)
	cut := 0
	if maxAlerts > 0 && len(alerts) > maxAlerts {
		cut = len(alerts) - maxAlerts
		alerts = alerts[:maxAlerts]
	}
	out := alertmanagerMessage{
		Receiver: m.Receiver, Status: status, Alerts: alerts,
		GroupLabels:        withoutEmpty(m.GroupLabels),
		CommonLabels:       common(alerts, func(a alertmanagerAlert) map[string]string { return a.Labels }),
		CommonAnnotations:  common(alerts, func(a alertmanagerAlert) map[string]string { return a.Annotations }),
		ExternalURL:        m.ExternalURL,
		RouteLabels:        map[string]string{},
		NotificationReason: notificationReason(m, alerts),
		Version:            "4", GroupKey: m.GroupKey, TruncatedAlerts: uint64(cut),
	}
	return marshalJSON(out)
}

// groupOf is the message's group: of a summary all that it tells of; a test has one
// made-up alert, because receivers of this format expect one.
func groupOf(m Message) []Alert {
	switch {
	case m.Summary != nil:
		all := make([]Alert, 0, len(m.Items))
		for _, it := range m.Items {
			all = append(all, it.Alert)
		}
		return newestEpisodes(all)
	case m.Kind != KindTest:
		return newestEpisodes(m.Group)
	}
	return []Alert{{
		Labels:      map[string]string{"alertname": "AlerterTest", "severity": string(evaluate.Info)},
		Annotations: map[string]string{"summary": m.Title},
		Fingerprint: evaluate.Fingerprint(shortHash("test", m.Receiver)[:16]),
		State:       evaluate.Firing,
		FiredAt:     known(m.At),
	}}
}

// newestEpisodes leaves of each alert only its newest episode: Alertmanager knows
// one alert per set of labels, and one that fired again is not over.
func newestEpisodes(group []Alert) []Alert {
	var out []Alert
	place := make(map[evaluate.Fingerprint]int, len(group))
	for _, a := range group {
		i, ok := place[a.Fingerprint]
		switch {
		case !ok:
			place[a.Fingerprint] = len(out)
			out = append(out, a)
		case a.FiredAt != nil && (out[i].FiredAt == nil || a.FiredAt.After(*out[i].FiredAt)):
			out[i] = a
		}
	}
	return out
}

// alertmanagerAlertOf turns one alert into Alertmanager's shape.
func alertmanagerAlertOf(a Alert, externalURL string) alertmanagerAlert {
	out := alertmanagerAlert{
		Status: amFiring, Labels: withoutEmpty(a.Labels), Annotations: withoutEmpty(a.Annotations),
		GeneratorURL: alertLink(externalURL, a.Fingerprint), Fingerprint: string(a.Fingerprint),
	}
	if a.FiredAt != nil {
		out.StartsAt = a.FiredAt.UTC()
	}
	if a.State == evaluate.Resolved || a.State == evaluate.Withdrawn {
		out.Status = amResolved
		if a.ResolvedAt != nil {
			out.EndsAt = a.ResolvedAt.UTC()
		}
	}
	return out
}

// statusOf is firing if any alert fires.
func statusOf(alerts []alertmanagerAlert) string {
	for _, a := range alerts {
		if a.Status == amFiring {
			return amFiring
		}
	}
	return amResolved
}

// common holds what all alerts have alike.
func common(alerts []alertmanagerAlert, of func(alertmanagerAlert) map[string]string) map[string]string {
	out := map[string]string{}
	for i, a := range alerts {
		if i == 0 {
			for key, value := range of(a) {
				out[key] = value
			}
			continue
		}
		for key, value := range out {
			if other, ok := of(a)[key]; !ok || other != value {
				delete(out, key)
			}
		}
	}
	return out
}

// withoutEmpty leaves out what is empty: to Alertmanager such labels are not there.
func withoutEmpty(in map[string]string) map[string]string {
	out := make(map[string]string, len(in))
	for key, value := range in {
		if value != "" {
			out[key] = value
		}
	}
	return out
}

// notificationReason says in Alertmanager's words why the message is sent. A
// severity that moved is, to Alertmanager, an alert with other labels: a new one.
func notificationReason(m Message, alerts []alertmanagerAlert) string {
	switch m.Reason {
	case evaluate.ReasonResolved, evaluate.ReasonWithdrawn:
		if statusOf(alerts) == amFiring {
			return "some alerts resolved"
		}
		return "all alerts resolved"
	case evaluate.Reminder:
		return "repeat interval elapsed"
	case evaluate.Fired, evaluate.Escalated, evaluate.Eased, evaluate.Unacknowledged:
		if m.Receipt == nil && (m.Reason == evaluate.Fired || m.Reason == evaluate.Unacknowledged) {
			return "first notification"
		}
		return "new alerts added"
	}
	if m.Kind == KindTest {
		return "first notification"
	}
	return "unknown"
}

// compareLabels orders label sets as Alertmanager orders alerts: first by job and
// instance, which ours do not have, then fewer labels first, then by name and value.
func compareLabels(x, y map[string]string) int {
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	names := make([]string, 0, len(x)+len(y))
	for n := range x {
		names = append(names, n)
	}
	for n := range y {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		xv, inX := x[n]
		yv, inY := y[n]
		switch {
		case !inX:
			return -1
		case !inY:
			return 1
		case xv != yv:
			return strings.Compare(xv, yv)
		}
	}
	return 0
}
