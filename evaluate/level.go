package evaluate

import "time"

// Level is the memory of one severity of one alert. Time in which nothing was
// known does not count: both times are moved forward by it.
type Level struct {
	Since      time.Time // held without a break since, until it became active; zero: not held
	QuietSince time.Time // active but clear since; zero: not clear
	Active     bool      // held long enough, and not yet clear for long enough
}

// hold counts the moment at as held.
func (l *Level) hold(at time.Time, r *Rule) {
	if l.Since.IsZero() || l.Since.After(at) { // later: the clock was set back
		l.Since = at
	}
	l.QuietSince = time.Time{}
	l.Active = l.Active || at.Sub(l.Since) >= r.For
}

// rest counts the moment at as clear.
func (l *Level) rest(at time.Time, r *Rule) {
	if !l.Active {
		*l = Level{}
		return
	}
	if l.QuietSince.IsZero() || l.QuietSince.After(at) {
		l.QuietSince = at
	}
	if at.Sub(l.QuietSince) >= r.KeepFiringFor {
		*l = Level{}
	}
}

// waver counts a moment as neither held nor clear.
func (l *Level) waver() {
	if !l.Active {
		l.Since = time.Time{}
	}
	l.QuietSince = time.Time{}
}

// pause takes d out of the time that counts.
func (l *Level) pause(d time.Duration) {
	if !l.Active && !l.Since.IsZero() {
		l.Since = l.Since.Add(d)
	}
	if !l.QuietSince.IsZero() {
		l.QuietSince = l.QuietSince.Add(d)
	}
}

// same reports whether both remember the same.
func (l Level) same(m Level) bool {
	return l.Active == m.Active && l.Since.Equal(m.Since) && l.QuietSince.Equal(m.QuietSince)
}
