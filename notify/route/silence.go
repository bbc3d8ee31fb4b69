package route

import (
	"errors"
	"slices"
	"time"

	"alerter/evaluate"
)

// SilenceNotice is how long before its end people are told that a silence ends
// while its alert still fires. Silences that last less than twice as long end
// without a word before.
const SilenceNotice = 15 * time.Minute

// Silence keeps alerts from being told for a while, as in Alertmanager
// (https://prometheus.io/docs/alerting/latest/alertmanager/#silences). One that
// is expired by hand is one whose EndsAt is that moment.
type Silence struct {
	ID        string
	Matchers  []Matcher // all must match; empty: none does
	CreatedBy string
	Comment   string
	StartsAt  time.Time
	EndsAt    time.Time // exclusive
	UpdatedAt time.Time // when a person last wrote it
}

// The states of a silence.
const (
	SilencePending = "pending" // it has not begun
	SilenceActive  = "active"
	SilenceExpired = "expired"
)

// State is where the silence stands at that moment: one of the Silence constants.
func (s Silence) State(at time.Time) string {
	switch {
	case !at.Before(s.EndsAt):
		return SilenceExpired
	case at.Before(s.StartsAt):
		return SilencePending
	}
	return SilenceActive
}

// Silences reports whether the silence is about the alert, whether it is active or
// not. One that is about the service itself must be named: by a matcher
// alertname="…". Else a silence of everything would also silence the news that
// nothing is sent any more.
func (s Silence) Silences(a evaluate.Alert) bool {
	return len(s.Matchers) > 0 && matchesAlert(s.Matchers, &a, Labels(a))
}

// matchesAlert reports whether what keeps alerts quiet is about this one.
func matchesAlert(matchers []Matcher, a *evaluate.Alert, labels map[string]string) bool {
	return MatchesAll(matchers, labels) && (a.Kind != evaluate.KindSystem || namesAlert(matchers))
}

// namesAlert reports whether there is a matcher alertname="…".
func namesAlert(matchers []Matcher) bool {
	return slices.ContainsFunc(matchers, func(m Matcher) bool { return m.Name == labelAlertname && m.Op == opEqual })
}

// lastYear is the last one that RFC 3339 can write: with a later end, a list of
// silences could not be shown as JSON any more.
const lastYear = 9999

// Check reports what a silence lacks, joined: matchers of labels that alerts have,
// one of which at least would not match a missing label, an author, and an end after
// its beginning that can be written down.
func (s Silence) Check() error {
	var errs []error
	if len(s.Matchers) == 0 {
		errs = append(errs, errors.New("it has no matchers: say which alerts it is about"))
	}
	if len(s.Matchers) > 0 && MatchesAll(s.Matchers, nil) {
		errs = append(errs, errors.New("its matchers are fulfilled by every alert: name a value"))
	}
	for _, m := range s.Matchers {
		errs = append(errs, checkLabel("matchers", m.Name), wrap("matchers", m.check()))
	}
	if s.CreatedBy == "" {
		errs = append(errs, errors.New("it has no author: say who silences"))
	}
	if s.Comment == "" {
		errs = append(errs, errors.New("it has no comment: say why"))
	}
	if !s.EndsAt.After(s.StartsAt) {
		errs = append(errs, errors.New("it ends before it begins"))
	}
	if s.EndsAt.UTC().Year() > lastYear {
		errs = append(errs, errors.New("it ends after the year 9999"))
	}
	return errors.Join(errs...)
}
