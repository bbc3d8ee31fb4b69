package evaluate

import (
	"cmp"
	"slices"
	"time"

	"alerter/usage"
)

// Result is what a step leads to.
type Result struct {
	// Alerts are all pending and firing ones and those that ended in this step,
	// sorted by fingerprint. A pending alert that ended is inactive.
	Alerts []Alert
	// Changed is the subset that differs from prior by more than its reading. Prior
	// with Changed applied is what the next step may be given.
	Changed     []Alert
	Transitions []Transition // in the order of Alerts
	Notices     []Notice     // in the order of Alerts
}

// Live are the alerts that the next step starts from: those pending and firing.
func (r *Result) Live() []Alert {
	var live []Alert
	for i := range r.Alerts {
		if !r.Alerts[i].over() {
			live = append(live, r.Alerts[i])
		}
	}
	return live
}

// unwatched is how long a look vouches for what comes after it. The service may
// look seldom, then the time between looks counts; but of a longer break, as
// after an outage, only this much does: nobody saw the rest.
const unwatched = 10 * time.Minute

// precision is how exact the moments of a step are. Finer ones would not be the
// same any more once they were stored, and FiredAt names an episode.
const precision = time.Millisecond

// Step moves one organization's alerts to the moment at, in whole milliseconds.
//
// The rules have passed [Rule.Check] and have different names; a rule that is
// disabled is not among them. Prior are the alerts as the step at
// facts.SteppedAt left them, in any order; those that are over are passed over.
// Nothing is modified, and Result shares no memory with prior that either side
// may change.
//
// An alert is held at a level when the verdict is at least that bad, clear when
// it is at most less bad, and stands still when that is unknown. In between, a
// level that is pending is no longer held and an active one is not quiet.
// An active level ends at the first step at which it has been clear for
// keep_firing_for, as in Prometheus: 16 minutes after the last minute that was
// not, where steps are a minute apart and keep_firing_for is 15 minutes.
//
// The same step again, with its own result as prior, changes and tells nothing.
func Step(at time.Time, rules []Rule, facts *usage.Facts, prior []Alert) Result {
	s := newStepper(at, facts, prior)
	for i := range rules {
		r := &rules[i]
		for v := range r.Condition.Verdicts(s.at, r.Match, facts) {
			s.judge(r, &v)
		}
	}
	s.leave(rules)
	return s.result()
}

// key is what identifies an alert while a step runs; its fingerprint is only made
// when the alert is new.
type key struct {
	alertname string
	subject   Subject
}

// stepper is one step under way.
type stepper struct {
	at    time.Time
	facts *usage.Facts
	prior []Alert
	index map[key]int // of prior; isNew for alerts that this step began
	met   []bool      // prior alerts that a verdict has named

	passed time.Duration // since the previous step
	unseen time.Duration // the part of it that nobody watched

	alerts  []Alert
	changed []bool // by index of alerts
	moves   []move
}

const isNew = -1

// move is a transition of the alert with that index, and the reason to tell of
// it, which may be empty.
type move struct {
	alert      int
	transition Transition
	told       Reason
}

func newStepper(at time.Time, facts *usage.Facts, prior []Alert) *stepper {
	s := &stepper{at: at.UTC().Truncate(precision), facts: facts, prior: prior, met: make([]bool, len(prior))}
	if !facts.SteppedAt.IsZero() {
		s.passed = max(s.at.Sub(facts.SteppedAt), 0)
		s.unseen = max(s.passed-unwatched, 0)
	}
	if len(prior) > 0 {
		s.alerts = make([]Alert, 0, len(prior))
		s.changed = make([]bool, 0, len(prior))
		s.index = make(map[key]int, len(prior))
		for i := range prior {
			s.index[key{prior[i].Rule, prior[i].Subject}] = i
		}
	}
	return s
}

// judge moves the alert that a verdict is about, if there is one or has to be.
func (s *stepper) judge(r *Rule, v *Verdict) {
	k := key{r.Alert, v.Subject}
	if v.Alertname != "" {
		k.alertname = v.Alertname
	}
	var before *Alert
	if len(s.index) > 0 {
		if i, ok := s.index[k]; ok {
			if i == isNew || s.met[i] {
				return // one verdict per alert and step: the first
			}
			s.met[i], before = true, &s.prior[i]
		}
	}
	if before != nil && before.over() && before.ResolvedAt.Equal(s.at) {
		s.keep(*before, false) // ended by this very step, which is being repeated
		return
	}
	if before == nil || before.over() {
		if v.AtLeast == None || v.Gone {
			return
		}
		s.begin(k, r, v)
		return
	}
	s.advance(before, r, v)
}

// leave ends the alerts that no verdict has named.
func (s *stepper) leave(rules []Rule) {
	var why absence
	for i := range s.prior {
		switch a := s.prior[i]; {
		case s.met[i]:
		case !a.over():
			if why.rules == nil {
				why = newAbsence(rules, s.facts)
			}
			s.depart(a, &why)
		case a.ResolvedAt.Equal(s.at):
			s.keep(a, false)
		}
	}
}

// keep adds an alert to the result.
func (s *stepper) keep(a Alert, changed bool) {
	if changed {
		a.SteppedAt = s.at
	}
	s.alerts = append(s.alerts, a)
	s.changed = append(s.changed, changed)
}

// result sorts what was collected by fingerprint.
func (s *stepper) result() Result {
	order := make([]int, len(s.alerts))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Compare(s.alerts[i].Fingerprint, s.alerts[j].Fingerprint)
	})
	var res Result
	if len(order) > 0 {
		res.Alerts = make([]Alert, len(order))
		res.Changed = slices.Grow(res.Changed, count(s.changed))
	}
	if len(s.moves) > 0 {
		res.Transitions = make([]Transition, 0, len(s.moves))
		res.Notices = slices.Grow(res.Notices, len(s.moves))
	}
	place := make([]int, len(order))
	for to, from := range order {
		res.Alerts[to], place[from] = s.alerts[from], to
		if s.changed[from] {
			res.Changed = append(res.Changed, s.alerts[from])
		}
	}
	slices.SortStableFunc(s.moves, func(a, b move) int { return cmp.Compare(place[a.alert], place[b.alert]) })
	for _, m := range s.moves {
		res.Transitions = append(res.Transitions, m.transition)
		if m.told != "" {
			res.Notices = append(res.Notices, Notice{At: s.at, Reason: m.told, Alert: res.Alerts[place[m.alert]]})
		}
	}
	return res
}

// count is how many are true.
func count(all []bool) int {
	n := 0
	for _, one := range all {
		if one {
			n++
		}
	}
	return n
}
