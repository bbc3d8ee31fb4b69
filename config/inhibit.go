package config

import (
	"maps"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	"alerter/evaluate"
	"alerter/notify/route"
)

// inhibitKeys is one entry of inhibit_rules.
type inhibitKeys struct {
	SourceMatchers []string `yaml:"source_matchers" jsonschema:"required,minItems=1" jsonschema_description:"While an alert fires that fulfils all of these ..."`
	TargetMatchers []string `yaml:"target_matchers" jsonschema:"required,minItems=1" jsonschema_description:"... alerts that fulfil all of these are not told ..."`
	Equal          []string `yaml:"equal,omitempty" jsonschema_description:"... if they have the same values of these labels."`
}

// inhibitRules checks which alerts keep others quiet.
func (c *checks) inhibitRules() (all []route.InhibitRule) {
	list := spot(c.root, "inhibit_rules")
	for i, k := range c.file.InhibitRules {
		at := item(list, i)
		for key, texts := range map[string][]string{"source_matchers": k.SourceMatchers, "target_matchers": k.TargetMatchers} {
			if len(texts) == 0 && c.ok(spot(at, key)) {
				c.missing(at, "the inhibit rule has no %s: it would be about every alert", key)
			}
		}
		for j, label := range k.Equal {
			c.label(item(spot(at, "equal"), j), label)
		}
		all = append(all, route.InhibitRule{
			Source: c.matchersAt(at, "source_matchers", k.SourceMatchers),
			Target: c.matchersAt(at, "target_matchers", k.TargetMatchers), Equal: k.Equal,
		})
	}
	return all
}

// terms checks what a route says beyond whom it tells and its timers.
func (c *checks) terms(at *yaml.Node, k *routeKeys, root bool, intervals map[string][]route.TimeInterval) (t route.Terms) {
	for key, names := range map[string][]string{"mute_time_intervals": k.MuteTimeIntervals, "active_time_intervals": k.ActiveTimeIntervals} {
		if root && len(names) > 0 {
			c.fault(spot(at, key), "the root route tells at any time: write %s in a route under routes", key)
		}
		for i, name := range names {
			if _, ok := intervals[name]; !ok {
				c.fault(item(spot(at, key), i), "there is no time interval %q%s", name, didYouMean(name, slices.Sorted(maps.Keys(intervals))))
			}
		}
	}
	t.MuteTimeIntervals, t.ActiveTimeIntervals = k.MuteTimeIntervals, k.ActiveTimeIntervals
	c.escalation(at, k, &t)
	if k.ReminderBackoff != nil {
		t.ReminderBackoff = *k.ReminderBackoff
		if here := value(at, "reminder_backoff"); here != nil && t.ReminderBackoff < 1 {
			c.fault(here, "reminder_backoff is 1 or more: the factor by which each reminder comes later")
		}
	}
	if k.Flap != nil {
		t.Flap = k.Flap.flap()
		if here := value(at, "flap"); here != nil && (t.Flap.Changes < 2 || t.Flap.Within <= 0) {
			c.fault(here, "flap says how many changes, at least 2, within which span, such as {changes: 6, within: 1h}")
		}
	}
	return t
}

// escalation checks whom a route tells of what nobody acknowledges. What it takes
// from the route above it ends, for those below too, where its own receiver is the one.
func (c *checks) escalation(at *yaml.Node, k *routeKeys, t *route.Terms) {
	after, to := value(at, "escalate_after") != nil, value(at, "escalate_to") != nil
	switch {
	case after && k.EscalateTo == "" && *k.EscalateAfter > 0:
		c.missing(at, "escalate_after has no escalate_to: say who is told too")
	case to && (k.EscalateAfter == nil || *k.EscalateAfter == 0):
		c.missing(at, "escalate_to has no escalate_after: say after how long, such as 15m")
	case to && k.EscalateTo == k.Receiver:
		c.fault(spot(at, "escalate_to"), "the receiver %q is told already: name another one", k.EscalateTo)
	}
	if k.EscalateAfter == nil || *k.EscalateAfter == 0 || k.EscalateTo == "" || k.EscalateTo == k.Receiver {
		if k.EscalateTo = ""; k.EscalateAfter != nil {
			k.EscalateAfter = ref(evaluate.Duration(0))
		}
		return
	}
	t.EscalateAfter, t.EscalateTo = time.Duration(*k.EscalateAfter), k.EscalateTo
}
