package route_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"alerter/evaluate"
	"alerter/notify/route"
)

// What a receiver may believe though it is not so.
const (
	knowsTooLittle = "does not know how bad it is"
	knowsNoEnd     = "thinks that it lasts"
	fearsTooMuch   = "thinks that it is worse"
	showsOld       = "has a card that shows another severity"
	knowsNoNeglect = "does not know that nobody acknowledged it"
)

// belief is what a receiver believes of an episode though it is not so.
type belief struct{ receiver, episode, what string }

// views are what receivers believe, held against how things are.
type views struct {
	since    map[belief]time.Time                            // each that is not so, and since when
	unheeded map[belief]time.Time                            // since when what one receiver heard waits for another to be told
	shown    map[route.GroupRef]map[string]evaluate.Severity // what fires by each card, by episode
	flapping map[string]evaluate.Severity                    // by receiver and alert: the worst of which it was told that it flaps
	changed  map[evaluate.Fingerprint]time.Time              // when the alert last did
	stepped  time.Time                                       // the last step: what came after it nobody can know of
	down     map[string]bool                                 // receivers that fail
	back     map[string]time.Time                            // when a receiver that failed worked again
}

func newViews() views {
	return views{
		since: map[belief]time.Time{}, unheeded: map[belief]time.Time{}, shown: map[route.GroupRef]map[string]evaluate.Severity{},
		flapping: map[string]evaluate.Severity{}, changed: map[evaluate.Fingerprint]time.Time{},
		down: map[string]bool{}, back: map[string]time.Time{},
	}
}

// delay is how long the receiver may believe what is not so, as docs/configuration.md
// says: until the first message of a group has waited group_wait, or one more
// its group_interval; by the longer of two trees, since a message that waits at a
// reload keeps its time. Another receiver is told by the timers of the route that
// escalates to it, and at once.
func (p *life) delay(b belief) time.Duration {
	if b.what == knowsNoNeglect {
		return 0
	}
	var longest time.Duration
	var walk func(n *route.Node)
	walk = func(n *route.Node) {
		if n.Receiver == b.receiver || n.EscalateTo == b.receiver {
			longest = max(longest, n.GroupWait, n.GroupInterval)
		}
		for _, child := range n.Routes {
			walk(child)
		}
	}
	for _, tree := range p.trees {
		walk(tree.Root)
	}
	return longest
}

// checkDelays makes sure that until that moment no receiver, or not the one that is
// named, has believed for too long what is not so. While a receiver fails, its time
// does not count: what it hears first when it works again may be old.
func (p *life) checkDelays(t *rapid.T, receiver string, at time.Time) {
	for b, since := range p.since {
		if p.down[b.receiver] || receiver != "" && b.receiver != receiver {
			continue
		}
		if back := p.back[b.receiver]; back.After(since) {
			since = back
		}
		if at.After(since.Add(p.delay(b))) {
			t.Fatalf("at %s, %s %s since %s: %s, want %s at most",
				at.Format(time.TimeOnly), b.receiver, b.what, since.Format(time.TimeOnly), b.episode, p.delay(b))
		}
	}
}

// audit notes what receivers believe at that moment.
func (p *life) audit(at time.Time) {
	wrong := map[belief]bool{}
	unheeded := map[belief]time.Time{}
	for name, h := range p.heard {
		receiver, episode, _ := strings.Cut(name, " ")
		if p.over[episode] && h.ends == 0 && !h.momentary && p.tree.Receivers[receiver].SendResolved {
			wrong[belief{receiver, episode, knowsNoEnd}] = true
		}
	}
	for _, a := range p.alerts {
		if a.State == evaluate.Firing {
			for _, n := range p.tree.Route(route.Labels(*a)) {
				p.auditOne(at, a, n, wrong, unheeded)
			}
		}
	}
	p.auditCards(wrong)
	p.unheeded = unheeded
	maps.DeleteFunc(p.since, func(b belief, _ time.Time) bool { return !wrong[b] })
	for b := range wrong {
		if _, known := p.since[b]; !known {
			p.since[b] = at
		}
	}
}

// auditOne looks at what the receiver of one route believes of an alert that fires.
func (p *life) auditOne(at time.Time, a *evaluate.Alert, n *route.Node, wrong map[belief]bool, unheeded map[belief]time.Time) {
	if p.keptQuiet(a, n) {
		return
	}
	episode := episodeName(a.Fingerprint, a.FiredAt)
	of := func(receiver string) hearing {
		if h := p.heard[receiver+" "+episode]; h != nil {
			return *h
		}
		return hearing{}
	}
	h, rank := of(n.Receiver), a.Severity.Rank()
	if n.NotifyEased && h.told.Rank() > rank {
		wrong[belief{n.Receiver, episode, fearsTooMuch}] = true
	}
	if a.Severity == evaluate.Info && !n.NotifyInfo {
		return
	}
	if h.worst.Rank() < rank {
		wrong[belief{n.Receiver, episode, knowsTooLittle}] = true
	}
	acknowledged := slices.ContainsFunc(p.acks, func(k route.Ack) bool { return k.Holds(*a) })
	if n.EscalateAfter == 0 || acknowledged || p.down[n.Receiver] || of(n.EscalateTo).worst.Rank() >= min(h.worst.Rank(), rank) {
		return
	}
	waits := belief{n.Receiver, episode, n.EscalateTo + " " + string(h.worst)} // a worse level has its own time
	unheeded[waits] = at
	if since, known := p.unheeded[waits]; known {
		unheeded[waits] = since
	}
	if !p.stepped.Before(unheeded[waits].Add(n.EscalateAfter)) {
		wrong[belief{n.EscalateTo, episode, knowsNoNeglect}] = true
	}
}

// auditCards looks at the cards of receivers that can edit what they show.
func (p *life) auditCards(wrong map[belief]bool) {
	for ref, g := range p.groups {
		for _, m := range g.Members {
			episode := episodeName(m.Alert.Fingerprint, m.Alert.FiredAt)
			i := slices.IndexFunc(p.alerts, func(a *evaluate.Alert) bool { return a.Fingerprint == m.Alert.Fingerprint })
			shown, shows := p.shown[ref][episode]
			if shows && !p.over[episode] && p.tree.Receivers[ref.Receiver].Edits && shown != p.alerts[i].Severity {
				wrong[belief{ref.Receiver, episode + " in " + ref.Key, showsOld}] = true
			}
		}
	}
}

// keptQuiet reports whether at the last step something let the route tell nothing of
// the alert.
func (p *life) keptQuiet(a *evaluate.Alert, n *route.Node) bool {
	in := func(name string) bool {
		return slices.ContainsFunc(p.tree.Intervals[name], func(ti route.TimeInterval) bool { return ti.Contains(p.stepped) })
	}
	silenced := slices.ContainsFunc(p.silences, func(s route.Silence) bool { return s.State(p.stepped) == route.SilenceActive && s.Silences(*a) })
	muted := slices.ContainsFunc(n.MuteTimeIntervals, in) ||
		len(n.ActiveTimeIntervals) > 0 && len(p.tree.Intervals) > 0 && !slices.ContainsFunc(n.ActiveTimeIntervals, in)
	told := p.flapping[n.Receiver+" "+string(a.Fingerprint)]
	calm := n.Flap.Changes > 0 && a.Severity.Rank() <= told.Rank() && p.stepped.Sub(p.changed[a.Fingerprint]) < n.Flap.Within
	return silenced || muted || calm || p.inhibitor(a) != nil
}

// inhibitor is an alert that keeps a quiet, if there is one.
func (p *life) inhibitor(a *evaluate.Alert) *evaluate.Alert {
	i := slices.IndexFunc(p.alerts, func(other *evaluate.Alert) bool {
		return len(p.tree.Inhibit) > 0 && other.Fingerprint != a.Fingerprint && other.State == evaluate.Firing && other.Severity == evaluate.Critical &&
			a.Severity != evaluate.Critical && other.Labels.Workspace == a.Labels.Workspace
	})
	if i < 0 {
		return nil
	}
	return p.alerts[i]
}

// see takes what a message shows into its receiver's view.
func (p *life) see(m route.Message) {
	shown := map[string]evaluate.Severity{}
	for _, a := range m.Alerts {
		if a.State == evaluate.Firing {
			shown[episodeName(a.Fingerprint, a.FiredAt)] = a.Severity
		}
	}
	p.shown[route.GroupRef{Receiver: m.Receiver, Key: m.GroupKey}] = shown
	for _, it := range m.Items {
		alert := m.Receiver + " " + string(it.Fingerprint)
		if it.Flapping && it.Severity.Rank() > p.flapping[alert].Rank() {
			p.flapping[alert] = it.Severity
		}
	}
}

// fail lets a receiver fail, or work again.
func (p *life) fail(t *rapid.T) {
	name := fmt.Sprintf("%s%d", rapid.SampledFrom([]string{"r", "b"}).Draw(t, "kind"), rapid.IntRange(0, 4).Draw(t, "receiver"))
	if p.down[name] {
		p.works(name)
	} else {
		p.down[name] = true
	}
}

// works lets a receiver that failed work again.
func (p *life) works(name string) {
	delete(p.down, name)
	p.back[name] = p.at
}
