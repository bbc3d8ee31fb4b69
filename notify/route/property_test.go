package route_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"alerter/evaluate"
	"alerter/notify/route"
)

// TestReceiversHearTheTruth plays random alerts through random routes, with
// reloads and a deliverer that takes messages early, and holds what each
// receiver heard against what happened:
//
//   - of each episode it hears fired first, then only worse levels (or, after
//     the last escalation, milder ones), and nothing twice but reminders;
//   - it hears the end of what it heard exactly once, and of nothing else;
//   - the end of one episode comes before the beginning of the next;
//   - between a reminder and the news or the reminder before it there is a repeat interval;
//   - once all timers have run, it has heard of everything its routes lead to it
//     at no less than the present level;
//   - a message that has gone is never replaced or cancelled;
//   - nothing but ends, acknowledgements and that a silence ends is decided while an alert is
//     silenced, inhibited or muted, and no reminder while it is acknowledged;
//   - what a message was to tell and does not any more is told by another one, or noted with a reason;
//   - it believes nothing that is not so for longer than its route's timers allow,
//     and its card shows nothing else for longer, see [life.delay];
//   - updates go to receivers that take them, after what was decided before them;
//   - once everything is over, no group is left.
func TestReceiversHearTheTruth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := newLife(t)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			p.randomStep(t)
		}
		p.drain(t)
		p.checkHeardOfAll(t)
		p.endAll(t)
		p.drain(t)
		p.checkEnds(t)
		if len(p.groups) > 0 {
			t.Fatalf("got groups %v after everything ended, want none", p.groups)
		}
	})
}

// hearing is what one receiver heard of one episode.
type hearing struct {
	worst, told evaluate.Severity
	ends        int
	momentary   bool
	foretold    bool // by silence_ending, perhaps alone
}

func episodeName(print evaluate.Fingerprint, firedAt time.Time) string {
	return fmt.Sprintf("%s %s", print, firedAt.Format(time.RFC3339))
}

// hear holds a message against what its receiver heard before.
func (p *life) hear(t *rapid.T, m route.Message) {
	p.gone[m.Key] = true
	p.see(m)
	p.checkShown(t, m)
	p.checkPace(t, m)
	for _, it := range m.Items {
		a, ok := m.Alert(it)
		if !ok {
			t.Fatalf("got no alert for %+v in %+v", it, m)
		}
		name := m.Receiver + " " + episodeName(it.Fingerprint, it.FiredAt)
		h := p.heard[name]
		if h == nil {
			h = &hearing{momentary: it.Reason == evaluate.Fired && a.State != evaluate.Firing}
			p.heard[name] = h
		}
		if h.ends > 0 || h.momentary && h.worst != evaluate.None {
			t.Fatalf("%s after the end: %+v", name, it)
		}
		if why := h.take(it); why != "" {
			t.Fatalf("%s: %s: %+v after %+v", name, why, it, h)
		}
		if !h.momentary {
			p.checkOrder(t, m.Receiver, it)
		}
	}
}

// take says what is wrong with it, if anything.
func (h *hearing) take(it route.Item) string {
	begins := it.Reason == evaluate.Fired || it.Reason == evaluate.Unacknowledged || it.Reason == evaluate.SilenceEnding
	if !begins && h.worst == evaluate.None && !h.foretold {
		return "nothing was heard before"
	}
	switch it.Reason {
	case evaluate.SilenceEnding:
		h.foretold = true
	case evaluate.ReasonAcknowledged:
		h.told = it.Severity
	case evaluate.Unacknowledged:
		if it.Severity.Rank() <= h.worst.Rank() {
			return "not worse"
		}
		h.worst, h.told = it.Severity, it.Severity
	case evaluate.Fired:
		if h.worst != evaluate.None {
			return "fired twice"
		}
		h.worst, h.told = it.Severity, it.Severity
	case evaluate.Escalated:
		if it.Severity.Rank() <= h.worst.Rank() {
			return "not worse"
		}
		h.worst, h.told = it.Severity, it.Severity
	case evaluate.Reminder:
		h.told = it.Severity
	case evaluate.Eased:
		if it.Severity.Rank() >= h.told.Rank() {
			return "not milder"
		}
		h.told = it.Severity
	case evaluate.ReasonResolved, evaluate.ReasonWithdrawn:
		h.ends++
	}
	return ""
}

// checkOrder makes sure that an episode is not spoken of before the end of the
// one before it, where its end is told at all.
func (p *life) checkOrder(t *rapid.T, receiver string, it route.Item) {
	key := receiver + " " + string(it.Fingerprint)
	name := receiver + " " + episodeName(it.Fingerprint, it.FiredAt)
	if last := p.current[key]; last != "" && last != name {
		before := p.heard[last]
		if p.tree.Receivers[receiver].SendResolved && before.ends == 0 {
			t.Fatalf("%s: got %+v before the end of %s", receiver, it, last)
		}
		if last > name {
			t.Fatalf("%s: got %+v after %s", receiver, it, last)
		}
	}
	p.current[key] = max(p.current[key], name)
}

// checkPace makes sure that no reminder comes sooner after the news, or the
// reminder before it, than the shortest repeat interval that could count.
func (p *life) checkPace(t *rapid.T, m route.Message) {
	has := func(reason evaluate.Reason) bool {
		return slices.ContainsFunc(m.Items, func(it route.Item) bool { return it.Reason == reason })
	}
	ref := route.GroupRef{Receiver: m.Receiver, Key: m.GroupKey}
	if last, ok := p.toldAt[ref]; ok && has(evaluate.Reminder) && m.At.Sub(last) < p.shortestRepeat(m.Receiver) {
		t.Fatalf("got %+v, want no reminder so soon after %v", m, last)
	}
	if has(evaluate.Fired) || has(evaluate.Reminder) {
		p.toldAt[ref] = m.At
	}
}

// shortestRepeat is that of the receiver's routes in any tree, and of the alerts.
func (p *life) shortestRepeat(receiver string) time.Duration {
	shortest := time.Hour
	var walk func(n *route.Node)
	walk = func(n *route.Node) {
		if n.Receiver == receiver {
			shortest = min(shortest, n.RepeatInterval)
		}
		for _, child := range n.Routes {
			walk(child)
		}
	}
	for _, tree := range p.trees {
		walk(tree.Root)
	}
	return shortest
}

// checkHeardOfAll makes sure that the routes' receivers know how bad it is.
func (p *life) checkHeardOfAll(t *rapid.T) {
	for _, a := range p.alerts {
		if a.State != evaluate.Firing {
			continue
		}
		for _, n := range p.tree.Route(route.Labels(*a)) {
			if a.Severity == evaluate.Info && !n.NotifyInfo {
				continue
			}
			h := p.heard[n.Receiver+" "+episodeName(a.Fingerprint, a.FiredAt)]
			if h == nil || h.worst.Rank() < a.Severity.Rank() {
				t.Fatalf("%s is %s, %s heard %+v", a.Fingerprint, a.Severity, n.Receiver, h)
			}
		}
	}
}

// checkEnds makes sure that whoever heard heard the end, once.
func (p *life) checkEnds(t *rapid.T) {
	for name, h := range p.heard {
		receiver, episode := name[:2], name[3:]
		want := 0
		if p.over[episode] && !h.momentary && p.tree.Receivers[receiver].SendResolved {
			want = 1
		}
		if h.ends != want {
			t.Fatalf("%s: got %d ends, want %d", name, h.ends, want)
		}
	}
}
