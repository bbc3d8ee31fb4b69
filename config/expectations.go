package config

import (
	"cmp"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/notify/route"
)

// reasons are those of messages about alerts.
var reasons = []string{
	string(evaluate.Fired), string(evaluate.Escalated), string(evaluate.Eased),
	string(evaluate.Reminder), string(evaluate.ReasonResolved), string(evaluate.ReasonWithdrawn),
	string(evaluate.ReasonAcknowledged), string(evaluate.SilenceEnding), string(evaluate.Unacknowledged),
}

// alerts are the expectations of a test about alerts that fire.
func (c *caseChecks) alerts(t *replay.Case, k *caseKeys, n *yaml.Node) {
	list := spot(n, "alert_rule_test")
	for i, a := range k.AlertRuleTest {
		at := item(list, i)
		c.caseTime(at, "eval_time", a.EvalTime)
		if a.Alertname == "" {
			c.missing(at, "alertname is missing")
		} else if !slices.ContainsFunc(t.Rules, func(r evaluate.Rule) bool { return r.Alert == a.Alertname }) && len(c.elsewhere) == 0 {
			c.fault(spot(at, "alertname"), "no rule is called %q%s", a.Alertname, didYouMean(a.Alertname, alertnames(t.Rules)))
		}
		want := replay.WantAlerts{At: time.Duration(a.EvalTime), Alertname: a.Alertname, Where: c.where(at)}
		for j, e := range a.ExpAlerts {
			labels := spot(item(spot(at, "exp_alerts"), j), "exp_labels")
			for name := range e.ExpLabels {
				if !slices.Contains(route.LabelNames[:], name) {
					c.fault(spot(labels, name), "exp_labels: no alert has a label %q%s", name, didYouMean(name, route.LabelNames[:]))
				}
			}
			want.Alerts = append(want.Alerts, replay.WantAlert{Labels: e.ExpLabels, Annotations: e.ExpAnnotations})
		}
		t.Alerts = append(t.Alerts, want)
	}
}

func alertnames(rules []evaluate.Rule) []string {
	var names []string
	for _, r := range rules {
		names = append(names, r.Alert)
	}
	return names
}

// caseTime checks that a time of a test is written.
func (c *caseChecks) caseTime(n *yaml.Node, key string, at evaluate.Duration) {
	if value(n, key) == nil {
		c.missing(n, "%s is missing", key)
	} else if at > evaluate.Duration(maxValues*time.Minute) {
		c.fault(spot(n, key), "%s is at most %d minutes", key, maxValues)
	}
}

// notifications are the expectations of a test about messages: entries of one
// receiver and time are one list.
func (c *caseChecks) notifications(t *replay.Case, k *caseKeys, n *yaml.Node) {
	list := spot(n, "exp_notifications")
	for i, e := range k.ExpNotifications {
		at := item(list, i)
		c.caseTime(at, "eval_time", e.EvalTime)
		c.receiver(t, at, e.Receiver)
		if e.Reason != "" && !slices.Contains(reasons, e.Reason) {
			c.fault(spot(at, "reason"), "%q is no reason%s", e.Reason, didYouMean(e.Reason, reasons))
		}
		if e.Severity != "" && evaluate.Severity(e.Severity).Rank() == 0 {
			c.fault(spot(at, "severity"), "%q is no severity: write info, warning or critical", e.Severity)
		}
		same := func(w replay.WantMessages) bool {
			return w.Receiver == e.Receiver && w.At == time.Duration(e.EvalTime)
		}
		j := slices.IndexFunc(t.Messages, same)
		if j < 0 {
			j = len(t.Messages)
			t.Messages = append(t.Messages, replay.WantMessages{At: time.Duration(e.EvalTime), Receiver: e.Receiver, Where: c.where(at)})
		}
		if e.Reason == "" {
			if e.Severity != "" {
				c.missing(at, "reason is missing: leave out severity too where there is no message")
			}
			continue
		}
		t.Messages[j].Messages = append(t.Messages[j].Messages, replay.WantMessage{Reason: evaluate.Reason(e.Reason), Severity: evaluate.Severity(e.Severity)})
	}
	slices.SortStableFunc(t.Messages, func(a, b replay.WantMessages) int { return cmp.Compare(a.At, b.At) })
}

// receiver checks that a receiver is in the rules file.
func (c *caseChecks) receiver(t *replay.Case, n *yaml.Node, name string) {
	switch _, known := t.Tree.Receivers[name]; {
	case name == "":
		c.missing(n, "receiver is missing")
	case !known && len(c.elsewhere) == 0:
		c.fault(spot(n, "receiver"), "no receiver is called %q%s", name, didYouMean(name, t.Tree.Order))
	}
}
