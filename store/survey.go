package store

import (
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// Survey says how the limits of an organization fared in the minutes [from, to), from
// what is known at at. The limits are those in force then.
func (tx *Tx) Survey(org usage.Organization, from, to, at time.Time, settle time.Duration) ([]evaluate.Fared, error) {
	w, limits, err := tx.past(org, from.Add(-evaluate.SurveyLead), to, at, settle)
	if err != nil {
		return nil, err
	}
	return evaluate.Survey(from, to, settle, func(from, to time.Time) ([]usage.Series, error) {
		w.From, w.To = from, to
		series, _, err := tx.join(w, limits, org, toMS(at))
		return series, err
	})
}

// past is what is needed to join minutes of [from, to), a stretch that is over, as they
// are known at at.
func (tx *Tx) past(org usage.Organization, from, to, at time.Time, settle time.Duration) (usage.Window, usage.Limits, error) {
	w := usage.Window{At: at, Settle: settle}
	source, err := tx.source(org)
	if err != nil {
		return w, usage.Limits{}, err
	}
	w.Prefer = source.Kind
	limits, err := tx.limits(org.ID, toMS(from.Add(-24*time.Hour)), toMS(at))
	if err != nil {
		return w, limits, err
	}
	if w.Reported, err = tx.reported(org.ID, toMS(at)); err != nil {
		return w, limits, err
	}
	w.Progress, err = tx.progress(org.ID, from.Add(-usage.Lookback(limits)), upTo(w.Reported, to.Add(24*time.Hour)), settle, toMS(at))
	return w, limits, err
}
