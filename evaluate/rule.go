package evaluate

import (
	"errors"
	"fmt"
	"time"
)

// Rule says what to look for and for how long. It is what a row of the rules
// table holds.
type Rule struct {
	Alert          string        // the alertname, unique
	Condition      Condition     // of one kind
	For            time.Duration // a level must hold this long before it fires
	KeepFiringFor  time.Duration // and be clear this long before it ends
	RepeatInterval time.Duration // zero: the route's
	Match          Match
}

// Check reports everything that is wrong with the rule, joined; each message
// starts with the key it is about.
func (r Rule) Check() error {
	var errs []error
	if r.Alert == "" {
		errs = append(errs, errors.New("alert: the alertname is empty"))
	}
	for _, span := range [...]struct {
		key  string
		span time.Duration
	}{
		{"for", r.For}, {"keep_firing_for", r.KeepFiringFor}, {"repeat_interval", r.RepeatInterval},
	} {
		if span.span < 0 {
			errs = append(errs, fmt.Errorf("%s: %v is negative", span.key, span.span))
		}
	}
	if r.Condition == nil {
		errs = append(errs, errors.New("alert: the rule has no kind"))
		return errors.Join(errs...)
	}
	errs = append(errs, parts(r.Condition.Check())...)
	return errors.Join(errs...)
}

// parts are the single errors that were joined into err; none for nil.
func parts(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	switch {
	case err == nil:
		return nil
	case !ok:
		return []error{err}
	}
	var single []error
	for _, part := range joined.Unwrap() {
		single = append(single, parts(part)...)
	}
	return single
}
