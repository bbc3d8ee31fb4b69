package route

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"alerter/evaluate"
)

// Input is what a step decides from, beyond the time and the routes.
type Input struct {
	Notices []evaluate.Notice
	// Groups are those that exist, in any order: at least those that [Keys],
	// [Touched] and [Escalations] describe.
	Groups []Group
	// Failing names the receivers that do not work at the moment, which only
	// alerts about the service itself avoid.
	Failing map[string]bool
	// Silences are at least those that are active.
	Silences []Silence
	// Acks are at least those of episodes that last.
	Acks []Ack
	// Alerts are at least those that fire and have been acknowledged, may be
	// silenced, or may inhibit others or be inhibited: all that fire will do.
	Alerts []evaluate.Alert
}

// Touched lists the alerts that a silence, an inhibition or an acknowledgement is
// about, sorted. A step needs the groups that have them, though nothing happened
// to them: people did something.
func Touched(at time.Time, tree Tree, in Input) []evaluate.Fingerprint {
	q := newQuiet(at, tree, in)
	if !q.any() {
		return nil
	}
	var prints []evaluate.Fingerprint
	for i := range in.Alerts {
		if a := &in.Alerts[i]; a.State == evaluate.Firing && q.concerns(a) {
			prints = append(prints, a.Fingerprint)
		}
	}
	slices.Sort(prints)
	return slices.Compact(prints)
}

// quiet is what keeps alerts quiet in one step.
type quiet struct {
	silences []Silence // active
	coming   []Silence // that have not begun
	acks     map[evaluate.Fingerprint][]Ack
	rules    []inhibition
}

// inhibition is a rule and the alerts that fire and match its source.
type inhibition struct {
	*InhibitRule
	sources []labelled // by fingerprint
}

func newQuiet(at time.Time, tree Tree, in Input) *quiet {
	q := &quiet{}
	for _, s := range in.Silences {
		switch {
		case len(s.Matchers) == 0:
		case s.State(at) == SilenceActive:
			q.silences = append(q.silences, s)
		case s.State(at) == SilencePending:
			q.coming = append(q.coming, s)
		}
	}
	for _, k := range in.Acks {
		if q.acks == nil {
			q.acks = make(map[evaluate.Fingerprint][]Ack)
		}
		q.acks[k.Fingerprint] = append(q.acks[k.Fingerprint], k)
	}
	if len(tree.Inhibit) > 0 {
		q.rules = inhibitions(tree.Inhibit, in.Alerts)
	}
	return q
}

// inhibitions are the rules that have a source among the alerts.
func inhibitions(rules []InhibitRule, alerts []evaluate.Alert) []inhibition {
	var firing []labelled
	for i := range alerts {
		if a := &alerts[i]; a.State == evaluate.Firing {
			firing = append(firing, labelled{a, Labels(*a)})
		}
	}
	slices.SortFunc(firing, func(a, b labelled) int { return cmp.Compare(a.alert.Fingerprint, b.alert.Fingerprint) })
	var active []inhibition
	for i := range rules {
		r := inhibition{InhibitRule: &rules[i]}
		for _, source := range firing {
			if MatchesAll(r.Source, source.labels) {
				r.sources = append(r.sources, source)
			}
		}
		if len(r.sources) > 0 {
			active = append(active, r)
		}
	}
	return active
}

// any reports whether there is anything that could keep an alert quiet.
func (q *quiet) any() bool { return len(q.silences)+len(q.acks)+len(q.rules) > 0 }

// concerns reports whether something of it is about the alert.
func (q *quiet) concerns(a *evaluate.Alert) bool {
	if _, acked := q.ack(a); acked {
		return true
	}
	_, silenced := q.silence(a)
	return silenced || q.inhibitor(a) != ""
}

// silence is the active silence of the alert that ends last.
func (q *quiet) silence(a *evaluate.Alert) (longest Silence, found bool) {
	if len(q.silences) == 0 {
		return longest, false
	}
	labels := Labels(*a)
	for _, s := range q.silences {
		ends := s.EndsAt.Compare(longest.EndsAt)
		if (!found || ends > 0 || ends == 0 && s.ID > longest.ID) && matchesAlert(s.Matchers, a, labels) {
			longest, found = s, true
		}
	}
	return longest, found
}

// goesOn reports whether another silence takes over from the one of the alert that
// ends then, without a gap.
func (q *quiet) goesOn(a *evaluate.Alert, ends time.Time) bool {
	for _, s := range q.coming {
		if !s.StartsAt.After(ends) && s.EndsAt.After(ends) && matchesAlert(s.Matchers, a, Labels(*a)) {
			return true
		}
	}
	return false
}

// ack is the newest acknowledgement of the alert's episode that holds.
func (q *quiet) ack(a *evaluate.Alert) (newest Ack, found bool) {
	for _, k := range q.acks[a.Fingerprint] {
		if k.Holds(*a) && (!found || k.later(newest)) {
			newest, found = k, true
		}
	}
	return newest, found
}

// silencedBy are the ids of the active silences of the alert, sorted.
func (q *quiet) silencedBy(a *evaluate.Alert) (ids []string) {
	if len(q.silences) == 0 {
		return nil
	}
	labels := Labels(*a)
	for _, s := range q.silences {
		if matchesAlert(s.Matchers, a, labels) {
			ids = append(ids, s.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// inhibitor is the alert that keeps this one quiet: of the first rule that does, the
// first by fingerprint. Empty: none does.
func (q *quiet) inhibitor(a *evaluate.Alert) evaluate.Fingerprint {
	for by := range q.inhibitors(a) {
		return by
	}
	return ""
}

// inhibitedBy are the alerts that fire and keep this one quiet, sorted, each once.
func (q *quiet) inhibitedBy(a *evaluate.Alert) []evaluate.Fingerprint {
	return slices.Compact(slices.Sorted(q.inhibitors(a)))
}

// inhibitors are the alerts that fire and keep this one quiet, rule by rule.
func (q *quiet) inhibitors(a *evaluate.Alert) iter.Seq[evaluate.Fingerprint] {
	return func(yield func(evaluate.Fingerprint) bool) {
		if len(q.rules) == 0 {
			return
		}
		target := labelled{a, Labels(*a)}
		for _, r := range q.rules {
			for i := range r.sources {
				if r.inhibits(&r.sources[i], &target) && !yield(r.sources[i].alert.Fingerprint) {
					return
				}
			}
		}
	}
}

// Standings says what people have done about each of the alerts, in their order.
func Standings(at time.Time, silences []Silence, acks []Ack, alerts []evaluate.Alert) []Standing {
	q := newQuiet(at, Tree{}, Input{Silences: silences, Acks: acks})
	list := make([]Standing, len(alerts))
	for i := range alerts {
		if a := &alerts[i]; isOver(a) {
			list[i] = Standing{Fingerprint: a.Fingerprint, FiredAt: a.FiredAt}
		} else {
			list[i] = q.standing(a)
		}
	}
	return list
}

// standing is what people have done about one alert.
func (q *quiet) standing(a *evaluate.Alert) Standing {
	done := Standing{Fingerprint: a.Fingerprint, FiredAt: a.FiredAt}
	if k, ok := q.ack(a); ok {
		done.AcknowledgedAt, done.AcknowledgedBy = k.At, k.By
	}
	if s, ok := q.silence(a); ok {
		done.SilencedUntil, done.SilencedBy = s.EndsAt, s.CreatedBy
	}
	return done
}
