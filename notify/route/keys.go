package route

import (
	"maps"
	"slices"

	"alerter/evaluate"
)

// Keys names the groups that the notices touch as far as the present routes
// tell, sorted: those the alerts belong in now, and those they belonged in at
// another severity or, if they are about the service itself, while another
// receiver failed; and those to which their routes escalate.
//
// A step needs these, those whose Next has come, and every group that has a
// member with the fingerprint of one of the notices: the routes, or the names
// in an alert's labels, may have changed since, and whoever heard of it must
// hear the end. Others it may be given, and does not need.
func Keys(tree Tree, notices []evaluate.Notice, failing map[string]bool) []GroupRef {
	r := newRouter(tree, failing)
	bySeverity := tree.Root != nil && tree.Root.asksSeverity()
	seen := map[GroupRef]bool{}
	for i := range notices {
		a := notices[i].Alert
		r.sees(&a, seen)
		if bySeverity {
			for _, a.Severity = range evaluate.Severities {
				r.sees(&a, seen)
			}
		}
	}
	return slices.SortedFunc(maps.Keys(seen), GroupRef.Compare)
}

// sees adds the groups that a may be in with the labels it has.
func (r *router) sees(a *evaluate.Alert, seen map[GroupRef]bool) {
	for _, t := range r.targets(a) {
		seen[t.ref] = true
		if t.node.EscalateTo != "" {
			seen[r.unheeded(t.node.EscalateTo, a).ref] = true
		}
	}
	if a.Kind == evaluate.KindSystem && r.system != nil {
		for _, name := range r.tree.Order {
			seen[r.systemTarget(name, Labels(*a)).ref] = true
		}
	}
}

// asksSeverity reports whether n or a route below it depends on the severity.
func (n *Node) asksSeverity() bool {
	for _, m := range n.Matchers {
		if m.Name == labelSeverity {
			return true
		}
	}
	return slices.Contains(n.GroupBy, labelSeverity) || slices.ContainsFunc(n.Routes, (*Node).asksSeverity)
}
