package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"alerter/evaluate"
)

// ruleKeys is one entry of rules: the common keys, and the kind's under a key of
// the kind's name.
type ruleKeys struct {
	Alert          string             `yaml:"alert" jsonschema:"required" jsonschema_description:"The alert's name; each name once."`
	For            *evaluate.Duration `yaml:"for,omitempty" jsonschema_description:"A level must hold this long before it fires. The default depends on the kind."`
	KeepFiringFor  *evaluate.Duration `yaml:"keep_firing_for,omitempty" jsonschema_description:"And be clear this long before the alert ends. The default depends on the kind."`
	RepeatInterval *evaluate.Duration `yaml:"repeat_interval,omitempty" jsonschema_description:"Remind this often while it lasts. Default: the kind's, else the route's."`
	Match          evaluate.Match     `yaml:"match,omitempty" jsonschema_description:"Only series whose labels match: globs (* and ?), one or a list. Default: all."`

	condition evaluate.Condition // nil where the rule has no kind
	kind      evaluate.Kind
	merged    *yaml.Node // the kind's keys with those of the rule that belong to the kind
}

// timeKeys are the common keys that do nothing where alerts end as they begin.
var timeKeys = []string{"for", "keep_firing_for", "repeat_interval"}

// decodeNode reads a rule: which keys it may have depends on the kind it has.
func (k *ruleKeys) decodeNode(d *decoder, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, "a rule (alert: …)")
		return
	}
	name := k.findKind(d, n)
	k.merged = emptyMapping(n)
	if own := value(n, name); own != nil {
		k.merged = k.kindMapping(d, name, own)
	}
	rest := k.split(d, n)
	type commonKeys ruleKeys // without this method
	common := commonKeys(*k)
	d.into(rest, &common)
	*k = ruleKeys(common)
	if k.condition != nil {
		d.into(k.merged, k.condition)
	}
}

// split adds the keys beside the kind that belong to it to merged, and returns
// the common ones.
func (k *ruleKeys) split(d *decoder, n *yaml.Node) (common *yaml.Node) {
	keys := slices.Collect(maps.Keys(fieldsOf(reflect.ValueOf(k).Elem())))
	common = emptyMapping(n)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		switch {
		case slices.Contains(k.kind.Keys, key.Value):
			k.merged.Content = append(k.merged.Content, key, val)
		case k.kind.Momentary && slices.Contains(timeKeys, key.Value):
			d.fault(key, "a %s rule has no %s: its alerts end as they begin", k.condition.Kind(), key.Value)
		case slices.Contains(keys, key.Value):
			common.Content = append(common.Content, key, val)
		case !slices.Contains(evaluate.Kinds(), key.Value):
			unknownRuleKey(d, key, slices.Concat(keys, evaluate.Kinds(), k.kind.Keys))
		}
	}
	return common
}

// findKind finds the one key that is a rule kind, and sets the kind and its
// condition with the defaults.
func (k *ruleKeys) findKind(d *decoder, n *yaml.Node) string {
	found := ""
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		kind, ok := evaluate.KindOf(key.Value)
		switch {
		case !ok || key.Value == found:
		case found != "":
			d.fault(key, "a rule has one kind, and this one is %s already", found)
		default:
			found, k.kind, k.condition = key.Value, kind, kind.New()
		}
	}
	if found == "" && !k.hasUnknown(n) {
		d.fault(n, "the rule has no kind: write one of %s", strings.Join(evaluate.Kinds(), ", "))
	}
	return found
}

// hasUnknown reports whether a rule has a key that is not known, which may be
// its kind misspelt.
func (k *ruleKeys) hasUnknown(n *yaml.Node) bool {
	common := fieldsOf(reflect.ValueOf(k).Elem())
	for i := 0; i+1 < len(n.Content); i += 2 {
		if _, known := common[n.Content[i].Value]; !known {
			return true
		}
	}
	return false
}

// kindMapping copies what stands under the kind's key, less the keys that stand
// beside it.
func (k *ruleKeys) kindMapping(d *decoder, name string, own *yaml.Node) *yaml.Node {
	c := emptyMapping(own)
	if isNull(own) {
		return c
	}
	if own.Kind != yaml.MappingNode {
		d.wrongType(own, "keys and values such as {warning: …}")
		return c
	}
	for i := 0; i+1 < len(own.Content); i += 2 {
		key := own.Content[i]
		if slices.Contains(k.kind.Keys, key.Value) {
			d.fault(key, "%q stands beside %s, not in it", key.Value, name)
			continue
		}
		c.Content = append(c.Content, key, own.Content[i+1])
	}
	return c
}

// unknownRuleKey reports a key that no rule has, or only rules of another kind.
func unknownRuleKey(d *decoder, key *yaml.Node, known []string) {
	for _, name := range evaluate.Kinds() {
		if kind, _ := evaluate.KindOf(name); slices.Contains(kind.Keys, key.Value) {
			d.fault(key, "unknown key %q (only rules of kind %s have it)", key.Value, name)
			return
		}
	}
	d.unknownKey(key, known)
}

// emptyMapping is a mapping that stands where n does.
func emptyMapping(n *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column}
}

// rules checks what is watched for.
func (c *checks) rules() []evaluate.Rule {
	list := spot(c.root, "rules")
	var all []evaluate.Rule
	names := map[string]bool{}
	for i := range c.file.Rules {
		k, n := &c.file.Rules[i], item(list, i)
		c.ruleName(k.Alert, n, names)
		if k.condition == nil {
			continue
		}
		rule := k.rule()
		if k.RepeatInterval != nil && *k.RepeatInterval == 0 {
			c.fault(spot(n, "repeat_interval"), "repeat_interval is more than 0s: leave it out for the route's")
		}
		c.condition(n, k, rule.Condition)
		c.matchLimiters(n, k.Match)
		all = append(all, rule)
	}
	if len(all) == 0 && len(c.problems) == 0 {
		c.warn(list, "there are no rules: nothing is watched for")
	}
	return all
}

// ruleName checks the name of an alert.
func (c *checks) ruleName(name string, n *yaml.Node, names map[string]bool) {
	at := spot(n, "alert")
	switch {
	case n.Kind != yaml.MappingNode:
	case name == "":
		c.missing(at, "alert is missing: give the rule a name, such as alert: LimitPressure")
	case !isLine(name):
		c.fault(at, "alert: a name is one line without spaces around it")
	case strings.HasPrefix(name, "Alerter"):
		c.fault(at, "alert: names that begin with Alerter are for alerts about the service itself")
	case names[name]:
		c.fault(at, "there is a rule %q already", name)
	}
	names[name] = true
}

// rule is the rule with its kind's defaults; what the file leaves out is filled
// in here too, so that it is shown.
func (k *ruleKeys) rule() evaluate.Rule {
	if k.kind.Momentary {
		return evaluate.Rule{Alert: k.Alert, Condition: k.condition, Match: k.Match}
	}
	fallback := func(written **evaluate.Duration, kind time.Duration) time.Duration {
		if *written == nil {
			d := evaluate.Duration(kind)
			*written = &d
		}
		return time.Duration(**written)
	}
	r := evaluate.Rule{
		Alert: k.Alert, Condition: k.condition, Match: k.Match,
		For:           fallback(&k.For, k.kind.For),
		KeepFiringFor: fallback(&k.KeepFiringFor, k.kind.KeepFiringFor),
	}
	if k.RepeatInterval != nil || k.kind.RepeatInterval != 0 {
		r.RepeatInterval = fallback(&k.RepeatInterval, k.kind.RepeatInterval)
	}
	return r
}

// condition places what the condition says of its parameters: each message
// starts with the key it is about.
func (c *checks) condition(n *yaml.Node, k *ruleKeys, condition evaluate.Condition) {
	own := value(n, condition.Kind())
	if own == nil || !c.ok(own) {
		return
	}
	for _, err := range flatten(condition.Check()) {
		message := err.Error()
		if v := value(k.merged, leadingKey(message)); v != nil {
			c.fault(v, "%s%s", message, shareHint(v.Value))
			continue
		}
		c.missing(k.merged, "%s", message)
	}
}

// shareHint is what somebody means who writes 85 for 85%.
func shareHint(written string) string {
	var share evaluate.Share
	if strings.HasSuffix(written, "%") || share.UnmarshalText([]byte(written)) != nil || share <= 1 {
		return ""
	}
	return fmt.Sprintf(" (%s is %s; did you mean %s%%?)", written, share, written)
}

// leadingKey is the key that a check's message starts with.
func leadingKey(message string) string {
	end := strings.IndexFunc(message, func(c rune) bool { return !isKeyLetter(c) })
	if end < 0 {
		return message
	}
	return message[:end]
}

// flatten lists the errors joined in err, and those joined in these.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}
