package replay

import (
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// wholeDay is a day of peaks.
const wholeDay = 24 * time.Hour

// outlook is how the daily peaks grow of what a history, or a case, has shown so far.
type outlook struct {
	next   time.Time // the day to be read next
	peaks  map[usage.ID][]usage.DailyPeak
	trends map[usage.ID]usage.Trend
}

// newOutlook looks at what is used from a time on; nil where no rule asks for it.
func newOutlook(rules []evaluate.Rule, from time.Time) *outlook {
	if !evaluate.LooksAtTrends(rules) {
		return nil
	}
	return &outlook{next: from.UTC().Truncate(wholeDay), peaks: make(map[usage.ID][]usage.DailyPeak)}
}

// look reads the days that are over by at and shown up to the end, each as it is
// known now, and gives the trends. At the first look these may be many; of them
// only those count that a trend looks at.
func (o *outlook) look(at, end time.Time, series func(from, to time.Time) []usage.Series) map[usage.ID]usage.Trend {
	if o == nil {
		return nil
	}
	if delayed := at.Add(-usage.PeakDelay); delayed.Before(end) {
		end = delayed
	}
	end = end.Truncate(wholeDay)
	if oldest := end.Add(-evaluate.TrendDays * wholeDay); o.next.Before(oldest) {
		o.next = oldest
	}
	changed := make(map[usage.ID]bool)
	for ; o.next.Before(end); o.next = o.next.Add(wholeDay) {
		peaks, _ := usage.DayPeaks(o.next, func(from, to time.Time) ([]usage.Series, error) { return series(from, to), nil })
		for id, peak := range peaks {
			kept := o.peaks[id]
			o.peaks[id] = append(kept[max(0, len(kept)-evaluate.TrendDays):], peak)
			changed[id] = true
		}
	}
	if len(changed) == 0 {
		return o.trends
	}
	if o.trends == nil {
		o.trends = make(map[usage.ID]usage.Trend)
	}
	for id := range changed {
		o.trends[id] = evaluate.TrendOf(o.peaks[id])
	}
	return o.trends
}
