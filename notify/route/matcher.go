package route

import "regexp"

// Matcher is one condition on a label, in Alertmanager's syntax: name="x",
// name!="x", name=~"re", name!~"re". A missing label is empty. Build one with [ParseMatcher].
type Matcher struct {
	Name  string
	Op    string // =, !=, =~ or !~
	Value string
	re    *regexp.Regexp // anchored; nil for = and !=
}
