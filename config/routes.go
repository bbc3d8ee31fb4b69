package config

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"alerter/evaluate"
	"alerter/notify/route"
)

// routeKeys is a route. What is nil comes from the route above it.
type routeKeys struct {
	Receiver            string             `yaml:"receiver" jsonschema_description:"The receiver's name. Default: the one of the route above."`
	Matchers            []string           `yaml:"matchers,omitempty" jsonschema_description:"Alerts whose labels fulfil all of these: name=\"x\", !=, =~ and !~ with an anchored regular expression."`
	GroupBy             *[]string          `yaml:"group_by" jsonschema_description:"Alerts with the same values of these labels share a message; [...] for every alert its own, [] for one group."`
	GroupWait           *evaluate.Duration `yaml:"group_wait" jsonschema:"default=10s" jsonschema_description:"Wait this long for more alerts of a new group."`
	GroupInterval       *evaluate.Duration `yaml:"group_interval" jsonschema:"default=5m" jsonschema_description:"Wait this long between messages about changes of a group."`
	RepeatInterval      *evaluate.Duration `yaml:"repeat_interval" jsonschema:"default=4h" jsonschema_description:"Remind this often of what still lasts."`
	Continue            bool               `yaml:"continue" jsonschema_description:"Try the routes after this one too."`
	NotifyInfo          *bool              `yaml:"notify_info" jsonschema_description:"Send info too, which is otherwise only shown. Default: as the route above, else false."`
	NotifyEased         *bool              `yaml:"notify_eased" jsonschema_description:"Say it in a message of its own when an alert eases to a lower severity. Default: as the route above, else false."`
	MuteTimeIntervals   []string           `yaml:"mute_time_intervals,omitempty" jsonschema_description:"Names from time_intervals: nothing is told while one of them holds, but for the end of what was told. Each route's own."`
	ActiveTimeIntervals []string           `yaml:"active_time_intervals,omitempty" jsonschema_description:"Names from time_intervals: nothing is told unless one of them holds. Each route's own."`
	EscalateAfter       *evaluate.Duration `yaml:"escalate_after,omitempty" jsonschema_description:"Tell escalate_to too when nobody has acknowledged for so long. Default: as the route above, else never."`
	EscalateTo          string             `yaml:"escalate_to,omitempty" jsonschema_description:"The receiver to tell then."`
	ReminderBackoff     *float64           `yaml:"reminder_backoff,omitempty" jsonschema:"minimum=1,default=1" jsonschema_description:"Each reminder comes later than the one before by this factor, until something fires or gets worse."`
	Flap                *flapKeys          `yaml:"flap,omitempty" jsonschema_description:"Tell an alert that changes this often once, and then only when it is worse or has stopped. Default: as the route above, else never."`
	Routes              []*routeKeys       `yaml:"routes,omitempty" jsonschema_description:"Routes below this one. The first that matches takes the alert, unless it says continue."`
}

// flapKeys say when an alert changes too often to be told each time.
type flapKeys struct {
	Changes int               `yaml:"changes" jsonschema:"required,minimum=2" jsonschema_description:"So many changes of its severity, beginnings and ends included ..."`
	Within  evaluate.Duration `yaml:"within" jsonschema:"required" jsonschema_description:"... within this time."`
}

func (k *flapKeys) flap() route.Flap {
	return route.Flap{Changes: k.Changes, Within: time.Duration(k.Within)}
}

// rootDefaults are what the root route does not say: Alertmanager's values, but
// for group_wait.
func rootDefaults() *routeKeys {
	return &routeKeys{
		GroupBy:        &[]string{},
		GroupWait:      ref(evaluate.Duration(10 * time.Second)),
		GroupInterval:  ref(evaluate.Duration(5 * time.Minute)),
		RepeatInterval: ref(evaluate.Duration(4 * time.Hour)),
		NotifyInfo:     ref(false),
		NotifyEased:    ref(false),
	}
}

// ref is a pointer to a copy of v.
func ref[T any](v T) *T { return &v }

// tree checks who hears of what.
func (c *checks) tree() route.Tree {
	t := route.Tree{Receivers: map[string]route.ReceiverOptions{}}
	for _, r := range c.file.Receivers {
		if _, twice := t.Receivers[r.Name]; !twice && r.Name != "" {
			t.Order = append(t.Order, r.Name)
			t.Receivers[r.Name] = route.ReceiverOptions{SendResolved: *r.SendResolved}
		}
	}
	at := c.rootRoute(t.Order)
	if c.file.Route == nil {
		return t
	}
	root := c.file.Route
	if len(root.Matchers) > 0 {
		c.fault(spot(at, "matchers"), "the root route takes every alert: move its matchers to a route under routes")
	}
	if root.Continue {
		c.fault(spot(at, "continue"), "nothing comes after the root route: leave out continue")
	}
	if len(c.file.Receivers) == 1 && len(t.Order) == 1 && value(at, "receiver") == nil {
		root.Receiver = t.Order[0] // there is nothing to choose
	}
	t.Intervals, t.Inhibit = c.intervals(), c.inhibitRules()
	t.Root = c.node(at, root, rootDefaults(), t)
	c.systemReceiver(root.Receiver, t.Order)
	t.SystemReceiver = c.file.SystemReceiver
	if len(c.problems)+len(c.unset) == 0 {
		if err := t.Check(); err != nil { // says again what is checked here, in case it ever knows more
			c.fault(at, "%s", err)
		}
		c.unusedReceivers(t)
	}
	return t
}

// rootRoute finds the root route, or makes it where there is nothing to choose.
func (c *checks) rootRoute(receivers []string) *yaml.Node {
	at := value(c.root, "route")
	if at != nil && !isNull(at) {
		return at
	}
	switch len(c.file.Receivers) {
	case 0: // which is reported where receivers are
	case 1:
		if len(receivers) == 1 {
			c.file.Route = &routeKeys{}
		}
	default:
		c.missing(spot(c.root, "route"), "route is missing: with several receivers, say which is told, such as route: {receiver: console}")
	}
	return emptyMapping(c.root)
}

// systemReceiver checks who is told about the service itself.
func (c *checks) systemReceiver(root string, receivers []string) {
	if c.file.SystemReceiver == "" {
		c.file.SystemReceiver = root
		return
	}
	c.receiverName(spot(c.root, "system_receiver"), c.file.SystemReceiver, receivers)
}

// receiverName checks that a receiver exists.
func (c *checks) receiverName(at *yaml.Node, name string, receivers []string) {
	// A receiver whose own name could not be read would be missed here, and that
	// is not this place's mistake.
	if !slices.Contains(receivers, name) && c.allReceiversNamed() {
		c.fault(at, "there is no receiver %q%s", name, didYouMean(name, receivers))
	}
}

// allReceiversNamed reports whether the names of all receivers are known.
func (c *checks) allReceiversNamed() bool {
	for _, r := range c.file.Receivers {
		if r.Name == "" {
			return false
		}
	}
	return len(c.file.Receivers) > 0
}

// node checks one route and those below it, and fills in what its parent decides.
func (c *checks) node(at *yaml.Node, k, parent *routeKeys, t route.Tree) *route.Node {
	k.inherit(parent)
	switch {
	case k.Receiver == "" && c.ok(spot(at, "receiver")):
		c.missing(at, "the root route has no receiver: name one")
	case k.Receiver != "" && value(at, "receiver") != nil:
		c.receiverName(spot(at, "receiver"), k.Receiver, t.Order)
	}
	if value(at, "escalate_to") != nil {
		c.receiverName(spot(at, "escalate_to"), k.EscalateTo, t.Order)
	}
	c.groupBy(at, *k.GroupBy)
	for key, d := range map[string]*evaluate.Duration{"group_interval": k.GroupInterval, "repeat_interval": k.RepeatInterval} {
		if *d == 0 {
			c.fault(spot(at, key), "%s is more than 0s", key)
		}
	}
	n := &route.Node{
		Receiver: k.Receiver, Matchers: c.matchers(at, k.Matchers), GroupBy: *k.GroupBy,
		GroupWait: time.Duration(*k.GroupWait), GroupInterval: time.Duration(*k.GroupInterval),
		RepeatInterval: time.Duration(*k.RepeatInterval),
		Continue:       k.Continue, NotifyInfo: *k.NotifyInfo, NotifyEased: *k.NotifyEased,
		Terms: c.terms(at, k, at == value(c.root, "route"), t.Intervals),
	}
	list := spot(at, "routes")
	for i, below := range k.Routes {
		if below == nil {
			continue // an entry that could not be read
		}
		if i > 0 && takesAll(k.Routes[i-1]) {
			c.warn(item(list, i), "this route is never reached: the one before it takes every alert")
		}
		n.Routes = append(n.Routes, c.node(item(list, i), below, k, t))
	}
	return n
}

// takesAll reports whether no alert gets past a route.
func takesAll(k *routeKeys) bool { return k != nil && len(k.Matchers) == 0 && !k.Continue }

// inherit takes from the route above what k does not say. Whether to continue, and
// the times at which it tells nothing, are each route's own, as in Alertmanager.
func (k *routeKeys) inherit(parent *routeKeys) {
	k.Receiver = cmp.Or(k.Receiver, parent.Receiver)
	k.GroupBy = cmp.Or(k.GroupBy, parent.GroupBy)
	k.GroupWait = cmp.Or(k.GroupWait, parent.GroupWait)
	k.GroupInterval = cmp.Or(k.GroupInterval, parent.GroupInterval)
	k.RepeatInterval = cmp.Or(k.RepeatInterval, parent.RepeatInterval)
	k.NotifyInfo = cmp.Or(k.NotifyInfo, parent.NotifyInfo)
	k.NotifyEased = cmp.Or(k.NotifyEased, parent.NotifyEased)
	k.EscalateAfter = cmp.Or(k.EscalateAfter, parent.EscalateAfter)
	k.EscalateTo = cmp.Or(k.EscalateTo, parent.EscalateTo)
	k.ReminderBackoff = cmp.Or(k.ReminderBackoff, parent.ReminderBackoff)
	k.Flap = cmp.Or(k.Flap, parent.Flap)
}

// groupBy checks the labels that alerts are grouped by.
func (c *checks) groupBy(at *yaml.Node, labels []string) {
	list := value(at, "group_by")
	if list == nil {
		return
	}
	for i, label := range labels {
		switch {
		case label == "..." && len(labels) > 1:
			c.fault(item(list, i), "... groups by all labels, so no other stands beside it")
		case label == "...":
		case slices.Contains(labels[:i], label):
			c.fault(item(list, i), "the label %q is there already", label)
		default:
			c.label(item(list, i), label)
		}
	}
}

// label checks the name of a label: alerts have these and no others, so that
// anything else would never match.
func (r *report) label(at *yaml.Node, name string) {
	labels := route.LabelNames[:]
	if !slices.Contains(labels, name) {
		r.fault(at, "no alert has a label %q%s: there are %s", name, didYouMean(name, labels), strings.Join(labels, ", "))
	}
}

// matcher parses one condition, and reports whether it is one.
func (r *report) matcher(at *yaml.Node, text string) (m route.Matcher, is bool) {
	if !r.ok(at) {
		return m, false
	}
	m, err := route.ParseMatcher(text)
	if err != nil {
		r.fault(at, "%s", err)
		return m, false
	}
	r.label(at, m.Name)
	return m, true
}

// matchers parses the conditions of a route.
func (c *checks) matchers(at *yaml.Node, texts []string) []route.Matcher {
	return c.matchersAt(at, "matchers", texts)
}

// matchersAt parses the conditions under a key.
func (c *checks) matchersAt(at *yaml.Node, key string, texts []string) []route.Matcher {
	var all []route.Matcher
	list := spot(at, key)
	for i, text := range texts {
		if m, is := c.matcher(item(list, i), text); is {
			c.matcherValue(item(list, i), m)
			all = append(all, m)
		}
	}
	return all
}

// unusedReceivers warns of receivers that nothing is sent to.
func (c *checks) unusedReceivers(t route.Tree) {
	used := []string{t.SystemReceiver}
	var walk func(*route.Node)
	walk = func(n *route.Node) {
		used = append(used, n.Receiver, n.EscalateTo)
		for _, below := range n.Routes {
			walk(below)
		}
	}
	walk(t.Root)
	list := spot(c.root, "receivers")
	for i, r := range c.file.Receivers {
		if !slices.Contains(used, r.Name) && !r.Digest {
			c.warn(spot(item(list, i), "name"), "no route names the receiver %q", r.Name)
		}
	}
}
