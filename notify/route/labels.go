package route

import "alerter/evaluate"

// The labels of an alert, which matchers and group_by may name.
const (
	labelAlertname    = "alertname"
	labelSeverity     = "severity"
	labelOrganization = "organization"
	labelWorkspace    = "workspace"
	labelModelGroup   = "model_group"
	labelLimiter      = "limiter"
)

// LabelNames lists the labels of every alert. Matchers and group_by know no others.
var LabelNames = [6]string{
	labelAlertname, labelSeverity, labelOrganization, labelWorkspace, labelModelGroup, labelLimiter,
}

// groupByAll is the one name in group_by that stands for every label.
const groupByAll = "..."

// Labels is what matchers see of an alert: all of [LabelNames], empty where the
// alert has none.
func Labels(a evaluate.Alert) map[string]string {
	return map[string]string{
		labelAlertname:    a.Rule,
		labelSeverity:     string(a.Severity),
		labelOrganization: a.Labels.Organization,
		labelWorkspace:    a.Labels.Workspace,
		labelModelGroup:   a.Labels.ModelGroup,
		labelLimiter:      a.Labels.Limiter,
	}
}

// groupLabels picks the labels by which n groups. As in Alertmanager, a label
// the alert does not have is left out. "..." leaves severity out: it is there
// to make every alert a group of its own, and an alert that gets worse stays
// the same alert.
func groupLabels(n *Node, labels map[string]string) map[string]string {
	picked := map[string]string{}
	pick := func(name string) {
		if v := labels[name]; v != "" {
			picked[name] = v
		}
	}
	for _, name := range n.GroupBy {
		if name != groupByAll {
			pick(name)
			continue
		}
		for name := range labels {
			if name != labelSeverity {
				pick(name)
			}
		}
	}
	return picked
}
