package store

import (
	"time"

	"alerter/usage"
)

// DayPeaks reads the peaks of one day, which is over, of an organization's series,
// from what is known at at. The series are those of the limits in force then.
func (tx *Tx) DayPeaks(org usage.Organization, day, at time.Time, settle time.Duration) (map[usage.ID]usage.DailyPeak, error) {
	source, err := tx.source(org)
	if err != nil {
		return nil, err
	}
	w := usage.Window{At: at, Settle: settle, Prefer: source.Kind}
	limits, err := tx.limits(org.ID, toMS(day.Add(-24*time.Hour)), toMS(at))
	if err != nil {
		return nil, err
	}
	if w.Reported, err = tx.reported(org.ID, toMS(at)); err != nil {
		return nil, err
	}
	from := day.Add(-usage.PressureWindow - usage.Lookback(limits))
	if w.Progress, err = tx.progress(org.ID, from, upTo(w.Reported, day.Add(48*time.Hour)), settle, toMS(at)); err != nil {
		return nil, err
	}
	return usage.DayPeaks(day, func(from, to time.Time) ([]usage.Series, error) {
		w.From, w.To = from, to
		series, _, err := tx.join(w, limits, org, toMS(at))
		return series, err
	})
}

// upTo cuts how far reports have come: that one went on long after a day says
// nothing more of it, and need not be looked through.
func upTo(reported map[usage.SourceKind]time.Time, latest time.Time) map[usage.SourceKind]time.Time {
	cut := make(map[usage.SourceKind]time.Time, len(reported))
	for kind, newest := range reported {
		if cut[kind] = newest; newest.After(latest) {
			cut[kind] = latest
		}
	}
	return cut
}
