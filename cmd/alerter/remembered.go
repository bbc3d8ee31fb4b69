package main

import (
	"errors"
	"iter"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/evaluate/replay"
	"alerter/store"
	"alerter/usage"
)

// memory is the steps that the service took, as the database remembers them.
type memory struct {
	tx     *store.Tx
	settle func(organization string) time.Duration
	back   time.Duration
	ticks  []pastTick
	last   map[string]time.Time // each organization's last step
	trends map[string]store.Trends
	err    error
}

// pastTick is one step of one organization.
type pastTick struct {
	at  time.Time
	org usage.Organization
}

// remembered finds every step.
func remembered(tx *store.Tx, settle func(string) time.Duration, back time.Duration) (*memory, error) {
	m := &memory{tx: tx, settle: settle, back: back, last: make(map[string]time.Time), trends: make(map[string]store.Trends)}
	orgs, err := tx.Organizations()
	if err != nil {
		return nil, err
	}
	for _, org := range orgs {
		ticks, err := tx.Ticks(org.ID, time.Unix(0, 0), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			return nil, err
		}
		for _, at := range ticks {
			m.ticks = append(m.ticks, pastTick{at, org})
		}
	}
	if len(m.ticks) == 0 {
		return nil, errors.New("the database remembers no step yet: let `alerter run` look at least once")
	}
	slices.SortStableFunc(m.ticks, func(a, b pastTick) int { return a.at.Compare(b.at) })
	return m, nil
}

// span is the time of all steps.
func (m *memory) span() replay.Span {
	return replay.Span{From: m.ticks[0].at, To: m.ticks[len(m.ticks)-1].at.Add(time.Minute)}
}

// cut leaves out the steps outside a span.
func (m *memory) cut(span replay.Span) {
	m.ticks = slices.DeleteFunc(m.ticks, func(t pastTick) bool { return t.at.Before(span.From) || !t.at.Before(span.To) })
}

// play takes the steps again in each play, with what was known then. It stops at the
// first error, which it leaves in err.
func (m *memory) play(plays []*replay.Play) iter.Seq2[time.Time, []replay.Result] {
	return func(yield func(time.Time, []replay.Result) bool) {
		each := make([]replay.Result, len(plays))
		trends := slices.ContainsFunc(plays, func(p *replay.Play) bool { return evaluate.LooksAtTrends(p.Rules) })
		for i, t := range m.ticks {
			next := t.at.Add(time.Minute)
			if i+1 < len(m.ticks) {
				next = m.ticks[i+1].at
			}
			facts, err := m.facts(t)
			if err == nil && trends {
				m.trends[t.org.ID], err = m.tx.Trends(t.org.ID, t.at, m.trends[t.org.ID])
				facts.Trends = m.trends[t.org.ID].Of
			}
			if err == nil {
				err = m.people(t.at, plays)
			}
			if err != nil {
				m.err = err
				return
			}
			for k, p := range plays {
				each[k] = p.Step(t.at, next, facts)
			}
			if !yield(t.at, each) {
				return
			}
		}
	}
}

// people hands on what people had written by a step.
func (m *memory) people(at time.Time, plays []*replay.Play) error {
	silences, err := m.tx.SilencesAsOf(at)
	if err != nil {
		return err
	}
	acks, err := m.tx.AcksAsOf(at)
	for _, p := range plays {
		p.Silences, p.Acks = silences, acks
	}
	return err
}

// facts is what the service knew at a step.
func (m *memory) facts(t pastTick) (usage.Facts, error) {
	facts, _, err := m.tx.FactsKnown(t.org, t.at, m.back, m.settle(t.org.Name))
	if err != nil {
		return facts, err
	}
	if last := m.last[t.org.ID]; !last.IsZero() {
		facts.Changes, err = m.tx.Changes(t.org.ID, last, t.at)
	}
	m.last[t.org.ID] = t.at
	return facts, err
}
