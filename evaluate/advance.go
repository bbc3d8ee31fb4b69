package evaluate

import "time"

// over reports whether the alert's episode has ended, or never began.
func (a *Alert) over() bool { return a.State != Pending && a.State != Firing }

// begin makes the alert of a verdict that holds.
func (s *stepper) begin(k key, r *Rule, v *Verdict) {
	if s.index == nil {
		s.index = make(map[key]int)
	}
	s.index[k] = isNew
	a := Alert{
		Fingerprint: fingerprint(k.alertname, &k.subject), Rule: k.alertname, Subject: k.subject,
		State: Inactive, PendingAt: s.at, Peak: float64(v.Reading.Value),
	}
	describe(&a, r, v)
	s.noteLimit(&a, v)
	if v.Momentary {
		s.pass(a, v)
		return
	}
	s.settle(&a, r, v)
	s.keep(a, true)
}

// advance moves an alert that is pending or firing.
func (s *stepper) advance(before *Alert, r *Rule, v *Verdict) {
	a := *before
	describe(&a, r, v)
	s.noteLimit(&a, v)
	for i := range a.Levels {
		a.Levels[i].pause(s.unseen)
	}
	if v.Gone {
		s.end(&a, Resolved, v.Reading.Value)
	} else {
		s.settle(&a, r, v)
	}
	s.keep(a, !a.same(before))
}

// describe brings what does not move an alert up to date.
func describe(a *Alert, r *Rule, v *Verdict) {
	a.Kind, a.Labels, a.RepeatInterval = r.Condition.Kind(), v.Labels, r.RepeatInterval
	if !v.Reading.Value.Known() || v.Unknown && v.AtLeast == None {
		return // the newest known reading stays; a lower bound would look like relief
	}
	a.Reading = v.Reading
	if Percent(float64(v.Reading.Value)) > Percent(a.Peak) {
		a.Peak = float64(v.Reading.Value)
	}
}

// settle moves the levels, and then the state to where they are.
func (s *stepper) settle(a *Alert, r *Rule, v *Verdict) {
	for i := range a.Levels {
		switch l, rank := &a.Levels[i], i+1; {
		case v.AtLeast.Rank() >= rank:
			l.hold(s.at, r)
		case v.AtMost.Rank() < rank:
			l.rest(s.at, r)
		case v.Unknown:
			l.pause(s.passed - s.unseen)
		default:
			l.waver()
		}
	}
	a.reach(s.at, v)
	active, held := worst(&a.Levels)
	switch {
	case active != None:
		s.fire(a, active, v.Reading.Value)
	case a.State == Firing:
		s.end(a, Resolved, v.Reading.Value)
	case held != None:
		s.move(a, Pending, held, v.Reading.Value, "")
	default:
		s.end(a, Inactive, v.Reading.Value)
	}
	if v.Reading.Value.Known() && a.Severity != None {
		a.Reading.Threshold = Number(v.Levels[a.Severity.Rank()-1])
	}
}

// reach notes the severities that are active for the first time in the episode.
func (a *Alert) reach(at time.Time, v *Verdict) {
	for i := range a.Levels {
		if r := &a.Reached[i]; a.Levels[i].Active && r.At.IsZero() && v.Levels[i] != 0 {
			*r = Reached{At: at, Level: Number(v.Levels[i])}
		}
	}
}

// worst is the worst active severity, and the worst that is held on the way there.
func worst(levels *[3]Level) (active, held Severity) {
	for i, l := range levels {
		if l.Active {
			active = Severities[i]
		} else if !l.Since.IsZero() {
			held = Severities[i]
		}
	}
	return active, held
}

// fire moves an alert to firing, or to another severity while it fires. Each
// severity is told once in an episode. One that is back is only noticed: who was
// told of it is reminded in time, and who was not shall hear of it.
func (s *stepper) fire(a *Alert, to Severity, value Number) {
	var told Reason
	switch {
	case a.State != Firing:
		told = Fired
		a.FiredAt, a.Worst = s.at, to
	case to.Rank() > a.Worst.Rank():
		told = Escalated
		a.Worst = to
	case to.Rank() < a.Severity.Rank():
		told = Eased
	default:
		told = Reminder
	}
	s.move(a, Firing, to, value, told)
}

// end ends an episode. The severity stays what it was last.
func (s *stepper) end(a *Alert, to State, value Number) {
	var told Reason
	switch {
	case a.State != Firing:
		to = Inactive // what nobody has heard of just goes
	case to == Resolved:
		told = ReasonResolved
	case to == Withdrawn:
		told = ReasonWithdrawn
	}
	a.Levels, a.ResolvedAt = [3]Level{}, s.at
	s.move(a, to, a.Severity, value, told)
}

// pass fires an alert that is over at once: it is told when it fires, and that
// it is over is no news.
func (s *stepper) pass(a Alert, v *Verdict) {
	a.Reading.Threshold = Number(v.Levels[v.AtLeast.Rank()-1])
	s.fire(&a, v.AtLeast, v.Reading.Value)
	a.ResolvedAt = s.at
	s.move(&a, Resolved, a.Severity, v.Reading.Value, "")
	s.keep(a, true)
}

// move records a change of state or severity. The alert will be the next one kept.
func (s *stepper) move(a *Alert, to State, severity Severity, value Number, told Reason) {
	if a.State == to && a.Severity == severity {
		return
	}
	t := Transition{
		At: s.at, Fingerprint: a.Fingerprint, FromState: a.State, ToState: to,
		From: a.Severity, To: severity, Value: value,
	}
	a.State, a.Severity = to, severity
	if a.over() {
		t.To = None
	}
	s.moves = append(s.moves, move{alert: len(s.alerts), transition: t, told: told})
}

// same reports whether both differ by nothing but their reading.
func (a *Alert) same(b *Alert) bool {
	for i := range a.Levels {
		if !a.Levels[i].same(b.Levels[i]) {
			return false
		}
	}
	return a.Fingerprint == b.Fingerprint && a.Rule == b.Rule && a.Kind == b.Kind &&
		a.Subject == b.Subject && a.Labels == b.Labels &&
		a.State == b.State && a.Severity == b.Severity && a.Worst == b.Worst &&
		a.PendingAt.Equal(b.PendingAt) && a.FiredAt.Equal(b.FiredAt) && a.ResolvedAt.Equal(b.ResolvedAt) &&
		a.RepeatInterval == b.RepeatInterval && a.Peak == b.Peak && a.Why == b.Why &&
		a.LimitReached.At.Equal(b.LimitReached.At)
}
