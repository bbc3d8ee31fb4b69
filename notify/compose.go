package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

// Compose puts a routed message into words. The externalURL is the service's own
// page, for links; it may be empty. The message's Receipt is left nil: it is the
// outbox that knows the first message of the thread.
func Compose(m route.Message, externalURL string) Message {
	out := Message{
		Key:         m.Key,
		Kind:        kindOf(m),
		Receiver:    m.Receiver,
		GroupKey:    m.GroupKey,
		GroupLabels: m.GroupLabels,
		Episode:     m.Episode.UTC(),
		Reason:      m.Reason,
		At:          m.At.UTC(),
		ExternalURL: externalURL,
		Items:       items(m, externalURL),
		Group:       make([]Alert, 0, len(m.Alerts)),
	}
	for _, a := range m.Alerts {
		out.Group = append(out.Group, viewIn(m, a))
	}
	if m.Update {
		out.Kind, out.Reason, out.Title = KindUpdate, "", groupName(out)
		return out
	}
	out.Title, out.Subject = titles(out)
	return out
}

// kindOf is what a routed message is about.
func kindOf(m route.Message) MessageKind {
	if m.System {
		return KindSystem
	}
	return KindAlert
}

// items puts each item into words, gravest first.
func items(m route.Message, externalURL string) []Item {
	type episode struct {
		of    evaluate.Fingerprint
		fired time.Time
	}
	alerts := make(map[episode]evaluate.Alert, len(m.Alerts))
	newest := make(map[evaluate.Fingerprint]evaluate.Alert, len(m.Alerts))
	for _, a := range m.Alerts {
		alerts[episode{a.Fingerprint, a.FiredAt.UTC()}] = a
		if had, ok := newest[a.Fingerprint]; !ok || a.FiredAt.After(had.FiredAt) {
			newest[a.Fingerprint] = a
		}
	}
	all := make([]rankedItem, 0, len(m.Items))
	for _, i := range m.Items {
		a, ok := alerts[episode{i.Fingerprint, i.FiredAt.UTC()}]
		if !ok {
			a, ok = newest[i.Fingerprint]
		}
		if !ok {
			// Saying little is better than saying nothing.
			a = evaluate.Alert{Fingerprint: i.Fingerprint, Severity: i.Severity, FiredAt: i.FiredAt, Rule: "alert " + string(i.Fingerprint)}
		}
		told := telling{alert: a, reason: i.Reason, at: m.At, externalURL: externalURL, by: i.By, until: i.Until, flapping: i.Flapping}
		all = append(all, rankedItem{Item{Reason: i.Reason, Alert: viewIn(m, a), Text: told.text()}, a})
	}
	sortGravest(all)
	out := make([]Item, len(all))
	for i, r := range all {
		out[i] = r.Item
	}
	return out
}

// rankedItem is an item and the alert it was made from.
type rankedItem struct {
	Item
	alert evaluate.Alert
}

// sortGravest sorts items by what needs a person most.
func sortGravest(all []rankedItem) {
	slices.SortStableFunc(all, func(x, y rankedItem) int {
		return cmp.Or(
			-cmp.Compare(gravity(x.Reason), gravity(y.Reason)),
			-cmp.Compare(x.alert.Severity.Rank(), y.alert.Severity.Rank()),
			-cmp.Compare(urgency(x.alert), urgency(y.alert)),
			cmp.Compare(x.alert.Fingerprint, y.alert.Fingerprint),
		)
	})
}

// urgency orders alerts of one kind: the higher the value, the worse, but for the
// days that are left.
func urgency(a evaluate.Alert) evaluate.Number {
	if a.Kind == kindGrowth {
		return -a.Reading.Value
	}
	return a.Reading.Value
}

// gravity orders reasons: what needs a person first.
func gravity(r evaluate.Reason) int {
	switch r {
	case evaluate.Escalated:
		return 6
	case evaluate.Fired, evaluate.Unacknowledged:
		return 5
	case evaluate.Reminder:
		return 4
	case evaluate.Eased:
		return 2
	case evaluate.ReasonWithdrawn:
		return 1
	case evaluate.ReasonResolved:
		return 0
	}
	return 3
}

// titles makes the message's title and its subject.
func titles(m Message) (title, subject string) {
	status := bracket(m.Reason, worst(m))
	if m.Reason == evaluate.Fired && aboutLimits(m) {
		status = changedBracket(worst(m))
	}
	subject = status + " " + groupName(m)
	if len(m.Items) == 1 {
		return m.Items[0].Text.Title, subject
	}
	title = status + " " + plural(len(m.Items), "alert") + byReason(m) + " · " + groupName(m)
	if m.Summary != nil {
		subject = title // the next one has nothing in common with it
	}
	return title, subject
}

// byReason counts the items where they are in m for different reasons: (10 fired,
// 4 resolved).
func byReason(m Message) string {
	counts := make(map[evaluate.Reason]int)
	var order []evaluate.Reason
	for _, i := range m.Items {
		if counts[i.Reason] == 0 {
			order = append(order, i.Reason)
		}
		counts[i.Reason]++
	}
	if len(order) < 2 {
		return ""
	}
	parts := make([]string, 0, len(order))
	for _, r := range order {
		parts = append(parts, fmt.Sprintf("%d %s", counts[r], strings.ReplaceAll(string(r), "_", " ")))
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// worst is the worst severity of the items that share the message's reason.
func worst(m Message) evaluate.Severity {
	var w evaluate.Severity
	for _, i := range m.Items {
		if i.Reason == m.Reason && i.Alert.Severity.Rank() > w.Rank() {
			w = i.Alert.Severity
		}
	}
	return w
}

// groupName is what the group's labels have in common, in the order people ask.
func groupName(m Message) string {
	if m.Summary != nil {
		return plural(m.groups(), "group")
	}
	var parts []string
	for _, label := range []string{"model_group", "limiter", "alertname", "workspace", "organization"} {
		value := name(m.GroupLabels[label])
		switch {
		case value == "":
		case label == "limiter":
			value = wordsOf(usage.Limiter(value)).rate()
		case label == "alertname" && m.Kind == KindSystem:
			value = troubleName(value)
		}
		parts = append(parts, value)
	}
	if said := joinWords(" · ", parts...); said != "" {
		return said
	}
	if m.Kind == KindSystem {
		return "alerter itself"
	}
	return "alerts for " + name(m.Receiver)
}

// TestMessage is what a receiver gets when somebody tries it out. Its key must
// be new every time: some places throw away repeats.
func TestMessage(receiver, key, externalURL string, at time.Time) Message {
	title := "[TEST] This is a test message of alerter"
	return Message{
		Key: key, Kind: KindTest, Receiver: receiver, GroupKey: "test", GroupLabels: map[string]string{},
		Episode: at.UTC(), At: at.UTC(), Title: title, Subject: title, ExternalURL: externalURL,
		Items: []Item{}, Group: []Alert{},
	}
}
