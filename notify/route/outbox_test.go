package route_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"alerter/notify/route"
)

// enqueue puts a message into the outbox or replaces the one of its key.
func (p *life) enqueue(t *rapid.T, m route.Message) {
	if p.gone[m.Key] {
		t.Fatalf("got %+v, want no message that has gone already", m)
	}
	if m.SendAt.Before(p.at) || !m.NotAfter.After(m.SendAt) || len(m.Items) == 0 != m.Update {
		t.Fatalf("at %v got %+v, want items and times to come", p.at, m)
	}
	if m.Update {
		p.updates[m.Key] = true
	}
	same := func(o route.Message) bool { return o.Key == m.Key }
	p.outbox = append(slices.DeleteFunc(p.outbox, same), m)
}

// pass lets time pass, in which what becomes due is sent.
func (p *life) pass(t *rapid.T, d time.Duration) {
	p.at = p.at.Add(d)
	p.deliver(t)
}

// deliver sends what is due, what is due first first, to receivers that work.
func (p *life) deliver(t *rapid.T) {
	slices.SortStableFunc(p.outbox, func(a, b route.Message) int { return a.SendAt.Compare(b.SendAt) })
	var kept []route.Message
	for _, m := range p.outbox {
		if m.SendAt.After(p.at) || p.down[m.Receiver] {
			kept = append(kept, m)
			continue
		}
		at := m.SendAt
		if back := p.back[m.Receiver]; back.After(at) {
			at = back
		}
		p.checkDelays(t, m.Receiver, at)
		p.hear(t, m)
		p.audit(at)
	}
	p.outbox = kept
	p.checkDelays(t, "", p.at)
}

// takeEarly lets a message go before its time.
func (p *life) takeEarly(t *rapid.T) {
	if len(p.outbox) == 0 {
		return
	}
	i := rapid.IntRange(0, len(p.outbox)-1).Draw(t, "early")
	// Of one receiver the one that is due first goes first, as from any outbox.
	slices.SortStableFunc(p.outbox, func(a, b route.Message) int { return a.SendAt.Compare(b.SendAt) })
	i = slices.IndexFunc(p.outbox, func(m route.Message) bool { return m.Receiver == p.outbox[i].Receiver })
	m := p.outbox[i]
	if p.down[m.Receiver] {
		return
	}
	p.outbox = slices.Delete(p.outbox, i, i+1)
	p.hear(t, m)
	p.audit(p.at)
	ref := route.GroupRef{Receiver: m.Receiver, Key: m.GroupKey}
	if g, ok := p.groups[ref]; ok && g.Waiting != nil && g.Waiting.Key == m.Key {
		g.Waiting = nil
		p.groups[ref] = g
	}
}
