package usage

import (
	"cmp"
	"slices"
)

// notes collects what cannot be joined.
type notes struct {
	groups  map[string]Group
	labels  map[string]string // of groups
	outside bool              // there was usage outside workspaces
	found   Unmatched
}

// observable reports whether some report shows the use of l, and notes it otherwise.
func (n *notes) observable(l Limit) bool {
	reason := unobservable(n.groups[l.GroupID].Type, l.Limiter)
	if reason == "" {
		return true
	}
	label := n.labels[l.GroupID]
	if label == "" {
		label = l.GroupID
	}
	n.found.Limiters = append(n.found.Limiters, UnmatchedLimit{
		WorkspaceID: l.WorkspaceID, GroupID: l.GroupID, ModelGroup: label,
		Limiter: l.Limiter, Value: l.Value, Reason: reason,
	})
	return false
}

// usage notes the combinations that were used and counted nowhere.
func (n *notes) usage(c *counter) {
	if n.outside {
		n.model("", "usage outside workspaces (claude.ai or Claude Enterprise), which these limits do not count")
	}
	for _, t := range c.byValue {
		switch {
		case t.gap && t.of.Model == "":
			n.model("", "tokens without a model"+inParentheses(t.of.Product)+", which belong to no model group")
		case t.gap && len(t.places) == 0:
			n.model(t.of.Model, "no model group lists it, so no limit of it is known")
		case t.gap:
			n.model(t.of.Model, "no model group listed it in a part of the time looked at")
		}
		if !t.lackedFast {
			continue
		}
		for _, p := range t.places {
			if p.lacksFast {
				n.model(t.of.Model, "fast mode, for which "+n.labels[p.groupID]+" has no limit of its own")
			}
		}
	}
}

// model notes a model.
func (n *notes) model(model, reason string) {
	n.found.Models = append(n.found.Models, UnmatchedModel{Model: model, Reason: reason})
}

// sorted is what was found, each thing once.
func (n *notes) sorted() Unmatched {
	slices.SortFunc(n.found.Models, func(x, y UnmatchedModel) int {
		return cmp.Or(cmp.Compare(x.Model, y.Model), cmp.Compare(x.Reason, y.Reason))
	})
	slices.SortFunc(n.found.Limiters, func(x, y UnmatchedLimit) int {
		return cmp.Or(cmp.Compare(x.WorkspaceID, y.WorkspaceID), cmp.Compare(x.GroupID, y.GroupID),
			cmp.Compare(x.Limiter, y.Limiter))
	})
	n.found.Models = slices.Compact(n.found.Models)
	return n.found
}
