package route_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"alerter/evaluate"
	"alerter/notify/route"
)

// drawQuiet adds what keeps alerts quiet whatever their route.
func drawQuiet(t *rapid.T, tree *route.Tree) {
	tree.Intervals = map[string][]route.TimeInterval{
		"even": {{Times: []route.Range{{First: 12 * 60, Last: 13 * 60}, {First: 14 * 60, Last: 15 * 60}}}},
	}
	tree.Root.MuteTimeIntervals, tree.Root.ActiveTimeIntervals = nil, nil
	if rapid.Bool().Draw(t, "inhibits") {
		tree.Inhibit = []route.InhibitRule{{
			Source: matchers(t, `severity="critical"`), Target: matchers(t, `severity!="critical"`), Equal: []string{"workspace"},
		}}
	}
}

func drawTerms(t *rapid.T, boss string) route.Terms {
	terms := route.Terms{ReminderBackoff: rapid.SampledFrom([]float64{0, 1, 2}).Draw(t, "backoff")}
	switch rapid.IntRange(0, 3).Draw(t, "interval") {
	case 0:
		terms.MuteTimeIntervals = []string{"even"}
	case 1:
		terms.ActiveTimeIntervals = []string{"even"}
	}
	if rapid.Bool().Draw(t, "escalates") {
		terms.EscalateAfter, terms.EscalateTo = 5*time.Minute, boss
	}
	if rapid.IntRange(0, 3).Draw(t, "flap") == 0 {
		terms.Flap = route.Flap{Changes: 3, Within: 8 * time.Minute}
	}
	return terms
}

func matchers(t *rapid.T, texts ...string) (list []route.Matcher) {
	for _, text := range texts {
		m, err := route.ParseMatcher(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

// silence begins a silence, or ends one by hand.
func (p *life) silence(t *rapid.T) {
	if len(p.silences) > 0 && rapid.Bool().Draw(t, "expire") {
		i := rapid.IntRange(0, len(p.silences)-1).Draw(t, "which")
		if p.silences[i].EndsAt.After(p.at) {
			p.silences[i].EndsAt = p.at
		}
		return
	}
	span := time.Duration(rapid.SampledFrom([]int{1, 20, 40, 300}).Draw(t, "minutes")) * time.Minute
	text := rapid.SampledFrom([]string{`severity="warning"`, `workspace="prod"`, `alertname=~".+"`}).Draw(t, "silence")
	p.silences = append(p.silences, route.Silence{
		ID: fmt.Sprint(len(p.silences)), Matchers: matchers(t, text), StartsAt: p.at, EndsAt: p.at.Add(span),
	})
}

func (p *life) acknowledge(t *rapid.T) {
	a := rapid.SampledFrom(p.alerts).Draw(t, "acknowledged")
	if a.State == evaluate.Firing {
		p.acks = append(p.acks, route.Ack{Fingerprint: a.Fingerprint, FiredAt: a.FiredAt, Worst: a.Worst, At: p.at, By: "anna"})
	}
}

// people is what a step decides from beside the groups.
func (p *life) people(notices []evaluate.Notice) route.Input {
	in := route.Input{Notices: notices, Silences: p.silences, Acks: p.acks}
	for _, a := range p.alerts {
		in.Alerts = append(in.Alerts, *a)
	}
	return in
}

func (p *life) input(notices []evaluate.Notice) route.Input {
	in := p.people(notices)
	in.Groups = p.needed(notices)
	for i := range in.Groups {
		in.Groups[i].Members = slices.Clone(in.Groups[i].Members)
	}
	route.Refresh(in.Groups, in.Alerts)
	return in
}

// checkQuiet makes sure that a message that is decided now says nothing of what
// something keeps quiet.
func (p *life) checkQuiet(t *rapid.T, m route.Message) {
	for _, it := range m.Items {
		a, _ := m.Alert(it)
		switch it.Reason {
		case evaluate.ReasonResolved, evaluate.ReasonWithdrawn, evaluate.ReasonAcknowledged, evaluate.SilenceEnding:
			continue
		}
		if a.State != evaluate.Firing && !it.FiredAt.Equal(p.at) {
			continue // it was over at once, and waits since then
		}
		for _, s := range p.silences {
			if s.State(p.at) == route.SilenceActive && s.Silences(a) {
				t.Fatalf("got %+v, want nothing of what is silenced", it)
			}
		}
		if other := p.inhibitor(&a); other != nil {
			t.Fatalf("got %+v, want nothing of what is inhibited by %s", it, other.Fingerprint)
		}
		for _, k := range p.acks {
			if it.Reason == evaluate.Reminder && k.Holds(a) {
				t.Fatalf("got %+v, want no reminder of what is acknowledged", it)
			}
		}
	}
}

// checkShown makes sure that a receiver's card is never brought back to how it was.
func (p *life) checkShown(t *rapid.T, m route.Message) {
	if m.Update && !p.tree.Receivers[m.Receiver].Edits {
		t.Fatalf("got an update for %s, which takes none", m.Receiver)
	}
	ref := route.GroupRef{Receiver: m.Receiver, Key: m.GroupKey}
	if m.Update && m.At.Before(p.shownAt[ref]) {
		t.Fatalf("got an update of %v after a message of %v", m.At, p.shownAt[ref])
	}
	if m.At.After(p.shownAt[ref]) {
		p.shownAt[ref] = m.At
	}
}
