package store

import (
	"time"

	"alerter/usage"
)

// DayPeaks reads the peaks of one day, which is over, of an organization's series,
// from what is known at at. The series are those of the limits in force then.
func (tx *Tx) DayPeaks(org usage.Organization, day, at time.Time, settle time.Duration) (map[usage.ID]usage.DailyPeak, error) {
	w, limits, err := tx.past(org, day.Add(-usage.PressureWindow), day.Add(24*time.Hour), at, settle)
	if err != nil {
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
