package route

import (
	"fmt"
	"regexp"
	"strings"
)

// The operators of a matcher.
const (
	opEqual    = "="
	opNotEqual = "!="
	opMatch    = "=~"
	opNotMatch = "!~"
)

// Matcher is one condition on a label, in Alertmanager's syntax: name="x",
// name!="x", name=~"re", name!~"re". A missing label is empty. Build one with
// [ParseMatcher]; a literal works too, but compiles its expression at every use.
type Matcher struct {
	Name  string
	Op    string // =, !=, =~ or !~
	Value string
	re    *regexp.Regexp // anchored; nil for = and !=
}

// Matches reports whether the labels fulfil m.
func (m Matcher) Matches(labels map[string]string) bool {
	value := labels[m.Name]
	switch m.Op {
	case opEqual:
		return value == m.Value
	case opNotEqual:
		return value != m.Value
	}
	re := m.re
	if re == nil {
		var err error
		if re, err = anchored(m.Value); err != nil {
			return false
		}
	}
	switch m.Op {
	case opMatch:
		return re.MatchString(value)
	case opNotMatch:
		return !re.MatchString(value)
	}
	return false
}

// String is m as [ParseMatcher] reads it, the value in quotes.
func (m Matcher) String() string {
	return m.Name + m.Op + `"` + escaper.Replace(m.Value) + `"`
}

// Equal reports whether m and other are the same condition.
func (m Matcher) Equal(other Matcher) bool {
	return m.Name == other.Name && m.Op == other.Op && m.Value == other.Value
}

// escaper writes the three escapes that a quoted value may hold.
var escaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// anchored compiles an expression that must match the whole value, as in
// Alertmanager: https://prometheus.io/docs/alerting/latest/configuration/#matcher
func anchored(value string) (*regexp.Regexp, error) {
	// Compiled alone first: joined with the anchors, a stray parenthesis in the
	// value could pair up with theirs.
	if _, err := regexp.Compile(value); err != nil {
		return nil, err
	}
	return regexp.Compile("^(?:" + value + ")$")
}

// matchersString is how a route is written in a group key: {severity="critical"}.
func matchersString(matchers []Matcher) string {
	texts := make([]string, len(matchers))
	for i, m := range matchers {
		texts[i] = m.String()
	}
	return "{" + strings.Join(texts, ",") + "}"
}

// check reports what [ParseMatcher] would have refused.
func (m Matcher) check() error {
	switch m.Op {
	case opEqual, opNotEqual:
		return nil
	case opMatch, opNotMatch:
		if _, err := anchored(m.Value); err != nil {
			return badExpression(m, err)
		}
		return nil
	}
	return fmt.Errorf("%q is no operator; write =, !=, =~ or !~", m.Op)
}
