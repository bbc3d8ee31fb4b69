package route

// Outcome is what becomes of an alert at one route.
type Outcome string

// The outcomes at a route.
const (
	Taken   Outcome = "taken"   // the alert goes to the route's receiver
	Passed  Outcome = "passed"  // the route matches, and routes below it take the alert
	Refused Outcome = "refused" // a matcher does not match
	Skipped Outcome = "skipped" // not tried: a route before it matches and does not say continue
)

// Visit is one route as the tree is walked for an alert. The routes below one
// that is refused or skipped are not visited.
type Visit struct {
	Depth   int // 0: the root
	Outcome Outcome
	// Against is the first matcher that does not match; nil unless Refused.
	Against *Matcher
	// Explanation has only its Node unless Taken.
	Explanation
}

// Walk is how an alert with these labels goes through the tree, in the order of
// the file: at each level to the first route that matches, and to those after it
// where that says continue. A route none of whose children match takes the
// alert itself. Alerts about the service itself do not go by the tree.
func (t Tree) Walk(labels map[string]string) []Visit {
	w := walk{labels: labels, all: true}
	w.from(t.Root)
	return w.visits
}

// walk is one way through a tree.
type walk struct {
	labels map[string]string
	found  []Explanation // the routes that take the alert
	visits []Visit       // every route on the way, if all
	all    bool          // else found is enough: a step walks for each of its alerts
}

func (w *walk) from(root *Node) {
	if root != nil {
		w.visit(root, nil)
	}
}

// visit walks n, which is reached by path, and reports whether it matches.
func (w *walk) visit(n *Node, path []string) bool {
	m := against(n.Matchers, w.labels)
	i := w.note(Visit{Depth: len(path), Outcome: Refused, Against: m, Explanation: Explanation{Node: n}})
	if m != nil {
		return false
	}
	path = append(path[:len(path):len(path)], matchersString(n.Matchers))
	passed, over := false, false
	for _, child := range n.Routes {
		switch {
		case over:
			w.note(Visit{Depth: len(path), Outcome: Skipped, Explanation: Explanation{Node: child}})
		case w.visit(child, path):
			passed, over = true, !child.Continue
		}
	}
	end := Visit{Depth: len(path) - 1, Outcome: Passed, Explanation: Explanation{Node: n}}
	if !passed {
		by := groupLabels(n, w.labels)
		end.Outcome = Taken
		end.Explanation = Explanation{
			Node: n, Path: path, GroupLabels: by, Group: GroupRef{Receiver: n.Receiver, Key: groupKey(pathKey(path), by)},
		}
		w.found = append(w.found, end.Explanation)
	}
	if w.all {
		w.visits[i] = end
	}
	return true
}

// note remembers a visit, if all are wanted, and says where.
func (w *walk) note(v Visit) int {
	if w.all {
		w.visits = append(w.visits, v)
	}
	return len(w.visits) - 1
}

// against is the first matcher that the labels do not fulfil; nil if they fulfil all.
func against(matchers []Matcher, labels map[string]string) *Matcher {
	for i := range matchers {
		if !matchers[i].Matches(labels) {
			return &matchers[i]
		}
	}
	return nil
}
