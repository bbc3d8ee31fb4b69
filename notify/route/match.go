package route

import "alerter/evaluate"

// Route returns the routes that an alert with these labels goes by, in the
// order of the tree: at each level the first that matches, and those after it
// where it says continue. A route none of whose children match stands for
// itself. Alerts about the service itself do not go by the tree.
func (t Tree) Route(labels map[string]string) []*Node {
	var nodes []*Node
	for _, e := range t.Explain(labels) {
		nodes = append(nodes, e.Node)
	}
	return nodes
}

// Explanation is one route that an alert goes by, and why.
type Explanation struct {
	Node *Node
	// Path holds the matchers of every route on the way, from the root's on,
	// each as in a group key: {}, {severity="critical"}.
	Path []string
	// Group is the group the alert falls into.
	Group GroupRef
	// GroupLabels are the labels of that group.
	GroupLabels map[string]string
}

// Explain is [Tree.Route] with the reasons.
func (t Tree) Explain(labels map[string]string) []Explanation {
	w := walk{labels: labels}
	w.from(t.Root)
	return w.found
}

// systemPath stands in the group keys of alerts about the service itself where
// others have their route.
const systemPath = "{system}"

// target is a group that an alert belongs in.
type target struct {
	ref    GroupRef
	node   *Node
	labels map[string]string // the group labels
}

// router finds the targets of alerts.
type router struct {
	tree   Tree
	system *Node // the route of alerts about the service itself; nil without a root
}

func newRouter(tree Tree, failing map[string]bool) *router {
	r := &router{tree: tree}
	if tree.Root != nil {
		system := *tree.Root
		system.Receiver = tree.systemReceiver(failing)
		r.system = &system
	}
	return r
}

// systemReceiver is the receiver of alerts about the service itself: the one
// that is named for them, else the next one in the file, around its end, that
// is not failing; if all are, the one that is named, whose messages are tried again.
func (t Tree) systemReceiver(failing map[string]bool) string {
	named := t.SystemReceiver
	if named == "" {
		named = t.Root.Receiver
	}
	if !failing[named] {
		return named
	}
	after := 0
	for i, name := range t.Order {
		if name == named {
			after = i + 1
		}
	}
	for i := range t.Order {
		if name := t.Order[(after+i)%len(t.Order)]; !failing[name] {
			return name
		}
	}
	return named
}

// targets returns the groups that a belongs in, each once, in the order of the tree.
func (r *router) targets(a *evaluate.Alert) []target {
	labels := Labels(*a)
	if a.Kind == evaluate.KindSystem {
		if r.system == nil {
			return nil
		}
		return []target{r.systemTarget(r.system.Receiver, labels)}
	}
	var found []target
	for _, e := range r.tree.Explain(labels) {
		if !hasTarget(found, e.Group) {
			found = append(found, target{ref: e.Group, node: e.Node, labels: e.GroupLabels})
		}
	}
	return found
}

// systemTarget is the group of an alert about the service itself, sent to that receiver.
func (r *router) systemTarget(receiver string, labels map[string]string) target {
	by := groupLabels(r.system, labels)
	return target{ref: GroupRef{Receiver: receiver, Key: groupKey(systemPath, by)}, node: r.system, labels: by}
}

func hasTarget(targets []target, ref GroupRef) bool {
	for _, t := range targets {
		if t.ref == ref {
			return true
		}
	}
	return false
}
