package route_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"alerter/evaluate"
	"alerter/notify/route"
)

// life is a caller of Step with an outbox, as the service is one.
type life struct {
	at      time.Time
	trees   []route.Tree
	tree    route.Tree
	groups  map[route.GroupRef]route.Group
	outbox  []route.Message // not gone yet, in the order they came
	gone    map[string]bool // keys of messages that went
	alerts  []*evaluate.Alert
	over    map[string]bool // episodes
	heard   map[string]*hearing
	current map[string]string            // by receiver and alert: the episode it was last told of
	toldAt  map[route.GroupRef]time.Time // when the newest message that went was decided that told of something that fires

	views
	silences []route.Silence
	acks     []route.Ack
	updates  map[string]bool              // keys of updates
	shownAt  map[route.GroupRef]time.Time // when the newest message or update that went was decided
}

func newLife(t *rapid.T) *life {
	p := &life{
		at:     time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		trees:  []route.Tree{drawTree(t), drawTree(t)},
		groups: map[route.GroupRef]route.Group{}, gone: map[string]bool{},
		over: map[string]bool{}, heard: map[string]*hearing{}, current: map[string]string{},
		toldAt: map[route.GroupRef]time.Time{}, shownAt: map[route.GroupRef]time.Time{}, updates: map[string]bool{}, views: newViews(),
	}
	p.tree = p.trees[0]
	for i := range 5 {
		a := &evaluate.Alert{
			Fingerprint: evaluate.Fingerprint(fmt.Sprintf("a%d", i)), State: evaluate.Inactive,
			Rule: []string{"LimitPressure", "DataStale", "LimitPressure", "DataStale", "LimitChanged"}[i], Kind: "pressure",
		}
		a.Labels.Workspace = []string{"", "prod", "dev"}[i%3]
		a.RepeatInterval = []time.Duration{0, time.Hour}[i%2]
		p.alerts = append(p.alerts, a)
	}
	return p
}

// drawTree makes a tree in which each receiver has one route, so that what a
// receiver hears of an episode can be counted over all its groups.
func drawTree(t *rapid.T) route.Tree {
	tree := route.Tree{Receivers: map[string]route.ReceiverOptions{}}
	nodes := []*route.Node{}
	for i := range rapid.IntRange(1, 5).Draw(t, "routes") {
		name := fmt.Sprintf("r%d", i)
		tree.Order = append(tree.Order, name)
		n := drawNode(t, name)
		if i > 0 {
			n.Matchers = drawMatchers(t)
			n.Continue = rapid.Bool().Draw(t, "continue")
			parent := rapid.SampledFrom(nodes).Draw(t, "parent")
			parent.Routes = append(parent.Routes, n)
		}
		nodes = append(nodes, n)
	}
	// Every tree knows every receiver, whether it has a route or not.
	for i := range 5 {
		tree.Receivers[fmt.Sprintf("r%d", i)] = route.ReceiverOptions{SendResolved: i != 1, Edits: i%2 == 0}
	}
	for i := range 5 {
		tree.Receivers[fmt.Sprintf("b%d", i)] = route.ReceiverOptions{SendResolved: true, Edits: true}
	}
	tree.Root = nodes[0]
	drawQuiet(t, &tree)
	return tree
}

func drawNode(t *rapid.T, receiver string) *route.Node {
	second := func(name string, of ...int) time.Duration {
		return time.Duration(rapid.SampledFrom(of).Draw(t, name)) * time.Second
	}
	return &route.Node{
		Receiver:       receiver,
		GroupBy:        rapid.SampledFrom([][]string{nil, {"alertname"}, {"workspace"}, {"alertname", "severity"}, {"..."}}).Draw(t, "group_by"),
		GroupWait:      second("wait", 0, 10, 90),
		GroupInterval:  second("interval", 30, 300),
		RepeatInterval: second("repeat", 20, 900, 14400),
		NotifyInfo:     rapid.Bool().Draw(t, "notify_info"),
		NotifyEased:    rapid.Bool().Draw(t, "notify_eased"),
		Terms:          drawTerms(t, "b"+receiver[1:]),
	}
}

func drawMatchers(t *rapid.T) []route.Matcher {
	texts := rapid.SliceOfN(rapid.SampledFrom([]string{
		`severity="critical"`, `severity!="info"`, `workspace=~"p.*"`, `workspace=""`, `alertname!~"Data.*"`,
	}), 0, 2).Draw(t, "matchers")
	return matchers(t, texts...)
}

// randomStep lets time pass and something happen.
func (p *life) randomStep(t *rapid.T) {
	p.pass(t, time.Duration(rapid.SampledFrom([]int{1, 5, 10, 60, 60, 60, 300, 3600}).Draw(t, "pass"))*time.Second)
	if rapid.IntRange(0, 12).Draw(t, "takes early") == 0 {
		p.takeEarly(t)
	}
	var notices []evaluate.Notice
	for _, a := range p.alerts {
		a.Reading.DataAsOf = p.at
		if n, ok := p.randomNotice(t, a); ok {
			notices = append(notices, n)
		}
	}
	switch rapid.IntRange(0, 13).Draw(t, "event") {
	case 12, 13:
		p.fail(t)
	case 9, 10:
		p.silence(t)
	case 11:
		p.acknowledge(t)
	case 0:
		p.tree = rapid.SampledFrom(p.trees).Draw(t, "tree")
		notices = p.renotice(notices)
	}
	p.step(t, notices)
}

func (p *life) randomNotice(t *rapid.T, a *evaluate.Alert) (evaluate.Notice, bool) {
	what := rapid.IntRange(0, 7).Draw(t, "what")
	severity := rapid.SampledFrom(evaluate.Severities[:]).Draw(t, "severity")
	reason := evaluate.Fired
	momentary := a.Rule == "LimitChanged"
	switch {
	case a.State != evaluate.Firing && what < 2 && !momentary:
		a.State, a.FiredAt, a.Severity = evaluate.Firing, p.at, severity
	case a.State != evaluate.Firing && what < 2:
		a.State, a.FiredAt, a.Severity, a.ResolvedAt = evaluate.Resolved, p.at, severity, p.at
		p.over[episodeName(a.Fingerprint, a.FiredAt)] = true
	case a.State != evaluate.Firing:
		return evaluate.Notice{}, false
	case what == 0:
		reason = p.end(a, evaluate.Resolved)
	case what == 1:
		reason = p.end(a, evaluate.Withdrawn)
	case what == 2: // said again, as it is
	case what < 5 && severity.Rank() > a.Severity.Rank():
		a.Severity, reason = severity, evaluate.Escalated
	case what < 5 && severity.Rank() < a.Severity.Rank():
		a.Severity, reason = severity, evaluate.Eased
	default:
		return evaluate.Notice{}, false
	}
	if reason != evaluate.Fired || a.FiredAt.Equal(p.at) {
		p.changed[a.Fingerprint] = p.at
	}
	if a.FiredAt.Equal(p.at) || a.Severity.Rank() > a.Worst.Rank() {
		a.Worst = a.Severity
	}
	return evaluate.Notice{At: p.at, Reason: reason, Alert: *a}, true
}

func (p *life) end(a *evaluate.Alert, state evaluate.State) evaluate.Reason {
	a.State, a.ResolvedAt = state, p.at
	p.over[episodeName(a.Fingerprint, a.FiredAt)] = true
	return evaluate.Reason(state)
}

// renotice is what a reload does: every alert that fires is noticed.
func (p *life) renotice(notices []evaluate.Notice) []evaluate.Notice {
	for _, a := range p.alerts {
		if a.State == evaluate.Firing {
			notices = append(notices, evaluate.Notice{At: p.at, Reason: evaluate.Fired, Alert: *a})
		}
	}
	return notices
}

// step takes one step with the groups it needs, and does what it says.
func (p *life) step(t *rapid.T, notices []evaluate.Notice) {
	in := p.input(notices)
	res := route.Step(p.at, p.tree, in)
	p.log(t, notices, res)

	turned := in
	turned.Notices = rapid.Permutation(notices).Draw(t, "turned")
	turned.Silences = rapid.Permutation(in.Silences).Draw(t, "turned silences")
	if diff := cmp.Diff(res, route.Step(p.at, p.tree, turned), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("other order of notices, got differs:\n%s", diff)
	}
	p.checkExplained(t, res)
	for _, m := range res.Messages {
		p.checkQuiet(t, m)
		p.enqueue(t, m)
	}
	for _, key := range res.Cancelled {
		n := len(p.outbox)
		p.outbox = slices.DeleteFunc(p.outbox, func(m route.Message) bool { return m.Key == key })
		if len(p.outbox) != n-1 && !p.updates[key] {
			t.Fatalf("got cancelled %s, want a message that waits", key)
		}
	}
	for _, g := range res.Groups {
		p.groups[g.Ref()] = g
		if len(g.Members) == 0 {
			delete(p.groups, g.Ref())
			delete(p.toldAt, g.Ref()) // the next run may go on where another group stopped
		}
	}
	again := route.Step(p.at, p.tree, p.input(notices))
	if len(again.Messages)+len(again.Cancelled)+len(again.Groups) > 0 {
		for _, g := range again.Groups {
			t.Logf("group as it was, again differ:\n%s", cmp.Diff(p.groups[g.Ref()], g))
		}
		t.Fatalf("the same step again, got %+v, want nothing", again)
	}
	p.stepped = p.at
	p.audit(p.at)
}

// log writes down what a step led to, for the one run that fails.
func (p *life) log(t *rapid.T, notices []evaluate.Notice, res route.Result) {
	t.Logf("%s", p.at.Format(time.TimeOnly))
	for _, n := range notices {
		t.Logf("  %s %s since %s: %s %s", n.Reason, n.Alert.Fingerprint, n.Alert.FiredAt.Format(time.TimeOnly), n.Alert.State, n.Alert.Severity)
	}
	for _, m := range res.Messages {
		t.Logf("    to %s %s send %s: %v", m.Receiver, m.GroupKey, m.SendAt.Format(time.TimeOnly), m.Items)
	}
	t.Logf("    cancelled %v, suppressed %v", res.Cancelled, res.Suppressed)
}

// needed are the groups that Keys says a step needs.
func (p *life) needed(notices []evaluate.Notice) []route.Group {
	var some []route.Group
	refs, touched := route.Escalations(p.at, p.tree, slices.Collect(maps.Values(p.groups)))
	refs = append(refs, route.Keys(p.tree, notices, nil)...)
	touched = append(touched, route.Touched(p.at, p.tree, p.people(notices))...)
	for ref, g := range p.groups {
		due := !g.Next.IsZero() && !p.at.Before(g.Next)
		has := slices.ContainsFunc(g.Members, func(m route.Member) bool {
			return slices.Contains(touched, m.Alert.Fingerprint) ||
				slices.ContainsFunc(notices, func(n evaluate.Notice) bool { return n.Alert.Fingerprint == m.Alert.Fingerprint })
		})
		if due || has || slices.Contains(refs, ref) {
			some = append(some, g)
		}
	}
	return some
}

// drain lets all timers run, but for the next reminder, with nothing that keeps
// alerts quiet any more.
func (p *life) drain(t *rapid.T) {
	p.pass(t, time.Minute)
	p.tree.Intervals, p.tree.Inhibit, p.silences = nil, nil, nil
	for name := range p.down {
		p.works(name)
	}
	for range 4 {
		p.step(t, nil)
		p.pass(t, 10*time.Minute)
	}
}

func (p *life) endAll(t *rapid.T) {
	p.pass(t, time.Minute)
	var notices []evaluate.Notice
	for _, a := range p.alerts {
		if a.State == evaluate.Firing {
			reason := p.end(a, evaluate.Resolved)
			notices = append(notices, evaluate.Notice{At: p.at, Reason: reason, Alert: *a})
		}
	}
	p.step(t, notices)
}
