package replay

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/usage"
)

// Result is what one moment led to.
type Result struct {
	Facts       []usage.Facts    // what was known, one per organization; valid until the next step
	Alerts      []evaluate.Alert // pending, firing, and those that ended now
	Transitions []evaluate.Transition
	Notices     []evaluate.Notice
	// Sent are the messages that go out from this moment on and before the next,
	// as they then stand, by SendAt.
	Sent []route.Message
	// Suppressed is what was not told though a receiver might expect it.
	Suppressed []route.Suppression
}

// Play takes the service's two steps, one moment after the other, and keeps
// between them what the service keeps in its database: alerts, groups, and messages
// whose time has not come. Set Rules and Tree, which have been checked, and change
// neither while it runs; Tree without a root tells nobody.
type Play struct {
	Rules []evaluate.Rule
	Tree  route.Tree
	// Silences are at least those that are active at the next step; set them before it.
	Silences []route.Silence
	// Acks are those of episodes that last; set them before a step too.
	Acks []route.Ack

	stepped map[string]time.Time         // when each organization's last step was
	alerts  map[string][]evaluate.Alert  // by organization: pending and firing
	records map[string]*evaluate.Records // by organization
	groups  map[route.GroupRef]route.Group
	waiting []route.Message
}

// Step moves everything to the moment at, which is later than the one before.
// The next one will be at next: what is to be sent before that is sent as it
// stands. Facts are one organization's each; their SteppedAt is filled in.
func (p *Play) Step(at, next time.Time, facts ...usage.Facts) Result {
	if p.stepped == nil {
		p.stepped = make(map[string]time.Time)
		p.alerts = make(map[string][]evaluate.Alert)
		p.records = make(map[string]*evaluate.Records)
		p.groups = make(map[route.GroupRef]route.Group)
	}
	res := Result{Facts: facts}
	for i := range facts {
		f := &facts[i]
		id := f.Organization.ID
		f.SteppedAt = p.stepped[id]
		r := evaluate.Step(at, p.Rules, f, p.alerts[id])
		if p.records[id] == nil {
			p.records[id] = &evaluate.Records{}
		}
		p.records[id].Keep(p.records[id].Step(at, f, &r))
		p.stepped[id], p.alerts[id] = at, r.Live()
		res.Alerts = append(res.Alerts, r.Alerts...)
		res.Transitions = append(res.Transitions, r.Transitions...)
		res.Notices = append(res.Notices, r.Notices...)
	}
	p.route(at, &res)
	res.Sent = p.send(next)
	return res
}

// route turns the step's notices into messages. Nothing can come of it while there
// are none and no group's time has come.
func (p *Play) route(at time.Time, res *Result) {
	in := route.Input{Notices: res.Notices, Silences: p.Silences, Acks: p.Acks, Alerts: p.firing(res.Alerts)}
	if len(in.Notices) == 0 && !p.due(at) && len(route.Touched(at, p.Tree, in)) == 0 {
		return
	}
	in.Groups = slices.Collect(maps.Values(p.groups))
	route.Refresh(in.Groups, res.Alerts)
	out := route.Step(at, p.Tree, in)
	for _, g := range out.Groups {
		if len(g.Members) == 0 && g.Waiting == nil {
			delete(p.groups, g.Ref())
			continue
		}
		p.groups[g.Ref()] = g
	}
	for _, key := range out.Cancelled {
		p.waiting = slices.DeleteFunc(p.waiting, func(m route.Message) bool { return m.Key == key })
	}
	for _, m := range out.Messages {
		p.enqueue(m)
	}
	res.Suppressed = out.Suppressed
}

// firing is every alert as it is now, where one may keep another quiet: those of
// the step, and of the organizations that it was not about. Else it is the step's.
func (p *Play) firing(stepped []evaluate.Alert) []evaluate.Alert {
	if len(p.Tree.Inhibit) == 0 {
		return stepped
	}
	var all []evaluate.Alert
	for _, alerts := range p.alerts {
		all = append(all, alerts...)
	}
	return all
}

// due reports whether a group must be looked at though nothing happened.
func (p *Play) due(at time.Time) bool {
	for _, g := range p.groups {
		if !g.Next.IsZero() && !g.Next.After(at) {
			return true
		}
	}
	return false
}

// enqueue lets a message wait for its time, in place of what it replaces.
func (p *Play) enqueue(m route.Message) {
	same := func(w route.Message) bool { return w.Key == m.Key && w.Receiver == m.Receiver }
	if i := slices.IndexFunc(p.waiting, same); i >= 0 {
		p.waiting[i] = m
		return
	}
	p.waiting = append(p.waiting, m)
}

// send takes out what goes before the next step, which can change it no more.
func (p *Play) send(next time.Time) []route.Message {
	var sent []route.Message
	p.waiting = slices.DeleteFunc(p.waiting, func(m route.Message) bool {
		goes := m.SendAt.Before(next)
		if goes {
			sent = append(sent, m)
		}
		return goes
	})
	slices.SortStableFunc(sent, func(a, b route.Message) int {
		return cmp.Or(a.SendAt.Compare(b.SendAt), cmp.Compare(a.Receiver, b.Receiver), cmp.Compare(a.GroupKey, b.GroupKey))
	})
	return sent
}
