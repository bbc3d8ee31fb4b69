package route

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Check reports every mistake in the tree, joined, one a line: receivers and
// labels that do not exist, timers that cannot be, and what Alertmanager
// refuses too.
func (t Tree) Check() error {
	var errs []error
	if t.Root == nil {
		return errors.New("route: there is none; write at least a receiver under it")
	}
	if len(t.Root.Matchers) > 0 {
		errs = append(errs, errors.New("route {}: the root route takes every alert; move its matchers to a route under routes"))
	}
	if t.Root.Continue {
		errs = append(errs, errors.New("route {}: nothing comes after the root route; leave out its continue"))
	}
	errs = append(errs, t.checkReceiver("system_receiver", t.SystemReceiver))
	for _, name := range t.Order {
		errs = append(errs, t.checkReceiver("order of receivers", name))
	}
	errs = append(errs, t.checkInhibit()...)
	return errors.Join(append(errs, t.checkNode(t.Root, nil)...)...)
}

// checkNode checks n and the routes below it.
func (t Tree) checkNode(n *Node, path []string) []error {
	path = append(path[:len(path):len(path)], matchersString(n.Matchers))
	where := "route " + pathKey(path)
	errs := slices.Concat(checkGroupBy(n.GroupBy), checkTimers(n), t.checkTerms(n))
	if n.Receiver == "" {
		errs = append(errs, errors.New("it has no receiver; name one here or in a route above it"))
	}
	for _, m := range n.Matchers {
		errs = append(errs, checkLabel("matchers", m.Name), wrap("matchers", m.check()))
	}
	var all []error
	for _, err := range errs {
		all = append(all, wrap(where, err))
	}
	all = append(all, t.checkReceiver(where, n.Receiver))
	for _, child := range n.Routes {
		all = append(all, t.checkNode(child, path)...)
	}
	return all
}

// wrap puts where err is before it, and leaves nil as it is.
func wrap(where string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", where, err)
}

// checkReceiver refuses a name that is not in Receivers; empty is the caller's business.
func (t Tree) checkReceiver(where, name string) error {
	if _, ok := t.Receivers[name]; ok || name == "" {
		return nil
	}
	if len(t.Receivers) == 0 {
		return fmt.Errorf("%s: no receiver is called %q; there are none", where, name)
	}
	known := strings.Join(slices.Sorted(maps.Keys(t.Receivers)), ", ")
	return fmt.Errorf("%s: no receiver is called %q; write one of %s", where, name, known)
}

// checkLabel refuses names that no alert has: a matcher on a misspelt label
// matches nothing, and nobody would hear of it.
func checkLabel(key, name string) error {
	if slices.Contains(LabelNames[:], name) {
		return nil
	}
	return fmt.Errorf("%s: no alert has a label %q; write one of %s", key, name, strings.Join(LabelNames[:], ", "))
}

func checkGroupBy(names []string) []error {
	var errs []error
	for i, name := range names {
		switch {
		case name == groupByAll && len(names) > 1:
			errs = append(errs, errors.New(`group_by: "..." stands for all labels; leave out the others`))
		case name == groupByAll:
		case slices.Contains(names[:i], name):
			errs = append(errs, fmt.Errorf("group_by: %q is there twice", name))
		default:
			errs = append(errs, checkLabel("group_by", name))
		}
	}
	return errs
}

func checkTimers(n *Node) []error {
	var errs []error
	if n.GroupWait < 0 {
		errs = append(errs, fmt.Errorf("group_wait: %v is negative; write 0s to send at once", n.GroupWait))
	}
	if n.GroupInterval <= 0 {
		errs = append(errs, fmt.Errorf("group_interval: %v is not above zero; write a span such as 5m", n.GroupInterval))
	}
	if n.RepeatInterval <= 0 {
		errs = append(errs, fmt.Errorf("repeat_interval: %v is not above zero; write a span such as 4h", n.RepeatInterval))
	}
	return errs
}
