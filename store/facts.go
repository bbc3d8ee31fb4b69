package store

import (
	"iter"
	"time"

	"alerter/usage"
)

// Facts reads what is known of an organization at at and joins it: its series,
// its source and its freshness. The series reach back by back beyond the minutes
// that cannot have settled yet. The limit changes and the service's troubles are
// left to the caller.
func (tx *Tx) Facts(org usage.Organization, at time.Time, back, settle time.Duration) (usage.Facts, usage.Unmatched, error) {
	source, err := tx.source(org)
	if err != nil {
		return usage.Facts{}, usage.Unmatched{}, err
	}
	return tx.facts(source, forever, org, at, back, settle)
}

// facts joins what was known at knownMS, which is not before at.
func (tx *Tx) facts(source usage.Source, knownMS int64, org usage.Organization, at time.Time, back, settle time.Duration) (usage.Facts, usage.Unmatched, error) {
	facts := usage.Facts{Organization: org, Settle: settle}
	w := usage.Window{At: at, To: at.Truncate(time.Minute), Settle: settle, Prefer: source.Kind}
	w.From = w.To.Add(-back - settle).Truncate(time.Minute)
	limits, err := tx.limits(org.ID, toMS(w.From.Add(-24*time.Hour)), knownMS)
	if err != nil {
		return facts, usage.Unmatched{}, err
	}
	if w.Reported, err = tx.reported(org.ID, knownMS); err != nil {
		return facts, usage.Unmatched{}, err
	}
	if w.Progress, err = tx.progress(org.ID, w.From.Add(-usage.Lookback(limits)), w.Reported, settle, knownMS); err != nil {
		return facts, usage.Unmatched{}, err
	}
	series, unmatched, err := tx.join(w, limits, org, knownMS)
	if err != nil {
		return facts, usage.Unmatched{}, err
	}
	source.DataAsOf = usage.DataAsOf(w.Reported)
	facts.Groups, facts.Series, facts.Sources = limits.Groups, series, []usage.Source{source}
	return facts, unmatched, nil
}

// join reads the minutes of a window and joins them.
func (tx *Tx) join(w usage.Window, limits usage.Limits, org usage.Organization, knownMS int64) ([]usage.Series, usage.Unmatched, error) {
	var readErr error
	minutes := plain(tx.minutes(org.ID, w.From.Add(-usage.Lookback(limits)), w.To, knownMS), &readErr)
	series, unmatched := usage.Join(w, minutes, limits, org)
	return series, unmatched, readErr
}

// source is where the organization's usage comes from, empty before the first choice.
func (tx *Tx) source(org usage.Organization) (usage.Source, error) {
	sources, err := tx.Sources()
	if err != nil {
		return usage.Source{}, err
	}
	for _, s := range sources {
		if s.OrganizationID == org.ID {
			return s, nil
		}
	}
	return usage.Source{OrganizationID: org.ID, Organization: org.Name}, nil
}

// Consumers reads who uses the limits of ids in the minutes [from, to): the n
// largest of each kind.
func (tx *Tx) Consumers(org usage.Organization, ids []usage.ID, from, to time.Time, n int) (map[usage.ID][]usage.Consumer, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	limits, err := tx.Limits(org.ID, from)
	if err != nil {
		return nil, err
	}
	var readErr error
	top := usage.Consumers(plain(tx.Minutes(org.ID, from, to), &readErr), limits, org, ids, from, to, n)
	return top, readErr
}

// plain passes minutes on until the first error, which it puts into err.
func plain(minutes iter.Seq2[usage.Minute, error], err *error) iter.Seq[usage.Minute] {
	return func(yield func(usage.Minute) bool) {
		for m, e := range minutes {
			if e != nil {
				*err = e
				return
			}
			if !yield(m) {
				return
			}
		}
	}
}
