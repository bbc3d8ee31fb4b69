package route

import (
	"slices"
	"time"

	"alerter/evaluate"
)

// Step decides what to tell whom. It depends on nothing but its arguments, not on
// the order of anything in them either, and changes none of them. The same step
// again, on its own result, leads to no message.
func Step(at time.Time, tree Tree, in Input) Result {
	changes := collapse(in.Notices)
	s := newStep(at, tree, in, changes)
	// Ends come first, so that a message which tells the end of an episode can
	// go before the beginning of the next one is decided.
	for _, c := range changes {
		s.end(c)
	}
	for _, c := range changes {
		s.part(c)
	}
	targets := s.retime(changes)
	for i, c := range changes {
		switch {
		case c.momentary:
			s.momentary(c.alert, targets[i])
		case !isOver(c.alert):
			s.firing(c.alert, targets[i])
		}
	}
	for _, c := range s.cards {
		c.review()
	}
	s.escalate()
	return s.result()
}

// step is one step at work.
type step struct {
	at     time.Time
	router *router
	quiet  *quiet
	cards  map[GroupRef]*card
	// holders lists, for the alerts of this step, the groups that had them
	// before it, sorted by name.
	holders    map[evaluate.Fingerprint][]*card
	suppressed []Suppression
}

func newStep(at time.Time, tree Tree, in Input, changes []change) *step {
	s := &step{
		at: at, router: newRouter(tree, in.Failing), quiet: newQuiet(at, tree, in),
		cards:   make(map[GroupRef]*card, len(in.Groups)),
		holders: make(map[evaluate.Fingerprint][]*card, len(changes)),
	}
	for _, c := range changes {
		s.holders[c.alert.Fingerprint] = nil
	}
	for i := range in.Groups {
		c := s.card(in.Groups[i])
		c.stored = true
		for j := range c.Members {
			print := c.Members[j].Alert.Fingerprint
			list, asked := s.holders[print]
			if asked && (len(list) == 0 || list[len(list)-1] != c) {
				s.holders[print] = append(list, c)
			}
		}
	}
	for _, list := range s.holders {
		slices.SortFunc(list, byName)
	}
	return s
}

// card is the work on the group of that name, which may be new.
func (s *step) card(g Group) *card {
	c := &card{Group: g, step: s, at: s.at}
	c.options, c.reachable = s.router.tree.Receivers[g.Receiver]
	c.settle()
	s.cards[g.Ref()] = c
	return c
}

// retime finds the targets of each change, and gives the groups among them that are
// there the timers that their routes have now: these hold for every alert of a group,
// also for those that are gone through first.
func (s *step) retime(changes []change) [][]target {
	all := make([][]target, len(changes))
	for i, ch := range changes {
		if isOver(ch.alert) && !ch.momentary {
			continue
		}
		all[i] = s.router.targets(ch.alert)
		for _, t := range all[i] {
			if c := s.cards[t.ref]; c != nil {
				c.retime(t.node)
			}
		}
	}
	return all
}

// open returns the card of a target, a new one if there is none, with the
// timers that its route has now.
func (s *step) open(t target) *card {
	c := s.cards[t.ref]
	if c == nil {
		c = s.card(Group{Key: t.ref.Key, Receiver: t.ref.Receiver, Labels: t.labels})
	}
	c.retime(t.node)
	return c
}

// sorted are the cards that are wanted, in the order of their names.
func (s *step) sorted(wanted func(*card) bool) []*card {
	var cards []*card
	for _, c := range s.cards {
		if wanted(c) {
			cards = append(cards, c)
		}
	}
	slices.SortFunc(cards, byName)
	return cards
}

// byName orders cards by their groups.
func byName(a, b *card) int { return a.Ref().Compare(b.Ref()) }

// result finishes the cards and gathers what they came to, in the order of their
// names; messages that tell an end at once, since its alert fires again, go first.
func (s *step) result() Result {
	cards := s.sorted(func(*card) bool { return true })
	var r Result
	var groups, messages int
	for _, c := range cards {
		c.finish()
		if c.parted != nil {
			r.Messages = append(r.Messages, *c.parted)
		}
		if c.message != nil {
			messages++
		}
		if c.changed {
			groups++
		}
	}
	// A burst makes many, and both are large.
	r.Groups, r.Messages = slices.Grow(r.Groups, groups), slices.Grow(r.Messages, messages)
	for _, c := range cards {
		if c.message != nil {
			r.Messages = append(r.Messages, *c.message)
		}
		if c.edited != nil {
			r.Messages = append(r.Messages, *c.edited)
		}
		for _, key := range []string{c.cancelled, c.outdone} {
			if key != "" {
				r.Cancelled = append(r.Cancelled, key)
			}
		}
		if c.changed {
			r.Groups = append(r.Groups, c.Group)
		}
	}
	r.Suppressed = slices.Concat(s.suppressed, s.takenBack(cards, r.Messages))
	slices.SortFunc(r.Suppressed, Suppression.compare)
	return r
}
