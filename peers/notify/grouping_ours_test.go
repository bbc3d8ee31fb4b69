package notify

import (
	"maps"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"alerter/config"
	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

// receiversYAML are those that the scenarios' routes name.
const receiversYAML = `
receivers:
  - {name: team, console: {}}
  - {name: mail, console: {}}
  - {name: pager, console: {}}
  - {name: quiet, console: {}, send_resolved: false}
rules:
  - {alert: A, pressure: {}}
  - {alert: B, pressure: {}}
organizations: [{admin_key: sk-ant-admin01-x}]
`

// house plays a scenario through our router, a step a second.
type house struct {
	tree     route.Tree
	groups   map[route.GroupRef]route.Group
	alerts   map[string]evaluate.Alert // by name and workspace
	silences []route.Silence
	waiting  []route.Message
	said     []string
}

// oursOf is what our router tells.
func oursOf(t *testing.T, s scenario) []string {
	t.Helper()
	c, err := config.LoadBytes("rules.yaml", []byte(s.routes+receiversYAML), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatalf("rules.yaml refuses what Alertmanager reads: %v", err)
	}
	h := house{tree: c.Tree, groups: map[route.GroupRef]route.Group{}, alerts: map[string]evaluate.Alert{}}
	began := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for at := 0; at <= s.lasts; at++ {
		now := began.Add(time.Duration(at) * second)
		var notices []evaluate.Notice
		for _, e := range s.events {
			if e.at == at {
				notices = append(notices, h.happens(t, now, e)...)
			}
		}
		h.step(now, notices)
	}
	sort.SliceStable(h.said, func(i, j int) bool { return receiverOf(h.said[i]) < receiverOf(h.said[j]) })
	return h.said
}

// receiverOf is the receiver of a told message.
func receiverOf(said string) string { return said[:strings.Index(said, ":")] }

// happens makes an event, and returns the notices it leads to.
func (h *house) happens(t *testing.T, at time.Time, e happening) []evaluate.Notice {
	t.Helper()
	switch {
	case e.silence != "":
		m, err := route.ParseMatcher(e.silence)
		if err != nil {
			t.Fatal(err)
		}
		h.silences = append(h.silences, route.Silence{ID: "1", Matchers: []route.Matcher{m}, StartsAt: at, EndsAt: at.Add(time.Hour), UpdatedAt: at})
		return nil
	case e.expire:
		h.silences[0].EndsAt = at
		return nil
	case e.over != "":
		name, _, workspace := split(e.over, false)
		a := h.alerts[name+workspace]
		a.State, a.ResolvedAt, a.SteppedAt = evaluate.Resolved, at, at
		h.alerts[name+workspace] = a
		return []evaluate.Notice{{At: at, Reason: evaluate.ReasonResolved, Alert: a}}
	}
	name, severity, workspace := split(e.fire, true)
	a, known := h.alerts[name+workspace]
	reason := evaluate.Fired
	if known {
		reason = evaluate.Escalated
	} else {
		a = evaluate.Alert{
			Fingerprint: evaluate.Fingerprint(name + workspace), Rule: name, Kind: "pressure", State: evaluate.Firing,
			Labels: usage.Labels{Organization: "acme", Workspace: workspace}, PendingAt: at, FiredAt: at,
		}
	}
	a.Severity, a.Worst, a.SteppedAt = evaluate.Severity(severity), evaluate.Severity(severity), at
	h.alerts[name+workspace] = a
	return []evaluate.Notice{{At: at, Reason: reason, Alert: a}}
}

// step routes the notices, and tells what is due.
func (h *house) step(at time.Time, notices []evaluate.Notice) {
	in := route.Input{
		Notices: notices, Groups: slices.Collect(maps.Values(h.groups)), Silences: h.silences,
		Alerts: slices.Collect(maps.Values(h.alerts)),
	}
	out := route.Step(at, h.tree, in)
	for _, g := range out.Groups {
		h.groups[g.Ref()] = g
		if len(g.Members) == 0 {
			delete(h.groups, g.Ref())
		}
	}
	drop := func(key string) {
		h.waiting = slices.DeleteFunc(h.waiting, func(m route.Message) bool { return m.Key == key })
	}
	for _, m := range out.Messages {
		drop(m.Key)
		h.waiting = append(h.waiting, m)
	}
	for _, key := range out.Cancelled {
		drop(key)
	}
	for _, m := range slices.Clone(h.waiting) {
		if !m.SendAt.After(at) {
			h.tell(m)
			drop(m.Key)
		}
	}
}

// tell writes down what a message says of its group.
func (h *house) tell(m route.Message) {
	var alerts []string
	for _, a := range m.Alerts {
		state := "firing"
		if a.State != evaluate.Firing {
			state = "resolved"
		}
		alerts = append(alerts, told(labelsOf(a.Rule, string(a.Severity), a.Labels.Workspace), state))
	}
	slices.Sort(alerts)
	h.said = append(h.said, m.Receiver+": "+strings.Join(alerts, ", "))
}
